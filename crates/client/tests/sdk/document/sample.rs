//! The document: its operations, and samples of what they answer.

use std::collections::BTreeSet;
use std::path::Path;

use serde_json::{Map, Value, json};

use super::lost;
use crate::support::Seen;

pub(super) struct Document(Value);

#[derive(Clone, Debug)]
pub(super) struct Operation {
    pub(super) id: String,
    pub(super) method: String,
    /// Below `/api/v1`.
    pub(super) path: String,
    pub(super) status: u16,
    pub(super) is_signed: bool,
    queries: BTreeSet<String>,
    /// Properties of the body, and whether each is required; none where there is no JSON body.
    body: Option<Vec<(String, bool)>>,
    /// A sample of `data`, or of the whole answer where there is more than the envelope.
    sample: Value,
}

impl Document {
    pub(super) fn read() -> Self {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/openapi.json");
        let text = std::fs::read(path).expect("the document is there");
        Self(serde_json::from_slice(&text).expect("it is JSON"))
    }

    pub(super) fn operations(&self) -> impl Iterator<Item = Operation> {
        let paths = self.0["paths"].as_object().expect("paths").iter();
        paths.flat_map(move |(path, methods)| {
            let methods = methods.as_object().expect("methods").iter();
            methods.map(move |(method, operation)| self.operation(path, method, operation))
        })
    }

    pub(super) fn find(&self, id: &str) -> Option<Operation> {
        self.operations().find(|operation| operation.id == id)
    }

    fn operation(&self, path: &str, method: &str, operation: &Value) -> Operation {
        let parameters = operation["parameters"].as_array().into_iter().flatten();
        let queries = parameters.filter(|parameter| parameter["in"] == "query").filter_map(|p| p["name"].as_str());
        let (status, schema) = success(operation);
        let (_, schema) = content(&operation["responses"][&status], schema);
        let sample = self.sample(schema);
        let has_more = sample.as_object().is_some_and(|envelope| envelope.contains_key("redirect"));
        let sample = if has_more { sample } else { sample.get("data").cloned().unwrap_or(Value::Null) };
        Operation {
            id: operation["operationId"].as_str().expect("an id").to_owned(),
            method: method.to_uppercase(),
            path: path.to_owned(),
            status: status.parse().expect("a status"),
            is_signed: operation.get("security").is_some(),
            queries: queries.map(str::to_owned).collect(),
            body: self.body(operation),
            sample,
        }
    }

    fn body(&self, operation: &Value) -> Option<Vec<(String, bool)>> {
        let schema = &operation["requestBody"]["content"]["application/json"]["schema"];
        let schema = self.resolved(schema);
        let properties = schema["properties"].as_object()?;
        let required: BTreeSet<_> =
            schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        Some(properties.keys().map(|name| (name.clone(), required.contains(name.as_str()))).collect())
    }

    fn resolved<'a>(&'a self, schema: &'a Value) -> &'a Value {
        match schema["$ref"].as_str() {
            Some(reference) => self.resolved(self.0.pointer(&reference[1..]).expect("it is there")),
            None => schema,
        }
    }

    /// A value that a schema allows, with every property.
    fn sample(&self, schema: &Value) -> Value {
        let schema = self.resolved(schema);
        if let Some(parts) = schema["allOf"].as_array() {
            let parts = parts.iter().map(|part| self.sample(part));
            return Value::Object(parts.filter_map(|part| part.as_object().cloned()).flatten().collect());
        }
        for choice in ["oneOf", "anyOf"] {
            if let Some(parts) = schema[choice].as_array() {
                let part = parts.iter().find(|part| part["type"] != "null").expect("more than null");
                return self.sample(part);
            }
        }
        if let Some(word) = schema["enum"].get(0) {
            return word.clone();
        }
        let kind = match &schema["type"] {
            Value::Array(kinds) => {
                kinds.iter().filter_map(Value::as_str).find(|kind| *kind != "null").unwrap_or("null")
            }
            kind => kind.as_str().unwrap_or("object"),
        };
        match kind {
            "array" => json!([self.sample(&schema["items"])]),
            "integer" => json!(1),
            "number" => json!(29.5),
            "boolean" => json!(true),
            "string" => text(schema["format"].as_str().unwrap_or_default()),
            _ => Value::Object(self.properties(schema)),
        }
    }

    fn properties(&self, schema: &Value) -> Map<String, Value> {
        let properties = schema["properties"].as_object().into_iter().flatten();
        properties.map(|(name, schema)| (name.clone(), self.sample(schema))).collect()
    }

    /// The content type and the body of a success.
    pub(super) fn answer(&self, operation: &Operation) -> (String, String) {
        let methods = &self.0["paths"][&operation.path][operation.method.to_lowercase()];
        let (status, schema) = success(methods);
        let (kind, schema) = content(&methods["responses"][&status], schema);
        let sample = self.sample(schema);
        let text = sample.as_str().map_or_else(|| sample.to_string(), str::to_owned);
        (kind.to_owned(), text)
    }
}

fn text(format: &str) -> Value {
    match format {
        "uuid" => json!("019ab000-0000-7000-8000-000000000001"),
        "date-time" => json!("2026-11-24T09:30:00.000000Z"),
        _ => json!("text"),
    }
}

/// The first status of success.
fn success(operation: &Value) -> (String, &Value) {
    let responses = operation["responses"].as_object().expect("responses");
    let (status, response) = responses.iter().find(|(status, _)| status.starts_with('2')).expect("a success");
    (status.clone(), response)
}

fn content<'a>(_: &'a Value, response: &'a Value) -> (&'a str, &'a Value) {
    let (kind, content) = response["content"].as_object().and_then(|kinds| kinds.iter().next()).expect("content");
    (kind, &content["schema"])
}

impl Operation {
    /// Whether a request is what the document knows.
    pub(super) fn fits(&self, seen: &Seen) -> Result<(), String> {
        let (path, query) = seen.path.split_once('?').unwrap_or((&seen.path, ""));
        let path = path.strip_prefix("/api/v1").unwrap_or(path);
        let is_there = seen.method == self.method && fills(&self.path, path);
        if !is_there {
            return Err(format!("it calls {} {path}, not {} {}", seen.method, self.method, self.path));
        }
        if self.is_signed != seen.token().is_some() {
            return Err(format!("signed: {}, in the document: {}", seen.token().is_some(), self.is_signed));
        }
        let mut names = query.split('&').filter(|pair| !pair.is_empty()).filter_map(|pair| pair.split('=').next());
        if let Some(name) = names.find(|name| !self.queries.contains(*name)) {
            return Err(format!("the document knows no query parameter {name}"));
        }
        self.fits_body(&seen.body)
    }

    fn fits_body(&self, body: &[u8]) -> Result<(), String> {
        let Some(properties) = &self.body else { return Ok(()) };
        let body: Value = serde_json::from_slice(body).map_err(|_| "it sends no JSON".to_owned())?;
        let sent = body.as_object().ok_or("it sends no object")?;
        if let Some(name) = sent.keys().find(|name| !properties.iter().any(|(known, _)| known == *name)) {
            return Err(format!("the document knows no field {name}"));
        }
        match properties.iter().find(|(name, is_required)| *is_required && !sent.contains_key(name)) {
            Some((name, _)) => Err(format!("it does not send {name}")),
            None => Ok(()),
        }
    }

    /// Whether all that was answered was read.
    pub(super) fn holds(&self, read: &Value) -> Result<(), String> {
        let mut lost_keys = Vec::new();
        lost(&self.sample, read, "data", &mut lost_keys);
        if lost_keys.is_empty() { Ok(()) } else { Err(format!("it does not read {}", lost_keys.join(", "))) }
    }
}

/// Whether a path is the template with its places filled.
fn fills(template: &str, path: &str) -> bool {
    let (template, path): (Vec<_>, Vec<_>) = (template.split('/').collect(), path.split('/').collect());
    template.len() == path.len()
        && template
            .iter()
            .zip(&path)
            .all(|(part, filled)| part.starts_with('{') && !filled.is_empty() || part == filled)
}
