//! Bodies of HTML forms. What cannot be read is answered with a page.

use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::response::Response;
use erpmax_core::Error;
use erpmax_types::ErrorCode;
use serde::de::DeserializeOwned;

use super::Raw;
use super::body::essence;
use crate::App;
use crate::pages::Page;

const FORM: &str = "application/x-www-form-urlencoded";

/// The fields of a form, and who sent it.
pub(crate) struct FormBody<T>(pub(crate) Page, pub(crate) T);

impl<T: DeserializeOwned> FromRequest<App> for FormBody<T> {
    type Rejection = Response;

    async fn from_request(request: Request, app: &App) -> Result<Self, Response> {
        let (mut parts, body) = request.into_parts();
        let page = Page::from_request_parts(&mut parts, app).await.unwrap_or_else(|never| match never {});
        match read(Request::from_parts(parts, body), app).await {
            Ok(fields) => Ok(Self(page, fields)),
            Err(code) => Err(page.refuse(&Error::from(code))),
        }
    }
}

async fn read<T: DeserializeOwned>(request: Request, app: &App) -> Result<T, ErrorCode> {
    if essence(request.headers()) != FORM {
        return Err(ErrorCode::MalformedRequest);
    }
    let Raw(bytes) = Raw::from_request(request, app).await.map_err(|refused| refused.error.code())?;
    let pairs: Vec<(String, String)> = serde_urlencoded::from_bytes(&bytes).map_err(|_| ErrorCode::MalformedRequest)?;
    // A NUL is no text of a person, and no database keeps it.
    if pairs.iter().any(|(name, value)| name.contains('\0') || value.contains('\0')) {
        return Err(ErrorCode::MalformedRequest);
    }
    serde_urlencoded::from_bytes(&bytes).map_err(|_| ErrorCode::MalformedRequest)
}
