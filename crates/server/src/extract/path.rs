//! What the path names.

use axum::extract::{FromRequestParts, Path};
use axum::http::request::Parts;
use erpmax_types::ErrorCode;
use serde::de::DeserializeOwned;

use crate::App;
use crate::error::{ApiError, ApiResult};

/// Parts of the path. What cannot be read is answered like what is not there.
pub(crate) struct InPath<T>(pub(crate) T);

impl<T: DeserializeOwned + Send> FromRequestParts<App> for InPath<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> ApiResult<Self> {
        let path = Path::from_request_parts(parts, app).await;
        path.map(|Path(value)| Self(value)).map_err(|_| ErrorCode::NotFound.into())
    }
}
