//! The OpenAPI 3.1 document: from the handlers' annotations and the wire's own types, completed with what all share.
//!
//! A handler lists its error codes in the extension `x-error-codes`, but for those that its shape brings with it; here they become responses
//! with schema and example.
//! Examples of answers are made from their schemas, so that they cannot be wrong.

use std::collections::{BTreeMap, BTreeSet};

use erpmax_core::messages::Language;
use erpmax_types::ErrorCode;
use serde_json::{Value, json};
use utoipa::openapi::path::Operation;
use utoipa::openapi::security::{Http, HttpAuthScheme, HttpBuilder, SecurityRequirement, SecurityScheme};
use utoipa::openapi::{ContentBuilder, InfoBuilder, OpenApi, PathItem, Ref, ResponseBuilder, ServerBuilder};

use crate::api::scopes::{self, Door};
use crate::envelope::failure;

mod examples;
mod parameters;
#[cfg(test)]
mod tests;

/// The name of the scheme with which programs call.
const API_KEY: &str = "api_key";

const DESCRIPTION: &str = include_str!("openapi/description.md");

/// The whole document.
pub fn document() -> OpenApi {
    complete(crate::api::router().split_for_parts().1)
}

pub(crate) fn complete(mut document: OpenApi) -> OpenApi {
    document.info = InfoBuilder::new()
        .title("ERPMax")
        .version(env!("CARGO_PKG_VERSION"))
        .description(Some(DESCRIPTION))
        .license(None)
        .build();
    document.servers = Some(vec![ServerBuilder::new().url("/api/v1").build()]);
    let components = document.components.get_or_insert_default();
    let bearer = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).bearer_format("JWT").build();
    components.add_security_scheme("bearer", SecurityScheme::Http(bearer));
    components.add_security_scheme(API_KEY, SecurityScheme::Http(api_key()));
    let paths = std::mem::take(&mut document.paths.paths);
    document.paths.paths = paths.into_iter().map(|(path, item)| complete_item(path, item)).collect();
    examples::add(document)
}

fn api_key() -> Http {
    let description = "An API key of a tenant, with the scopes that the operation names. Operations without this scheme are closed to keys.";
    HttpBuilder::new().scheme(HttpAuthScheme::Bearer).bearer_format("erpmax_…").description(Some(description)).build()
}

fn complete_item(path: String, mut item: PathItem) -> (String, PathItem) {
    let operations = [
        ("GET", &mut item.get),
        ("POST", &mut item.post),
        ("PATCH", &mut item.patch),
        ("DELETE", &mut item.delete),
        ("PUT", &mut item.put),
    ];
    for (method, operation) in operations {
        if let Some(operation) = operation {
            complete_operation(operation, &path, scopes::door(method, &path));
        }
    }
    (path, item)
}

fn complete_operation(operation: &mut Operation, path: &str, door: Option<Door>) {
    parameters::complete(operation);
    let listed = operation.extensions.as_mut().and_then(|extensions| extensions.remove("x-error-codes"));
    let of_shape: Vec<&str> = codes_of_shape(operation, path, door);
    for (status, codes) in by_status(words(listed.as_ref()).chain(of_shape)) {
        operation.responses.responses.insert(status.to_string(), response(status, &codes).into());
    }
    if let Some(Door::To(scope)) = door {
        operation.security.get_or_insert_default().push(SecurityRequirement::new(API_KEY, [scope.as_str()]));
    }
}

/// The codes that an operation has because it asks for a token, has a body, is for operators, or opens to API keys.
fn codes_of_shape(operation: &Operation, path: &str, door: Option<Door>) -> Vec<&'static str> {
    let of_keys: &[&str] = match door {
        Some(Door::To(_)) => &["forbidden", "rate_limited"],
        Some(Door::Closed) => &["forbidden"],
        None => &[],
    };
    let of_token: &[&str] = &["unauthorized", "token_expired", "account_disabled"];
    let of_body: &[&str] = &["malformed_request", "payload_too_large"];
    let of_operators: &[&str] = &["not_found", "forbidden", "second_factor_required", "confirmation_required"];
    let shapes = [
        (true, &["internal", "unavailable"][..]),
        (true, of_keys),
        (operation.security.is_some(), of_token),
        (operation.request_body.is_some(), of_body),
        (path.starts_with("/operator/"), of_operators),
    ];
    shapes.into_iter().filter(|(has, _)| *has).flat_map(|(_, codes)| codes).copied().collect()
}

fn words(listed: Option<&Value>) -> impl Iterator<Item = &str> {
    listed.and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str)
}

/// The codes of each status. A word is a code, or a code after a status that is not its own (`400 invalid_credentials`).
fn by_status<'a>(words: impl Iterator<Item = &'a str>) -> BTreeMap<u16, BTreeSet<&'static str>> {
    let mut by_status = BTreeMap::<u16, BTreeSet<_>>::new();
    for word in words {
        let (status, word) = word.split_once(' ').unwrap_or(("", word));
        if let Ok(code) = word.parse::<ErrorCode>() {
            by_status.entry(status.parse().unwrap_or(code.status())).or_default().insert(code.as_str());
        }
    }
    by_status
}

fn response(status: u16, codes: &BTreeSet<&'static str>) -> utoipa::openapi::Response {
    let description = codes.iter().map(|code| format!("`{code}`")).collect::<Vec<_>>().join(", ");
    let mut content = ContentBuilder::new().schema(Some(Ref::from_schema_name("Failure")));
    let mut codes = codes.iter().filter_map(|word| word.parse::<ErrorCode>().ok());
    if let Some(code) = codes.find(|code| code.status() == status) {
        content = content.example(Some(example(code)));
    }
    ResponseBuilder::new().description(description).content("application/json", content.build()).build()
}

fn example(code: ErrorCode) -> Value {
    json!(failure(&Language::english(), code))
}
