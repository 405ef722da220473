//! What parameters of the same name mean wherever they occur.

use utoipa::openapi::RefOr;
use utoipa::openapi::path::{Operation, Parameter, ParameterIn};
use utoipa::openapi::schema::{KnownFormat, ObjectBuilder, SchemaFormat, Type};

use crate::extract::{LARGEST_PAGE_SIZE, LONGEST_IDEMPOTENCY_KEY};

/// Gives the operation's shared parameters their schema.
pub(super) fn complete(operation: &mut Operation) {
    for parameter in operation.parameters.iter_mut().flatten() {
        if let RefOr::T(parameter) = parameter
            && let Some(schema) = schema(parameter)
        {
            parameter.schema = Some(schema.build().into());
        }
    }
}

fn schema(parameter: &Parameter) -> Option<ObjectBuilder> {
    let schema = ObjectBuilder::new();
    match (&parameter.parameter_in, parameter.name.as_str()) {
        (ParameterIn::Query, "page") => Some(from_one_to(u32::MAX)),
        (ParameterIn::Query, "size") => Some(from_one_to(LARGEST_PAGE_SIZE)),
        (ParameterIn::Query, "from" | "until") => {
            Some(schema.schema_type(Type::String).format(Some(SchemaFormat::KnownFormat(KnownFormat::DateTime))))
        }
        (ParameterIn::Header, "Idempotency-Key") => {
            let schema = schema.schema_type(Type::String).pattern(Some("^[!-~]+$"));
            Some(schema.min_length(Some(1)).max_length(Some(LONGEST_IDEMPOTENCY_KEY)))
        }
        _ => None,
    }
}

fn from_one_to(largest: u32) -> ObjectBuilder {
    let integer = ObjectBuilder::new().schema_type(Type::Integer);
    integer.format(Some(SchemaFormat::KnownFormat(KnownFormat::Int64))).minimum(Some(1)).maximum(Some(largest))
}
