//! `POST /operator/tenants/{id}/access`.

use axum::extract::State;
use erpmax_core::operators;
use erpmax_types::Success;
use erpmax_types::operator::{StartSupportAccess, SupportAccessStarted};
use tracing::instrument;

use crate::App;
use crate::envelope::{Data, data};
use crate::error::ApiResult;
use crate::extract::{Body, IdempotencyKey, InPath, TheOperator};

/// Sign in to a company's site.
///
/// As a temporary user of this access alone, with an admin's role and never as its Administrator, for at most an hour. The owners are
/// told at once, and can end it or let nobody in.
#[utoipa::path(
    post,
    path = "/operator/tenants/{id}/access",
    tag = "operator",
    operation_id = "operator.start_access",
    params(
        ("id" = String, Path, description = "The tenant's id"),
        ("Idempotency-Key" = Option<String>, Header, description = "The same key is the same access, with a fresh way in"),
    ),
    request_body = StartSupportAccess,
    responses((status = 200, description = "The access and the way in", body = Success<SupportAccessStarted>)),
    extensions(("x-error-codes" = json!(["validation_failed", "unsupported_media_type", "support_access_forbidden", "site_missing", "conflict", "idempotency_mismatch"]))),
    security(("bearer" = [])),
)]
#[instrument(name = "operator.start_access", skip_all)]
pub(crate) async fn start_access(
    State(app): State<App>,
    TheOperator(operator): TheOperator,
    InPath(tenant): InPath<String>,
    key: IdempotencyKey,
    body: Body<StartSupportAccess>,
) -> ApiResult<Data<SupportAccessStarted>> {
    let idempotency = body.once(key, "POST /operator/tenants/{id}/access");
    let started = operators::support::start(&app.core, &operator, &tenant, &body.value, idempotency).await?;
    Ok(data(started))
}
