//! `POST /tenants/{id}/users/invite`.

use axum::extract::State;
use erpmax_core::tenants::invitations;
use erpmax_types::Success;
use erpmax_types::tenants::{Invitation, InviteUser};
use tracing::instrument;

use crate::App;
use crate::envelope::{Data, data};
use crate::error::ApiResult;
use crate::extract::{Body, IdempotencyKey, PathAdmin};

/// Invite a person.
///
/// An admin invites users, an owner admins too. The answer is the same whether or not the address has an account. An invitation that an
/// admin may not make stays as it is, and is the answer.
#[utoipa::path(
    post,
    path = "/tenants/{id}/users/invite",
    tag = "tenants",
    operation_id = "tenants.invite",
    request_body = InviteUser,
    params(("id" = String, Path, description = "The tenant's id"), ("Idempotency-Key" = Option<String>, Header)),
    responses((status = 200, description = "Invited", body = Success<Invitation>)),
    extensions(("x-error-codes" = json!(["unsupported_media_type", "validation_failed", "second_factor_required", "forbidden", "not_found", "already_a_member", "plan_limit_reached", "idempotency_mismatch", "rate_limited"]))),
    security(("bearer" = [])),
)]
#[instrument(name = "tenants.invite", skip_all)]
pub(crate) async fn invite(
    State(app): State<App>,
    PathAdmin(admin): PathAdmin,
    key: IdempotencyKey,
    body: Body<InviteUser>,
) -> ApiResult<Data<Invitation>> {
    let once = body.once(key, "tenants.invite");
    Ok(data(invitations::invite(&app.core, &admin, &body.value, once).await?))
}
