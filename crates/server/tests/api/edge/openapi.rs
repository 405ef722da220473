//! The OpenAPI document says what the routes do.

use axum::http::Method;
use serde_json::{Map, Value};

use crate::support::{TestApp, random_id};

/// What is answered as a file, and in no envelope.
const FILES: [&str; 2] = ["text/csv", "application/gzip"];

/// Path, method and description of each operation.
fn operations() -> Vec<(String, String, Value)> {
    let document = serde_json::to_value(erpmax_server::openapi::document()).expect("the document is JSON");
    let paths = document["paths"].as_object().expect("paths").clone();
    let methods = |(path, item): (String, Value)| {
        let item = item.as_object().cloned().unwrap_or_default();
        item.into_iter().map(move |(method, operation)| (path.clone(), method, operation))
    };
    paths.into_iter().flat_map(methods).collect()
}

#[test]
fn the_document_is_openapi_3_1_below_api_v1() {
    let document = serde_json::to_value(erpmax_server::openapi::document()).expect("the document is JSON");
    assert!(document["openapi"].as_str().is_some_and(|version| version.starts_with("3.1")));
    assert_eq!(document["servers"][0]["url"], "/api/v1");
    assert_eq!(document["components"]["securitySchemes"]["bearer"]["scheme"], "bearer");
}

#[test]
fn each_operation_has_an_id_a_summary_a_tag_and_answers_with_examples() {
    let mut ids = Vec::new();
    for (path, method, operation) in operations() {
        let name = format!("{method} {path}");
        for field in ["operationId", "summary"] {
            assert!(operation[field].as_str().is_some_and(|text| !text.is_empty()), "{name} has no {field}");
        }
        assert!(operation["tags"][0].is_string(), "{name}");
        assert!(operation.get("x-error-codes").is_none(), "{name}");
        ids.push(operation["operationId"].to_string());
        let responses = operation["responses"].as_object().expect("responses");
        assert!(responses.keys().any(|status| status.starts_with('2')), "{name}");
        assert!(responses.contains_key("500"), "{name}");
        let is_file = |response: &Value| FILES.iter().any(|kind| !response["content"][kind].is_null());
        let enveloped = responses.iter().filter(|(_, response)| !is_file(response));
        for (status, response) in enveloped {
            let content = &response["content"]["application/json"];
            assert!(content["schema"].is_object() && content["example"].is_object(), "{name} {status}");
            let expected = if status.starts_with('2') { "success" } else { "error" };
            assert_eq!(content["example"]["status"], expected, "{name} {status}");
        }
    }
    let all = ids.len();
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), all, "operation ids are unique");
}

#[test]
fn each_body_has_an_example_and_its_errors() {
    for (path, method, operation) in operations() {
        let Some(body) = operation.get("requestBody") else { continue };
        if path.contains("webhook") {
            continue;
        }
        let name = format!("{method} {path}");
        let schema = body["content"]["application/json"]["schema"]["$ref"].as_str().expect("a schema");
        let document = serde_json::to_value(erpmax_server::openapi::document()).expect("the document is JSON");
        let schema = schema.trim_start_matches("#/components/schemas/");
        let schema = &document["components"]["schemas"][schema];
        if operation["operationId"] != "sso.callback_post" {
            assert!(schema.get("example").is_some(), "{name}");
        }
        let responses = operation["responses"].as_object().expect("responses");
        // A site that shows no token is refused as with a bad one.
        let invalid = if operation["operationId"] == "sso.callback_post" { "403" } else { "422" };
        for status in ["400", "413", "415", invalid] {
            assert!(responses.contains_key(status), "{name} has no {status}");
        }
    }
}

#[test]
fn references_lead_somewhere() {
    fn walk(value: &Value, schemas: &Map<String, Value>) {
        match value {
            Value::Object(map) => {
                if let Some(reference) = map.get("$ref").and_then(Value::as_str) {
                    let name = reference.trim_start_matches("#/components/schemas/");
                    assert!(schemas.contains_key(name), "{reference}");
                }
                map.values().for_each(|value| walk(value, schemas));
            }
            Value::Array(list) => list.iter().for_each(|value| walk(value, schemas)),
            _ => {}
        }
    }
    let document = serde_json::to_value(erpmax_server::openapi::document()).expect("the document is JSON");
    walk(&document, document["components"]["schemas"].as_object().expect("schemas"));
}

#[tokio::test]
async fn each_operation_is_routed_and_each_other_method_is_not() {
    let app = TestApp::start().await;
    let methods = [Method::GET, Method::POST, Method::PUT, Method::PATCH, Method::DELETE];
    let operations = operations();
    for (path, ..) in &operations {
        let documented: Vec<String> =
            operations.iter().filter(|(other, ..)| other == path).map(|(_, method, _)| method.to_uppercase()).collect();
        let id = random_id();
        let filled = path.split('/').map(|part| if part.starts_with('{') { id.as_str() } else { part });
        let filled = filled.collect::<Vec<_>>().join("/");
        for method in &methods {
            // Another route may have the same shape, as `/tenants/current` and `/tenants/{id}`.
            let answer = app.call(method.clone(), &filled).send().await;
            let routed = answer.code() != "method_not_allowed";
            assert_eq!(routed, documented.contains(&method.to_string()), "{method} {path}: {}", answer.text);
        }
    }
}

#[tokio::test]
async fn operations_with_a_lock_ask_for_a_token_and_others_do_not() {
    let app = TestApp::start().await;
    for (path, method, operation) in operations() {
        let id = random_id();
        let filled = path.split('/').map(|part| if part.starts_with('{') { id.as_str() } else { part });
        let filled = filled.collect::<Vec<_>>().join("/");
        let method: Method = method.to_uppercase().parse().expect("a method");
        let answer = app.call(method, &filled).send().await;
        let locked = operation.get("security").is_some();
        assert_eq!(answer.status() == 401, locked, "{path}: {}", answer.text);
        if locked {
            assert!(operation["responses"].get("401").is_some(), "{path}");
        }
    }
}
