//! `GET /tenants/{id}/audit.csv`.

use axum::extract::State;
use erpmax_core::audit;
use tracing::instrument;

use crate::App;
use crate::error::ApiResult;
use crate::extract::{AuditQuery, PathAdmin};
use crate::table::AuditTable;

/// Take the audit trail along.
///
/// The same events as CSV (RFC 4180) for spreadsheets: at most 10,000 lines, newest first; ask for older ones with `until`.
#[utoipa::path(
    get,
    path = "/tenants/{id}/audit.csv",
    tag = "tenants",
    operation_id = "tenants.audit_export",
    params(
        ("id" = String, Path, description = "The tenant's id"),
        ("action" = Option<String>, Query),
        ("actor" = Option<String>, Query),
        ("from" = Option<String>, Query),
        ("until" = Option<String>, Query),
    ),
    responses((status = 200, description = "A table with a line of headings", content_type = "text/csv", body = String,
        example = "time,action,actor_email,actor_name,actor_id,session_id,api_key_id,api_key_name,address,target,change\r\n")),
    extensions(("x-error-codes" = json!(["malformed_request", "validation_failed", "second_factor_required", "forbidden", "not_found"]))),
    security(("bearer" = [])),
)]
#[instrument(name = "tenants.audit_export", skip_all)]
pub(crate) async fn export(
    State(app): State<App>,
    PathAdmin(admin): PathAdmin,
    AuditQuery(filter): AuditQuery,
) -> ApiResult<AuditTable> {
    Ok(AuditTable(audit::export(&app.core, &admin, &filter).await?))
}
