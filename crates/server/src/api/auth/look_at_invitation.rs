//! `POST /auth/invitations/look`.

use axum::extract::State;
use erpmax_core::auth::invitation;
use erpmax_types::Success;
use erpmax_types::tenants::{InvitationLook, LookAtInvitation};
use tracing::instrument;

use crate::App;
use crate::envelope::{Data, data};
use crate::error::ApiResult;
use crate::extract::{Body, RequestOrigin};

/// Look at an invitation.
///
/// What a link leads to, and what accepting it needs. Nothing is spent by it.
#[utoipa::path(
    post,
    path = "/auth/invitations/look",
    tag = "auth",
    operation_id = "auth.look_at_invitation",
    request_body = LookAtInvitation,
    responses((status = 200, description = "The invitation", body = Success<InvitationLook>)),
    extensions(("x-error-codes" = json!(["unsupported_media_type", "validation_failed", "invalid_token", "rate_limited"]))),
)]
#[instrument(name = "auth.look_at_invitation", skip_all)]
pub(crate) async fn look(
    State(app): State<App>,
    RequestOrigin(origin): RequestOrigin,
    body: Body<LookAtInvitation>,
) -> ApiResult<Data<InvitationLook>> {
    Ok(data(invitation::look(&app.core, &body.value.token, &origin).await?))
}
