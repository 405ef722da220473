//! `POST /billing/checkout`.

use axum::extract::State;
use erpmax_core::billing;
use erpmax_types::Success;
use erpmax_types::billing::{Checkout, CheckoutCreated};
use tracing::instrument;

use crate::App;
use crate::envelope::{Data, data};
use crate::error::ApiResult;
use crate::extract::{Body, CurrentAdmin, IdempotencyKey};

/// Begin a checkout.
///
/// Prepares a payment for a plan. Only the provider's signed webhook makes it count, not the browser's return.
#[utoipa::path(
    post,
    path = "/billing/checkout",
    tag = "billing",
    operation_id = "billing.checkout",
    request_body = Checkout,
    params(("Idempotency-Key" = Option<String>, Header)),
    responses((status = 200, description = "Where to pay", body = Success<CheckoutCreated>)),
    extensions(("x-error-codes" = json!(["unsupported_media_type", "validation_failed", "second_factor_required", "not_a_member", "forbidden", "payment_provider_error", "idempotency_mismatch"]))),
    security(("bearer" = [])),
)]
#[instrument(name = "billing.checkout", skip_all)]
pub(crate) async fn checkout(
    State(app): State<App>,
    CurrentAdmin(admin): CurrentAdmin,
    key: IdempotencyKey,
    body: Body<Checkout>,
) -> ApiResult<Data<CheckoutCreated>> {
    let once = body.once(key, "billing.checkout");
    Ok(data(billing::checkout::create(&app.core, &admin, &body.value, once).await?))
}
