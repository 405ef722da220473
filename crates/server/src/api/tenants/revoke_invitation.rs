//! `DELETE /tenants/{id}/invitations/{invitation_id}`.

use axum::extract::State;
use erpmax_core::tenants::invitations;
use erpmax_types::Success;
use erpmax_types::envelope::Done;
use tracing::instrument;

use crate::App;
use crate::envelope::{Data, data};
use crate::error::ApiResult;
use crate::extract::{InPath, PathAdmin};

/// Take an invitation back.
///
/// Its links are good no more. An admin takes back invitations of users alone.
#[utoipa::path(
    delete,
    path = "/tenants/{id}/invitations/{invitation_id}",
    tag = "tenants",
    operation_id = "tenants.revoke_invitation",
    params(("id" = String, Path, description = "The tenant's id"), ("invitation_id" = String, Path, description = "The invitation's id")),
    responses((status = 200, description = "Taken back", body = Success<Done>)),
    extensions(("x-error-codes" = json!(["second_factor_required", "forbidden", "not_found"]))),
    security(("bearer" = [])),
)]
#[instrument(name = "tenants.revoke_invitation", skip_all)]
pub(crate) async fn revoke(
    State(app): State<App>,
    PathAdmin(admin): PathAdmin,
    path: InPath<(String, String)>,
) -> ApiResult<Data<Done>> {
    let InPath((_, invitation)) = path;
    invitations::revoke(&app.core, &admin, &invitation).await?;
    Ok(data(Done {}))
}
