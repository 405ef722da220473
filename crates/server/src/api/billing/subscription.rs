//! `GET /billing/subscription`.

use axum::extract::State;
use erpmax_core::billing;
use erpmax_types::Success;
use erpmax_types::billing::Subscription;
use tracing::instrument;

use crate::App;
use crate::envelope::{Data, data};
use crate::error::ApiResult;
use crate::extract::CurrentMember;

/// Show the subscription.
///
/// The current tenant's subscription with its plan.
#[utoipa::path(
    get,
    path = "/billing/subscription",
    tag = "billing",
    operation_id = "billing.subscription",
    responses((status = 200, description = "The subscription", body = Success<Subscription>)),
    extensions(("x-error-codes" = json!(["second_factor_required", "not_a_member", "not_found"]))),
    security(("bearer" = [])),
)]
#[instrument(name = "billing.subscription", skip_all)]
pub(crate) async fn subscription(
    State(app): State<App>,
    CurrentMember(member): CurrentMember,
) -> ApiResult<Data<Subscription>> {
    Ok(data(billing::subscription(&app.core, &member).await?))
}
