//! JSON bodies: bounded in size and time, and refused with the field that is wrong.

use axum::body::Bytes;
use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::HeaderMap;
use axum::http::header::CONTENT_TYPE;
use axum::http::request::Parts;
use erpmax_core::{Error, Idempotency, field};
use erpmax_types::ErrorCode;
use http_body_util::{BodyExt, LengthLimitError, Limited};
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::App;
use crate::error::{ApiError, ApiResult};

/// The longest `Idempotency-Key`.
pub(crate) const LONGEST_IDEMPOTENCY_KEY: usize = 255;

/// A body's bytes, as they came.
pub(crate) struct Raw(pub(crate) Bytes);

/// A JSON body.
pub(crate) struct Body<T> {
    /// What it says.
    pub(crate) value: T,
    bytes: Bytes,
}

/// The caller's `Idempotency-Key`, if there is one.
pub(crate) struct IdempotencyKey(Option<String>);

impl<T> Body<T> {
    /// The request to `route` as one that is carried out once, if it bears a key.
    pub(crate) fn once(&self, key: IdempotencyKey, route: &'static str) -> Option<Idempotency> {
        key.0.map(|key| Idempotency::new(key, route, &self.bytes))
    }
}

impl FromRequest<App> for Raw {
    type Rejection = ApiError;

    async fn from_request(request: Request, app: &App) -> ApiResult<Self> {
        let body = Limited::new(request.into_body(), app.edge.max_body).collect();
        match tokio::time::timeout(app.edge.body_timeout, body).await {
            Ok(Ok(body)) => Ok(Self(body.to_bytes())),
            Ok(Err(error)) if error.is::<LengthLimitError>() => Err(ErrorCode::PayloadTooLarge.into()),
            // A body that breaks off, or takes too long to arrive.
            Ok(Err(_)) | Err(_) => Err(ErrorCode::MalformedRequest.into()),
        }
    }
}

impl<T: DeserializeOwned> FromRequest<App> for Body<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, app: &App) -> ApiResult<Self> {
        if !is_json(request.headers()) {
            return Err(ErrorCode::UnsupportedMediaType.into());
        }
        let Raw(bytes) = Raw::from_request(request, app).await?;
        Ok(Self { value: parse(&bytes)?, bytes })
    }
}

impl FromRequestParts<App> for IdempotencyKey {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &App) -> ApiResult<Self> {
        let Some(value) = parts.headers.get("idempotency-key") else { return Ok(Self(None)) };
        let key = value.to_str().unwrap_or_default();
        let good =
            (1..=LONGEST_IDEMPOTENCY_KEY).contains(&key.len()) && key.bytes().all(|byte| byte.is_ascii_graphic());
        if good { Ok(Self(Some(key.to_owned()))) } else { Err(field("Idempotency-Key", "invalid").into()) }
    }
}

/// `application/json`, or one of its relatives, with or without parameters.
fn is_json(headers: &HeaderMap) -> bool {
    let essence = essence(headers);
    essence == "application/json" || (essence.starts_with("application/") && essence.ends_with("+json"))
}

/// The type in `Content-Type`, in small letters and without its parameters; empty if there is none.
pub(super) fn essence(headers: &HeaderMap) -> String {
    let header = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    header.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
}

fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Error> {
    let value: Value = serde_json::from_slice(bytes).map_err(|_| ErrorCode::MalformedRequest)?;
    let fields = value.as_object().ok_or(ErrorCode::MalformedRequest)?;
    if let Some((name, _)) = fields.iter().find(|(name, value)| name.contains('\0') || holds_nul(value)) {
        return Err(field(name.clone(), "invalid"));
    }
    serde_path_to_error::deserialize(&value).map_err(|error| {
        let path = error.path().to_string();
        match missing_field(&error.inner().to_string()) {
            Some(name) => field(name, "required"),
            None => field(path, "invalid"),
        }
    })
}

/// Whether a text in it holds a NUL, which PostgreSQL cannot keep.
fn holds_nul(value: &Value) -> bool {
    match value {
        Value::String(text) => text.contains('\0'),
        Value::Array(list) => list.iter().any(holds_nul),
        Value::Object(map) => map.iter().any(|(name, value)| name.contains('\0') || holds_nul(value)),
        _ => false,
    }
}

/// The name in serde's "missing field `name`".
fn missing_field(message: &str) -> Option<String> {
    let rest = message.strip_prefix("missing field `")?;
    rest.split_once('`').map(|(name, _)| name.to_owned())
}
