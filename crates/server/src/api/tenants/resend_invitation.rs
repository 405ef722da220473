//! `POST /tenants/{id}/invitations/{invitation_id}/resend`.

use axum::extract::State;
use erpmax_core::tenants::invitations;
use erpmax_types::Success;
use erpmax_types::tenants::Invitation;
use tracing::instrument;

use crate::App;
use crate::envelope::{Data, data};
use crate::error::ApiResult;
use crate::extract::{InPath, PathAdmin};

/// Send an invitation again.
///
/// With seven days more and a new link; earlier ones are good no more. The caller becomes who invited. An admin sends invitations of
/// users alone. Without a body.
#[utoipa::path(
    post,
    path = "/tenants/{id}/invitations/{invitation_id}/resend",
    tag = "tenants",
    operation_id = "tenants.resend_invitation",
    params(("id" = String, Path, description = "The tenant's id"), ("invitation_id" = String, Path, description = "The invitation's id")),
    responses((status = 200, description = "Sent", body = Success<Invitation>)),
    extensions(("x-error-codes" = json!(["second_factor_required", "forbidden", "not_found", "already_a_member", "plan_limit_reached", "rate_limited"]))),
    security(("bearer" = [])),
)]
#[instrument(name = "tenants.resend_invitation", skip_all)]
pub(crate) async fn resend(
    State(app): State<App>,
    PathAdmin(admin): PathAdmin,
    path: InPath<(String, String)>,
) -> ApiResult<Data<Invitation>> {
    let InPath((_, invitation)) = path;
    Ok(data(invitations::resend(&app.core, &admin, &invitation).await?))
}
