//! The one layer around API v1: whatever happens inside, what leaves is the envelope, in the caller's language.

use std::panic::AssertUnwindSafe;
use std::time::Instant;

use axum::Json;
use axum::extract::{MatchedPath, Request, State};
use axum::http::header::{ACCEPT_LANGUAGE, CONTENT_LANGUAGE, RETRY_AFTER, WWW_AUTHENTICATE};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use erpmax_core::messages::Language;
use erpmax_core::{Error, Refusal};
use erpmax_types::ErrorCode;
use erpmax_types::envelope::{ErrorStatus, Failure, Pagination, Success};
use futures_util::FutureExt;
use serde_json::{Value, json};
use tracing::{error, info};

use crate::App;
use crate::error::ApiError;
use crate::request_id::RequestId;

/// A successful answer.
pub(crate) struct Data<T>(pub(crate) Success<T>);

pub(crate) const fn data<T>(data: T) -> Data<T> {
    Data(Success::new(data))
}

pub(crate) fn page<T>(data: T, pagination: Pagination) -> Data<T> {
    Data(Success { pagination: Some(pagination), ..Success::new(data) })
}

impl<T: serde::Serialize> IntoResponse for Data<T> {
    fn into_response(self) -> Response {
        Json(self.0).into_response()
    }
}

/// Runs a request within its time and turns whatever comes of it into the envelope.
pub(crate) async fn envelope(State(app): State<App>, request: Request, next: Next) -> Response {
    let call = Call::begin(&request);
    let run = AssertUnwindSafe(next.run(request)).catch_unwind();
    let response = match tokio::time::timeout(app.edge.request_timeout, run).await {
        Ok(Ok(response)) => response,
        Ok(Err(panic)) => ApiError::from(anyhow_panic(&panic)).into_response(),
        Err(_) => ApiError::from(ErrorCode::Unavailable).into_response(),
    };
    call.finish(response)
}

fn anyhow_panic(panic: &Box<dyn std::any::Any + Send>) -> Error {
    let text = panic.downcast_ref::<&str>().map(ToString::to_string);
    let text = text.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_default();
    Error::Internal(std::io::Error::other(format!("a handler panicked: {text}")).into())
}

/// One request, as answers and log lines speak of it.
struct Call {
    id: RequestId,
    language: Language,
    method: Method,
    /// The route's template, never the path: tokens and addresses of people stay out of the log.
    route: String,
    begun: Instant,
}

impl Call {
    fn begin(request: &Request) -> Self {
        let route = request.extensions().get::<MatchedPath>().map_or("(no route)", MatchedPath::as_str).to_owned();
        Self {
            id: RequestId::of(request),
            language: language_of(request.headers()),
            method: request.method().clone(),
            route,
            begun: Instant::now(),
        }
    }

    fn finish(self, mut response: Response) -> Response {
        if let Some(error) = response.extensions_mut().remove::<ApiError>() {
            response = self.render(&error, response.headers());
        } else if let Some(code) = code_of_bare(&response) {
            response = self.render(&ApiError::from(code), response.headers());
        }
        let status = response.status().as_u16();
        let micros = u64::try_from(self.begun.elapsed().as_micros()).unwrap_or(u64::MAX);
        info!(request_id = self.id.as_str(), method = %self.method, route = self.route, status, micros, "Answered");
        response
    }

    /// What sites expect of a refused pass beside the envelope.
    fn with_sso_fields(&self, body: &Failure, is_sso_refusal: bool) -> Value {
        let mut value = serde_json::to_value(body).unwrap_or_default();
        if is_sso_refusal {
            value["error"]["message"] = json!(self.language.say("error-sso_refused", &[]));
            value["success"] = json!(false);
            value["redirect"] = json!("/login");
        }
        value
    }

    fn render(&self, error: &ApiError, kept: &HeaderMap) -> Response {
        let refusal = match error.error.as_ref() {
            Error::Refused(refusal) => refusal.clone(),
            Error::Internal(cause) => {
                let (id, cause) = (self.id.as_str(), format!("{cause:#}"));
                error!(request_id = id, route = self.route, cause, "A request failed");
                Refusal::of(error.error.code())
            }
        };
        let body = Failure { status: ErrorStatus::Error, error: self.language.error(&refusal) };
        let mut response = (error.status(), Json(self.with_sso_fields(&body, error.is_sso_refusal))).into_response();
        let headers = response.headers_mut();
        for name in [axum::http::header::ALLOW, axum::http::header::VARY] {
            if let Some(value) = kept.get(&name) {
                headers.insert(name, value.clone());
            }
        }
        if let Ok(tag) = HeaderValue::from_str(&self.language.tag()) {
            headers.insert(CONTENT_LANGUAGE, tag);
        }
        if let Some(wait) = refusal.retry_after {
            headers.insert(RETRY_AFTER, HeaderValue::from(wait.as_secs().max(1)));
        }
        if error.status() == StatusCode::UNAUTHORIZED {
            headers.insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        response
    }
}

/// The envelope of a refusal that has nothing but its code.
pub(crate) fn failure(language: &Language, code: ErrorCode) -> Failure {
    Failure { status: ErrorStatus::Error, error: language.error(&Refusal::of(code)) }
}

/// What a request says of its language.
pub(crate) fn language_of(headers: &HeaderMap) -> Language {
    let header = headers.get(ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
    Language::negotiate(header.unwrap_or_default())
}

/// The code for an error that the framework answered by itself, without a body of ours.
fn code_of_bare(response: &Response) -> Option<ErrorCode> {
    let status = response.status();
    if !status.is_client_error() && !status.is_server_error() {
        return None;
    }
    Some(match status {
        StatusCode::NOT_FOUND => ErrorCode::NotFound,
        StatusCode::METHOD_NOT_ALLOWED => ErrorCode::MethodNotAllowed,
        StatusCode::PAYLOAD_TOO_LARGE => ErrorCode::PayloadTooLarge,
        StatusCode::UNSUPPORTED_MEDIA_TYPE => ErrorCode::UnsupportedMediaType,
        StatusCode::SERVICE_UNAVAILABLE => ErrorCode::Unavailable,
        status if status.is_client_error() => ErrorCode::MalformedRequest,
        _ => ErrorCode::Internal,
    })
}
