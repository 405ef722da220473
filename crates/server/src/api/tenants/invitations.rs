//! `GET /tenants/{id}/invitations`.

use axum::extract::State;
use erpmax_core::tenants::invitations;
use erpmax_types::Success;
use erpmax_types::tenants::OpenInvitation;
use tracing::instrument;

use crate::App;
use crate::envelope::{Data, page};
use crate::error::ApiResult;
use crate::extract::{Paging, PathAdmin};

/// List invitations.
///
/// Those that are neither accepted nor taken back, the newest first. They expire after seven days, and are listed for thirty more.
#[utoipa::path(
    get,
    path = "/tenants/{id}/invitations",
    tag = "tenants",
    operation_id = "tenants.invitations",
    params(("id" = String, Path, description = "The tenant's id"), ("page" = Option<u32>, Query), ("size" = Option<u32>, Query)),
    responses((status = 200, description = "A page of invitations", body = Success<Vec<OpenInvitation>>)),
    extensions(("x-error-codes" = json!(["malformed_request", "validation_failed", "second_factor_required", "forbidden", "not_found"]))),
    security(("bearer" = [])),
)]
#[instrument(name = "tenants.invitations", skip_all)]
pub(crate) async fn list(
    State(app): State<App>,
    PathAdmin(admin): PathAdmin,
    Paging(paging): Paging,
) -> ApiResult<Data<Vec<OpenInvitation>>> {
    let open = invitations::list(&app.core, &admin, paging).await?;
    Ok(page(open.items, open.pagination))
}
