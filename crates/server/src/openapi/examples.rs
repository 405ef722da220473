//! Examples of requests and answers, made from their schemas.

use serde_json::{Map, Value, json};
use utoipa::openapi::OpenApi;

/// How deep an example goes.
const DEEPEST: u8 = 8;

/// Gives every JSON body that has no example one that fits its schema.
pub(super) fn add(document: OpenApi) -> OpenApi {
    let Ok(mut value) = serde_json::to_value(&document) else { return document };
    let schemas = value["components"]["schemas"].clone();
    for item in value["paths"].as_object_mut().into_iter().flat_map(Map::values_mut) {
        for operation in item.as_object_mut().into_iter().flat_map(Map::values_mut) {
            if let Some(body) = operation.get_mut("requestBody") {
                add_to(body, &schemas);
            }
            for response in operation["responses"].as_object_mut().into_iter().flat_map(Map::values_mut) {
                add_to(response, &schemas);
            }
        }
    }
    serde_json::from_value(value).unwrap_or(document)
}

fn add_to(response: &mut Value, schemas: &Value) {
    let Some(content) = response.pointer_mut("/content/application~1json") else { return };
    if content.get("example").is_none()
        && let Some(schema) = content.get("schema")
    {
        let mut example = example(schema, schemas, 0);
        let is_list = example["data"].is_array() || example["data"].get("unread").is_some();
        if let (false, Some(envelope)) = (is_list, example.as_object_mut()) {
            envelope.remove("pagination");
        }
        content["example"] = example;
    }
}

fn example(schema: &Value, schemas: &Value, depth: u8) -> Value {
    if depth > DEEPEST {
        return Value::Null;
    }
    let deeper = |schema: &Value| example(schema, schemas, depth + 1);
    if let Some(example) = schema.get("example").or_else(|| schema.pointer("/examples/0")) {
        return example.clone();
    }
    if let Some(name) = schema["$ref"].as_str().and_then(|path| path.rsplit('/').next()) {
        return deeper(&schemas[name]);
    }
    if let Some(parts) = schema["allOf"].as_array() {
        let parts = parts.iter().map(deeper).filter_map(|part| part.as_object().cloned());
        return Value::Object(parts.flatten().collect());
    }
    for key in ["oneOf", "anyOf"] {
        let choices = schema[key].as_array().into_iter().flatten();
        if let Some(choice) = choices.into_iter().find(|choice| choice["type"] != "null") {
            return deeper(choice);
        }
    }
    match kind(schema) {
        "object" => object(schema, deeper),
        "array" => json!([deeper(&schema["items"])]),
        "string" => text(schema),
        "integer" => json!(1),
        "number" => json!(29.0),
        "boolean" => json!(true),
        _ => Value::Null,
    }
}

fn kind(schema: &Value) -> &str {
    match &schema["type"] {
        Value::Array(kinds) => kinds.iter().filter_map(Value::as_str).find(|kind| *kind != "null").unwrap_or("null"),
        kind => kind.as_str().unwrap_or("null"),
    }
}

fn object(schema: &Value, deeper: impl Fn(&Value) -> Value) -> Value {
    let properties = schema["properties"].as_object().into_iter().flatten();
    let example_of = |name: &str, property: &Value| by_name(name).map_or_else(|| deeper(property), Value::from);
    Value::Object(properties.map(|(name, property)| (name.clone(), example_of(name, property))).collect())
}

/// What a property's name says better than its schema.
fn by_name(name: &str) -> Option<&'static str> {
    Some(match name {
        "email" => "owner@acme.example",
        "full_name" => "Acme Owner",
        "name" | "tenant_name" | "company" => "Acme",
        "slug" => "acme",
        "description" => "For a company that begins.",
        "currency" => "USD",
        "erpnext_site_url" => "http://acme.localhost:8000",
        "sso_url" => "http://acme.localhost:8000/api/method/erpmax.sso.login?token=k3VYw0Jm8l9lqJ3Q",
        "checkout_url" => "http://localhost:8000/sandbox/checkout/019ab000-0000-7000-8000-000000000001",
        "access_token" => "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIwMTlhYjAwMCJ9.c2lnbmF0dXJl",
        "refresh_token" => "ert_k3VYw0Jm8l9lqJ3Qw1x9o2f0m5d7c6b4a1Z8yXwVuTs",
        "token" => "k3VYw0Jm8l9lqJ3Q",
        "redirect" => "/app",
        "step" => "apps",
        "title" => "Your site is ready",
        _ => return None,
    })
}

fn text(schema: &Value) -> Value {
    if let Some(first) = schema.pointer("/enum/0") {
        return first.clone();
    }
    match schema["format"].as_str() {
        Some("uuid") => json!("019ab000-0000-7000-8000-000000000001"),
        Some("date-time") => json!("2026-11-24T09:30:00.000000Z"),
        _ => json!("text"),
    }
}
