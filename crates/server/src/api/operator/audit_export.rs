//! `GET /operator/audit.csv`.

use axum::extract::State;
use erpmax_core::operators;
use tracing::instrument;

use crate::App;
use crate::error::ApiResult;
use crate::extract::{AuditQuery, OfTenant, TheOperator};
use crate::table::AuditTable;

/// Take the audit trail of all tenants along.
///
/// The same events as CSV (RFC 4180): at most 10,000 lines, newest first; ask for older ones with `until`.
#[utoipa::path(
    get,
    path = "/operator/audit.csv",
    tag = "operator",
    operation_id = "operator.audit_export",
    params(
        ("tenant" = Option<String>, Query, description = "The id of the tenant in which it was done"),
        ("action" = Option<String>, Query),
        ("actor" = Option<String>, Query),
        ("from" = Option<String>, Query),
        ("until" = Option<String>, Query),
    ),
    responses((status = 200, description = "A table with a line of headings", content_type = "text/csv", body = String,
        example = "time,action,actor_email,actor_name,actor_id,session_id,api_key_id,api_key_name,address,target,change,tenant_id\r\n")),
    extensions(("x-error-codes" = json!(["malformed_request", "validation_failed"]))),
    security(("bearer" = [])),
)]
#[instrument(name = "operator.audit_export", skip_all)]
pub(crate) async fn export(
    State(app): State<App>,
    TheOperator(operator): TheOperator,
    OfTenant(tenant): OfTenant,
    AuditQuery(filter): AuditQuery,
) -> ApiResult<AuditTable> {
    Ok(AuditTable(operators::export_trail(&app.core, &operator, tenant, &filter).await?))
}
