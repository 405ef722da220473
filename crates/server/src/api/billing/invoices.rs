//! `GET /billing/invoices`.

use axum::extract::State;
use erpmax_core::billing;
use erpmax_types::Success;
use erpmax_types::billing::PaymentEvent;
use tracing::instrument;

use crate::App;
use crate::envelope::{Data, page};
use crate::error::ApiResult;
use crate::extract::{CurrentAdmin, Paging};

/// List the payments.
///
/// The payment history, newest first.
#[utoipa::path(
    get,
    path = "/billing/invoices",
    tag = "billing",
    operation_id = "billing.invoices",
    params(("page" = Option<u32>, Query), ("size" = Option<u32>, Query)),
    responses((status = 200, description = "A page of payments", body = Success<Vec<PaymentEvent>>)),
    extensions(("x-error-codes" = json!(["second_factor_required", "not_a_member", "forbidden", "validation_failed"]))),
    security(("bearer" = [])),
)]
#[instrument(name = "billing.invoices", skip_all)]
pub(crate) async fn invoices(
    State(app): State<App>,
    CurrentAdmin(admin): CurrentAdmin,
    Paging(paging): Paging,
) -> ApiResult<Data<Vec<PaymentEvent>>> {
    let events = billing::invoices(&app.core, &admin, paging).await?;
    Ok(page(events.items, events.pagination))
}
