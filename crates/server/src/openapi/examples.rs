//! Examples of answers, made from their schemas.

use serde_json::{Map, Value, json};
use utoipa::openapi::OpenApi;

/// How deep an example goes.
const DEEPEST: u8 = 8;

/// Gives every JSON answer that has no example one that fits its schema.
pub(super) fn add(document: OpenApi) -> OpenApi {
    let Ok(mut value) = serde_json::to_value(&document) else { return document };
    let schemas = value["components"]["schemas"].clone();
    for item in value["paths"].as_object_mut().into_iter().flat_map(Map::values_mut) {
        for operation in item.as_object_mut().into_iter().flat_map(Map::values_mut) {
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
        content["example"] = example(schema, schemas, 0);
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
    Value::Object(properties.map(|(name, property)| (name.clone(), deeper(property))).collect())
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
