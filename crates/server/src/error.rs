//! What a handler answers when it does not succeed. It leaves as a mark on the response; [`crate::envelope`] writes the words.

use std::sync::Arc;

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use erpmax_core::Error;
use erpmax_types::ErrorCode;

/// Why a request was not carried out.
#[derive(Clone, Debug)]
pub(crate) struct ApiError {
    pub(crate) error: Arc<Error>,
    /// Whether the answer has the two fields more that sites expect of `/sso/erpnext/callback`.
    pub(crate) is_sso_refusal: bool,
}

/// What handlers return.
pub(crate) type ApiResult<T> = Result<T, ApiError>;

impl<E: Into<Error>> From<E> for ApiError {
    fn from(error: E) -> Self {
        Self { error: Arc::new(error.into()), is_sso_refusal: false }
    }
}

impl ApiError {
    pub(crate) fn status(&self) -> StatusCode {
        let status = match self.error.as_ref() {
            Error::Refused(refusal) if refusal.answers_bad_request => ErrorCode::MalformedRequest.status(),
            error => error.code().status(),
        };
        StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let mut response = self.status().into_response();
        response.extensions_mut().insert(self);
        response
    }
}
