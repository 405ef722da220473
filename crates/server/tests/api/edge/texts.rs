//! The document's own requests, as they are and with texts that no database keeps.

use axum::http::Method;
use serde_json::{Value, json};

use crate::support::{Answer, Person, TestApp, TestOperator, TestTenant};

/// Method, path and example of each operation that takes a body, to be sent by somebody of `acme`.
fn requests(acme: &TestTenant) -> Vec<(Method, String, Value)> {
    let document = serde_json::to_value(erpmax_server::openapi::document()).expect("the document is JSON");
    let paths = document["paths"].as_object().expect("paths").clone();
    let of_item = |(path, item): (String, Value)| {
        let path = path.replace("{id}", &acme.id).replace("{user_id}", &acme.owner.id).replace("{provider}", "sandbox");
        let item = item.as_object().cloned().unwrap_or_default();
        let with_body = item.into_iter().filter(|(_, operation)| operation.get("requestBody").is_some());
        with_body.map(move |(method, operation)| {
            let example = operation["requestBody"]["content"]["application/json"]["example"].clone();
            (method.to_uppercase().parse().expect("a method"), path.clone(), example)
        })
    };
    paths.into_iter().flat_map(of_item).collect()
}

/// Who sends them: somebody of `acme`, and what operators ask for an operator.
struct Senders {
    owner: Person,
    operator: TestOperator,
}

impl Senders {
    async fn of(app: &TestApp, acme: &TestTenant) -> Self {
        Self { owner: acme.owner.clone(), operator: app.operator("chief").await }
    }

    async fn send(&self, method: &Method, path: &str, body: &Value) -> Answer {
        let person = if path.starts_with("/operator/") { &*self.operator } else { &self.owner };
        person.call(method.clone(), path).json(body).send().await
    }
}

#[tokio::test]
async fn the_documents_examples_are_understood() {
    let app = TestApp::start().await;
    let acme = app.tenant("acme").await;
    let senders = Senders::of(&app, &acme).await;
    let mut requests = requests(&acme);
    // The other examples know the first password.
    requests.sort_by_key(|(_, path, _)| path == "/auth/password/change");
    for (method, path, example) in requests {
        let answer = senders.send(&method, &path, &example).await;
        assert!(!["malformed_request", "unsupported_media_type"].contains(&answer.code()), "{path}: {}", answer.text);
        let refused = answer.body["error"]["details"].as_object().cloned().unwrap_or_default();
        // No example can know the ids of an installation's plans, or the code of this moment.
        assert!(refused.keys().all(|field| field == "plan_id" || field == "code"), "{path}: {}", answer.text);
    }
}

#[tokio::test]
async fn a_nul_in_any_text_is_refused_with_its_field() {
    let app = TestApp::start().await;
    let acme = app.tenant("acme").await;
    let senders = Senders::of(&app, &acme).await;
    let mut tried = 0;
    for (method, path, example) in requests(&acme) {
        let fields = example.as_object().cloned().unwrap_or_default();
        for (name, _) in fields.iter().filter(|(_, value)| value.is_string()) {
            let mut body = example.clone();
            body[name] = json!("a\0b");
            let answer = senders.send(&method, &path, &body).await;
            if path == "/sso/erpnext/callback" {
                // Sites are told the same of every pass that is none.
                answer.refused(403, "forbidden");
            } else {
                answer.invalid(&[name]);
            }
            tried += 1;
        }
    }
    assert!(tried > 15, "only {tried} fields were tried");
}

#[tokio::test]
async fn a_nul_deep_inside_is_found() {
    let app = TestApp::start().await;
    let acme = app.tenant("acme").await;
    for settings in [json!({"note": ["a\0"]}), json!({"a\0": 1}), json!({"a": {"b": "\0"}})] {
        acme.owner.patch(&acme.path(""), json!({"settings": settings})).await.invalid(&["settings"]);
    }
    acme.owner.patch(&acme.path(""), json!({"settings": {"note": "a\\0b"}})).await.ok();
}
