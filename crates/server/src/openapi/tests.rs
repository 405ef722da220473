//! What the document promises of every operation.

use std::collections::BTreeSet;

use erpmax_types::api_keys::Scope;
use serde_json::{Map, Value, json};

use crate::api::scopes;

struct Operation {
    name: String,
    path: String,
    value: Value,
}

fn document() -> Value {
    json!(super::document())
}

fn operations() -> Vec<Operation> {
    let document = document();
    let paths = document["paths"].as_object().expect("paths are an object");
    let all = paths.iter().flat_map(|(path, item)| {
        item.as_object().expect("an item is an object").iter().map(move |(method, value)| Operation {
            name: format!("{method} {path}"),
            path: path.clone(),
            value: value.clone(),
        })
    });
    all.collect()
}

/// `GET /path` of `get /path`.
fn in_capitals(name: &str) -> String {
    let (method, path) = name.split_once(' ').expect("method and path");
    format!("{} {path}", method.to_uppercase())
}

fn contents(operation: &Operation) -> impl Iterator<Item = &Value> {
    let responses = operation.value["responses"].as_object().into_iter().flat_map(Map::values);
    let bodies = operation.value.get("requestBody").into_iter().chain(responses);
    bodies.flat_map(|body| body["content"].as_object().into_iter().flat_map(Map::values))
}

fn says_something(value: &Value) -> bool {
    value.as_str().is_some_and(|text| !text.is_empty())
}

#[test]
fn every_operation_says_what_it_does() {
    for operation in operations() {
        for part in ["summary", "description"] {
            assert!(says_something(&operation.value[part]), "{} has no {part}", operation.name);
        }
    }
}

#[test]
fn every_request_and_answer_has_an_example() {
    for operation in operations() {
        for content in contents(&operation) {
            assert!(!content["example"].is_null(), "{}", operation.name);
        }
    }
}

#[test]
fn every_operation_names_its_errors_by_status_and_code() {
    for operation in operations() {
        let responses = operation.value["responses"].as_object().expect("responses are an object");
        assert!(responses.keys().any(|status| status.starts_with('2')), "{}", operation.name);
        let errors = responses.iter().filter(|(status, _)| !status.starts_with('2'));
        for (status, response) in errors {
            let example = &response["content"]["application/json"]["example"];
            let code: erpmax_types::ErrorCode =
                serde_json::from_value(example["error"]["code"].clone()).expect("a code");
            assert_eq!(*status, code.status().to_string(), "{}", operation.name);
            assert!(response["description"].as_str().is_some_and(|text| text.contains(code.as_str())));
        }
    }
}

#[test]
fn every_part_of_a_path_is_described() {
    for operation in operations() {
        let parts = operation.path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'));
        let parameters = operation.value["parameters"].as_array().into_iter().flatten();
        let described = parameters.filter(|one| one["in"] == "path" && says_something(&one["description"]));
        let described: BTreeSet<_> = described.filter_map(|one| one["name"].as_str()).collect();
        assert_eq!(parts.collect::<BTreeSet<_>>(), described, "{}", operation.name);
    }
}

#[test]
fn every_operation_that_asks_for_a_token_names_the_scope_of_keys_or_is_closed_to_them() {
    let locked = operations().into_iter().filter(|operation| operation.value.get("security").is_some());
    let locked: BTreeSet<String> = locked.map(|one| in_capitals(&one.name)).collect();
    let listed: Vec<String> = scopes::names().map(ToOwned::to_owned).collect();
    assert_eq!(listed.len(), listed.iter().collect::<BTreeSet<_>>().len(), "each is listed once");
    assert_eq!(locked, listed.into_iter().collect::<BTreeSet<_>>(), "the list in api/scopes.rs is not the document's");
}

#[test]
fn every_scope_opens_something() {
    let document = document().to_string();
    for scope in Scope::ALL {
        assert!(document.contains(&format!(r#"{{"api_key":["{scope}"]}}"#)), "{scope}");
    }
}

#[test]
fn the_events_are_described() {
    let document = document();
    let description = document["info"]["description"].as_str().expect("a description");
    for event in [
        "connected",
        "error",
        "status:update",
        "status:completed",
        "status:failed",
        "job:updated",
        "notification:new",
        "notification_read_confirmed",
        "subscription:updated",
        "subscription:expiring",
        "payment:received",
    ] {
        assert!(description.contains(&format!("| `{event}` |")), "{event}");
    }
}
