//! The parameters after the question mark, by name.

use std::collections::HashMap;

use axum::extract::{FromRequestParts, Query};
use axum::http::request::Parts;
use erpmax_types::ErrorCode;

use crate::App;
use crate::error::ApiResult;

pub(super) async fn query(parts: &mut Parts, app: &App) -> ApiResult<HashMap<String, String>> {
    let query = Query::from_request_parts(parts, app).await;
    query.map(|Query(query)| query).map_err(|_| ErrorCode::MalformedRequest.into())
}
