//! `GET /operator/tenants`.

use axum::extract::State;
use erpmax_core::operators;
use erpmax_types::Success;
use erpmax_types::operator::OperatorTenant;
use tracing::instrument;

use crate::App;
use crate::envelope::{Data, page};
use crate::error::ApiResult;
use crate::extract::{Paging, SearchedFor, TheOperator};

/// Search all tenants.
///
/// Those whose name, slug, site or member's e-mail address begins with `q`, whatever its case; newest first.
#[utoipa::path(
    get,
    path = "/operator/tenants",
    tag = "operator",
    operation_id = "operator.tenants",
    params(
        ("q" = Option<String>, Query, description = "How the name, slug, site or a member's address begins"),
        ("page" = Option<u32>, Query),
        ("size" = Option<u32>, Query),
    ),
    responses((status = 200, description = "A page of tenants", body = Success<Vec<OperatorTenant>>)),
    extensions(("x-error-codes" = json!(["malformed_request", "validation_failed"]))),
    security(("bearer" = [])),
)]
#[instrument(name = "operator.tenants", skip_all)]
pub(crate) async fn tenants(
    State(app): State<App>,
    TheOperator(operator): TheOperator,
    SearchedFor(wanted): SearchedFor,
    Paging(paging): Paging,
) -> ApiResult<Data<Vec<OperatorTenant>>> {
    let tenants = operators::search(&app.core, &operator, &wanted, paging).await?;
    Ok(page(tenants.items, tenants.pagination))
}
