//! Which events of the audit trail are asked for.

use std::collections::HashMap;
use std::str::FromStr;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use erpmax_core::field;
use erpmax_types::audit::AuditFilter;

use super::query::query;
use crate::App;
use crate::error::{ApiError, ApiResult};

/// `action`, `actor`, `from` and `until`.
pub(crate) struct AuditQuery(pub(crate) AuditFilter);

impl FromRequestParts<App> for AuditQuery {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> ApiResult<Self> {
        let query = query(parts, app).await?;
        Ok(Self(AuditFilter {
            action: find(&query, "action", "invalid")?,
            actor: find(&query, "actor", "id")?,
            from: find(&query, "from", "time")?,
            until: find(&query, "until", "time")?,
        }))
    }
}

fn find<T: FromStr>(
    query: &HashMap<String, String>,
    name: &'static str,
    complaint: &'static str,
) -> ApiResult<Option<T>> {
    query.get(name).map(|text| text.parse().map_err(|_| field(name, complaint).into())).transpose()
}
