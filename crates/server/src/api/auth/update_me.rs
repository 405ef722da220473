//! `PATCH /auth/me`.

use axum::extract::State;
use erpmax_core::auth;
use erpmax_types::Success;
use erpmax_types::proof::UpdateMe;
use erpmax_types::users::User;
use tracing::instrument;

use crate::App;
use crate::envelope::{Data, data};
use crate::error::ApiResult;
use crate::extract::{Body, SignedIn};

/// Change the own account.
///
/// Name and language change at once. Another address counts once the link that goes there is used; asking for it needs the
/// password, shown in the last minutes.
#[utoipa::path(
    patch,
    path = "/auth/me",
    tag = "auth",
    operation_id = "auth.update_me",
    request_body = UpdateMe,
    responses((status = 200, description = "The account", body = Success<User>)),
    extensions(("x-error-codes" = json!(["unsupported_media_type", "validation_failed", "confirmation_required", "rate_limited"]))),
    security(("bearer" = [])),
)]
#[instrument(name = "auth.update_me", skip_all)]
pub(crate) async fn update_me(
    State(app): State<App>,
    SignedIn(signed): SignedIn,
    body: Body<UpdateMe>,
) -> ApiResult<Data<User>> {
    Ok(data(auth::update_me(&app.core, &signed, &body.value).await?))
}
