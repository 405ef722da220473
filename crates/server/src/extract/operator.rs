//! Query parameters of what operators ask for.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use erpmax_core::field;
use erpmax_types::TenantId;

use super::query::query;
use crate::App;
use crate::error::{ApiError, ApiResult};

/// `q` of a search; empty without it.
pub(crate) struct SearchedFor(pub(crate) String);

/// `tenant` of the audit trail.
pub(crate) struct OfTenant(pub(crate) Option<TenantId>);

/// `status` of the jobs' list: `failed`, or those alone that are `leaked`.
pub(crate) struct OnlyLeaked(pub(crate) bool);

impl FromRequestParts<App> for SearchedFor {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> ApiResult<Self> {
        let wanted = find(parts, app, "q").await?.unwrap_or_default();
        if wanted.contains('\0') { Err(field("q", "invalid").into()) } else { Ok(Self(wanted)) }
    }
}

impl FromRequestParts<App> for OfTenant {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> ApiResult<Self> {
        let tenant = find(parts, app, "tenant").await?.filter(|text| !text.is_empty());
        let tenant = tenant.map(|text| text.parse().map_err(|_| field("tenant", "id"))).transpose()?;
        Ok(Self(tenant))
    }
}

impl FromRequestParts<App> for OnlyLeaked {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> ApiResult<Self> {
        match find(parts, app, "status").await?.as_deref() {
            None | Some("" | "failed") => Ok(Self(false)),
            Some("leaked") => Ok(Self(true)),
            Some(_) => Err(field("status", "status").into()),
        }
    }
}

async fn find(parts: &mut Parts, app: &App, name: &str) -> ApiResult<Option<String>> {
    Ok(query(parts, app).await?.remove(name))
}
