//! `POST /auth/invitations/accept`.

use axum::extract::State;
use axum::http::StatusCode;
use erpmax_core::auth::invitation;
use erpmax_types::Success;
use erpmax_types::tenants::{AcceptInvitation, AcceptedInvitation};
use tracing::instrument;

use crate::App;
use crate::envelope::{Data, data};
use crate::error::ApiResult;
use crate::extract::{Body, MaybeSignedIn, RequestOrigin};

/// Accept an invitation.
///
/// Without an account `full_name` and `password` make one, with a first session in the company joined: 201. Whoever has an account joins
/// with it: 200, and no session is begun. A link that came by mail proves the address; one that the inviter passed on does not, and needs
/// the account's session or password. A bearer token of another account, or one that is not good, is not looked at.
#[utoipa::path(
    post,
    path = "/auth/invitations/accept",
    tag = "auth",
    operation_id = "auth.accept_invitation",
    request_body = AcceptInvitation,
    responses(
        (status = 201, description = "Registered, joined and signed in", body = Success<AcceptedInvitation>),
        (status = 200, description = "Joined", body = Success<AcceptedInvitation>),
    ),
    extensions(("x-error-codes" = json!(["unsupported_media_type", "validation_failed", "invalid_token", "email_taken", "account_disabled", "conflict", "rate_limited"]))),
)]
#[instrument(name = "auth.accept_invitation", skip_all)]
pub(crate) async fn accept(
    State(app): State<App>,
    MaybeSignedIn(signed): MaybeSignedIn,
    RequestOrigin(origin): RequestOrigin,
    body: Body<AcceptInvitation>,
) -> ApiResult<(StatusCode, Data<AcceptedInvitation>)> {
    let accepted = invitation::accept(&app.core, &body.value, signed.as_ref(), &origin).await?;
    let status = if accepted.signed_in.is_some() { StatusCode::CREATED } else { StatusCode::OK };
    Ok((status, data(accepted)))
}
