//! `DELETE /tenants/{id}/users/{user_id}`.

use axum::extract::State;
use erpmax_core::tenants::members;
use erpmax_types::Success;
use erpmax_types::envelope::Done;
use tracing::instrument;

use crate::App;
use crate::envelope::{Data, data};
use crate::error::ApiResult;
use crate::extract::{InPath, PathMember};

/// Remove a member, or leave.
///
/// Ends a membership, or leaves with one's own id. It takes effect on the next request and on open sockets.
#[utoipa::path(
    delete,
    path = "/tenants/{id}/users/{user_id}",
    tag = "tenants",
    operation_id = "tenants.remove_user",
    params(("id" = String, Path, description = "The tenant's id"), ("user_id" = String, Path, description = "The member's account")),
    responses((status = 200, description = "Removed", body = Success<Done>)),
    extensions(("x-error-codes" = json!(["second_factor_required", "forbidden", "not_found", "conflict"]))),
    security(("bearer" = [])),
)]
#[instrument(name = "tenants.remove_user", skip_all)]
pub(crate) async fn remove_user(
    State(app): State<App>,
    PathMember(member): PathMember,
    path: InPath<(String, String)>,
) -> ApiResult<Data<Done>> {
    let InPath((_, user)) = path;
    members::remove(&app.core, &member, &user).await?;
    Ok(data(Done {}))
}
