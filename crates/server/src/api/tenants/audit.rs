//! `GET /tenants/{id}/audit`.

use axum::extract::State;
use erpmax_core::audit;
use erpmax_types::Success;
use erpmax_types::audit::AuditEvent;
use tracing::instrument;

use crate::App;
use crate::envelope::{Data, page};
use crate::error::ApiResult;
use crate::extract::{AuditQuery, Paging, PathAdmin};

/// Read the audit trail.
///
/// What was done in the tenant, newest first: by whom, from where, in which session, and what it changed.
#[utoipa::path(
    get,
    path = "/tenants/{id}/audit",
    tag = "tenants",
    operation_id = "tenants.audit",
    params(
        ("id" = String, Path, description = "The tenant's id"),
        ("action" = Option<String>, Query),
        ("actor" = Option<String>, Query),
        ("from" = Option<String>, Query),
        ("until" = Option<String>, Query),
        ("page" = Option<u32>, Query),
        ("size" = Option<u32>, Query),
    ),
    responses((status = 200, description = "A page of events", body = Success<Vec<AuditEvent>>)),
    extensions(("x-error-codes" = json!(["malformed_request", "validation_failed", "second_factor_required", "forbidden", "not_found"]))),
    security(("bearer" = [])),
)]
#[instrument(name = "tenants.audit", skip_all)]
pub(crate) async fn list(
    State(app): State<App>,
    PathAdmin(admin): PathAdmin,
    AuditQuery(filter): AuditQuery,
    Paging(paging): Paging,
) -> ApiResult<Data<Vec<AuditEvent>>> {
    let events = audit::list(&app.core, &admin, &filter, paging).await?;
    Ok(page(events.items, events.pagination))
}
