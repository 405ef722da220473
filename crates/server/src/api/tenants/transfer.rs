//! `POST /tenants/{id}/transfer`.

use axum::extract::State;
use erpmax_core::tenants::transfer;
use erpmax_types::Success;
use erpmax_types::tenants::{TenantUser, TransferOwnership};
use tracing::instrument;

use crate::App;
use crate::envelope::{Data, data};
use crate::error::ApiResult;
use crate::extract::{Body, PathOwner};

/// Hand the company over.
///
/// Makes a member the owner, and the caller an admin, at once. It asks for the password, and tells both. The answer is the new owner.
#[utoipa::path(
    post,
    path = "/tenants/{id}/transfer",
    tag = "tenants",
    operation_id = "tenants.transfer",
    request_body = TransferOwnership,
    params(("id" = String, Path, description = "The tenant's id")),
    responses((status = 200, description = "Handed over", body = Success<TenantUser>)),
    extensions(("x-error-codes" = json!(["unsupported_media_type", "validation_failed", "second_factor_required", "forbidden", "not_found", "conflict", "rate_limited"]))),
    security(("bearer" = [])),
)]
#[instrument(name = "tenants.transfer", skip_all)]
pub(crate) async fn transfer(
    State(app): State<App>,
    PathOwner(owner): PathOwner,
    body: Body<TransferOwnership>,
) -> ApiResult<Data<TenantUser>> {
    Ok(data(transfer::transfer(&app.core, &owner, &body.value).await?))
}
