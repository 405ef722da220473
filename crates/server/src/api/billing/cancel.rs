//! `POST /billing/cancel`.

use axum::extract::State;
use erpmax_core::billing;
use erpmax_types::Success;
use erpmax_types::billing::{CancelSubscription, Subscription};
use tracing::instrument;

use crate::App;
use crate::envelope::{Data, data};
use crate::error::ApiResult;
use crate::extract::{Body, CurrentOwner};

/// Cancel the subscription.
///
/// Ends the subscription with its period, or at once.
#[utoipa::path(
    post,
    path = "/billing/cancel",
    tag = "billing",
    operation_id = "billing.cancel",
    request_body = CancelSubscription,
    responses((status = 200, description = "The subscription as it is now", body = Success<Subscription>)),
    extensions(("x-error-codes" = json!(["unsupported_media_type", "validation_failed", "second_factor_required", "not_a_member", "forbidden", "not_found", "conflict"]))),
    security(("bearer" = [])),
)]
#[instrument(name = "billing.cancel", skip_all)]
pub(crate) async fn cancel(
    State(app): State<App>,
    CurrentOwner(owner): CurrentOwner,
    body: Body<CancelSubscription>,
) -> ApiResult<Data<Subscription>> {
    Ok(data(billing::cancel(&app.core, &owner, &body.value).await?))
}
