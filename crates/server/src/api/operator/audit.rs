//! `GET /operator/audit`.

use axum::extract::State;
use erpmax_core::operators;
use erpmax_types::Success;
use erpmax_types::audit::AuditEvent;
use tracing::instrument;

use crate::App;
use crate::envelope::{Data, page};
use crate::error::ApiResult;
use crate::extract::{AuditQuery, OfTenant, Paging, TheOperator};

/// Read the audit trail of all tenants.
///
/// And of the installation itself, newest first. That somebody read is written into the trail, at most once per session, hour and tenant.
#[utoipa::path(
    get,
    path = "/operator/audit",
    tag = "operator",
    operation_id = "operator.audit",
    params(
        ("tenant" = Option<String>, Query, description = "The id of the tenant in which it was done"),
        ("action" = Option<String>, Query),
        ("actor" = Option<String>, Query),
        ("from" = Option<String>, Query),
        ("until" = Option<String>, Query),
        ("page" = Option<u32>, Query),
        ("size" = Option<u32>, Query),
    ),
    responses((status = 200, description = "A page of events", body = Success<Vec<AuditEvent>>)),
    extensions(("x-error-codes" = json!(["malformed_request", "validation_failed"]))),
    security(("bearer" = [])),
)]
#[instrument(name = "operator.audit", skip_all)]
pub(crate) async fn audit(
    State(app): State<App>,
    TheOperator(operator): TheOperator,
    OfTenant(tenant): OfTenant,
    AuditQuery(filter): AuditQuery,
    Paging(paging): Paging,
) -> ApiResult<Data<Vec<AuditEvent>>> {
    let events = operators::trail(&app.core, &operator, tenant, &filter, paging).await?;
    Ok(page(events.items, events.pagination))
}
