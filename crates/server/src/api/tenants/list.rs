//! `GET /tenants`.

use axum::extract::State;
use erpmax_core::tenants;
use erpmax_types::Success;
use erpmax_types::tenants::Tenant;
use tracing::instrument;

use crate::App;
use crate::envelope::{Data, page};
use crate::error::ApiResult;
use crate::extract::{Paging, SignedIn};

/// List my tenants.
///
/// The tenants that the caller belongs to, in the order of joining.
#[utoipa::path(
    get,
    path = "/tenants",
    tag = "tenants",
    operation_id = "tenants.list",
    params(("page" = Option<u32>, Query), ("size" = Option<u32>, Query)),
    responses((status = 200, description = "A page of tenants", body = Success<Vec<Tenant>>)),
    extensions(("x-error-codes" = json!(["validation_failed"]))),
    security(("bearer" = [])),
)]
#[instrument(name = "tenants.list", skip_all)]
pub(crate) async fn list(
    State(app): State<App>,
    SignedIn(signed): SignedIn,
    Paging(paging): Paging,
) -> ApiResult<Data<Vec<Tenant>>> {
    let tenants = tenants::list(&app.core, &signed, paging).await?;
    Ok(page(tenants.items, tenants.pagination))
}
