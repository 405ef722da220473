//! `PATCH /tenants/{id}/users/{user_id}`.

use axum::extract::State;
use erpmax_core::tenants::members;
use erpmax_types::Success;
use erpmax_types::tenants::{TenantUser, UpdateRole};
use tracing::instrument;

use crate::App;
use crate::envelope::{Data, data};
use crate::error::ApiResult;
use crate::extract::{Body, InPath, PathOwner};

/// Change a member's role.
///
/// Gives a member another role. The last owner stays one.
#[utoipa::path(
    patch,
    path = "/tenants/{id}/users/{user_id}",
    tag = "tenants",
    operation_id = "tenants.change_role",
    request_body = UpdateRole,
    params(("id" = String, Path, description = "The tenant's id"), ("user_id" = String, Path, description = "The member's account")),
    responses((status = 200, description = "The member as it is now", body = Success<TenantUser>)),
    extensions(("x-error-codes" = json!(["unsupported_media_type", "validation_failed", "second_factor_required", "forbidden", "not_found", "conflict", "plan_limit_reached"]))),
    security(("bearer" = [])),
)]
#[instrument(name = "tenants.change_role", skip_all)]
pub(crate) async fn change_role(
    State(app): State<App>,
    PathOwner(owner): PathOwner,
    path: InPath<(String, String)>,
    body: Body<UpdateRole>,
) -> ApiResult<Data<TenantUser>> {
    let InPath((_, user)) = path;
    Ok(data(members::change_role(&app.core, &owner, &user, &body.value).await?))
}
