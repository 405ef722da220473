//! What parameters of the same name mean wherever they occur.

use utoipa::openapi::RefOr;
use utoipa::openapi::path::{Operation, Parameter, ParameterIn};
use utoipa::openapi::schema::{KnownFormat, ObjectBuilder, SchemaFormat, Type};

use crate::extract::{LARGEST_PAGE_SIZE, LONGEST_IDEMPOTENCY_KEY};

/// Gives the operation's shared parameters their schema, and their description unless they have one of their own.
pub(super) fn complete(operation: &mut Operation) {
    for parameter in operation.parameters.iter_mut().flatten() {
        let RefOr::T(parameter) = parameter else { continue };
        if let Some((description, schema)) = shared(parameter) {
            parameter.description.get_or_insert_with(|| description.to_owned());
            parameter.schema = Some(schema.build().into());
        }
    }
}

fn shared(parameter: &Parameter) -> Option<(&'static str, ObjectBuilder)> {
    let text = ObjectBuilder::new().schema_type(Type::String);
    match (&parameter.parameter_in, parameter.name.as_str()) {
        (ParameterIn::Query, "page") => Some(("From 1", from_one_to(u32::MAX))),
        (ParameterIn::Query, "size") => Some(("1 to 100, 20 by default", from_one_to(LARGEST_PAGE_SIZE))),
        (ParameterIn::Query, "action") => Some(("An action such as `members.invite`, or its area `members`", text)),
        (ParameterIn::Query, "actor") => Some(("The id of who did it", text)),
        (ParameterIn::Query, "from") => Some(("From this time on (RFC 3339)", time(text))),
        (ParameterIn::Query, "until") => Some(("Before this time (RFC 3339)", time(text))),
        (ParameterIn::Header, "Idempotency-Key") => {
            let key = text.pattern(Some("^[!-~]+$")).min_length(Some(1)).max_length(Some(LONGEST_IDEMPOTENCY_KEY));
            Some(("Carries the request out once; kept for 24 hours", key))
        }
        _ => None,
    }
}

fn time(text: ObjectBuilder) -> ObjectBuilder {
    text.format(Some(SchemaFormat::KnownFormat(KnownFormat::DateTime)))
}

fn from_one_to(largest: u32) -> ObjectBuilder {
    let integer = ObjectBuilder::new().schema_type(Type::Integer);
    integer.format(Some(SchemaFormat::KnownFormat(KnownFormat::Int64))).minimum(Some(1)).maximum(Some(largest))
}
