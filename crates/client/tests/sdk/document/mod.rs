//! SDK and OpenAPI document, held against each other: every operation has a method, which sends what the document knows and
//! reads what the document promises.

mod calls;
mod sample;

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};

use erpmax_client::store::MemoryStore;
use erpmax_client::{ApiClient, Patience};
use serde_json::Value;

use crate::support::{Hostile, Play, Seen, signed_in};
use calls::calls;
use sample::{Document, Operation};

#[tokio::test]
async fn every_operation_has_a_method_that_fits_it() {
    let document = Arc::new(Document::read());
    let hostile = Stage::open(document.clone()).await;
    let calls = calls();
    let known: BTreeSet<_> = calls.iter().map(|call| call.operation).collect();
    let mut faults: Vec<String> =
        document.operations().filter(|operation| !known.contains(&*operation.id)).map(missing).collect();
    for call in &calls {
        match document.find(call.operation) {
            Some(operation) => faults.extend(hostile.fault_of(call, &operation).await),
            None => faults
                .extend([format!("{} is not in docs/openapi.json: remove its method and its call", call.operation)]),
        }
    }
    assert!(faults.is_empty(), "SDK and docs/openapi.json differ:\n{}", faults.join("\n"));
}

fn missing(operation: Operation) -> String {
    let Operation { id, method, path, .. } = operation;
    let area = id.split('.').next().unwrap_or_default();
    format!(
        "{id} ({method} {path}) has no method: add it to crates/client/src/endpoints.rs and src/services/{area}.rs, \
         and call it in crates/client/tests/sdk/document/calls.rs"
    )
}

/// A server that answers what the document promises.
struct Stage {
    hostile: Hostile,
    on_stage: Arc<Mutex<Option<Operation>>>,
}

impl Stage {
    async fn open(document: Arc<Document>) -> Self {
        let on_stage = Arc::<Mutex<Option<Operation>>>::default();
        let current = on_stage.clone();
        let answer = move |_: &Seen| {
            let operation = current.lock().expect("nobody panics").clone().expect("an operation is called");
            let (kind, body) = document.answer(&operation);
            let kind = match kind.as_str() {
                "text/csv" => "content-type: text/csv\r\n",
                "application/gzip" => "content-type: application/gzip\r\n",
                _ => "content-type: application/json\r\n",
            };
            Play::Answer(operation.status, kind, body)
        };
        Self { hostile: Hostile::start(answer).await, on_stage }
    }

    /// What is wrong with the method of an operation.
    async fn fault_of(&self, call: &calls::Call, operation: &Operation) -> Option<String> {
        *self.on_stage.lock().expect("nobody panics") = Some(operation.clone());
        let before = self.hostile.seen().len();
        let has_tokens = operation.is_signed || operation.id == "auth.refresh";
        let store = if has_tokens { signed_in("old") } else { MemoryStore::default() };
        let builder = self.hostile.builder().token_store(store).patience(Patience::NONE);
        let client: ApiClient = builder.build().expect("a client");
        let read = (call.make)(client).await;
        let seen = self.hostile.seen().split_off(before);
        let outcome = match (read, seen.as_slice()) {
            (Err(error), _) => Err(format!("its answer is not understood: {error}")),
            (Ok(read), [seen]) => operation.fits(seen).and_then(|()| operation.holds(&read)),
            (Ok(_), seen) => Err(format!("it sends {} requests", seen.len())),
        };
        outcome.err().map(|fault| format!("{}: {fault}", operation.id))
    }
}

/// The keys of `value` that `other` lacks, with their paths.
fn lost(value: &Value, other: &Value, path: &str, lost_keys: &mut Vec<String>) {
    match (value, other) {
        (Value::Object(object), Value::Object(others)) => {
            for (key, value) in object {
                let path = format!("{path}.{key}");
                match others.get(key) {
                    Some(other) => lost(value, other, &path, lost_keys),
                    None => lost_keys.push(path),
                }
            }
        }
        (Value::Array(items), Value::Array(others)) => {
            for (value, other) in items.iter().zip(others) {
                lost(value, other, path, lost_keys);
            }
        }
        _ => {}
    }
}
