//! `POST /auth/confirm`.

use axum::extract::State;
use erpmax_core::auth;
use erpmax_types::Success;
use erpmax_types::users::{Confirm, Confirmed};
use tracing::instrument;

use crate::App;
use crate::envelope::{Data, data};
use crate::error::ApiResult;
use crate::extract::{Body, SignedIn};

/// Show the password again.
///
/// What cannot be taken back answers 403 `confirmation_required` unless the password was shown some minutes ago, at the
/// sign-in or here.
#[utoipa::path(
    post,
    path = "/auth/confirm",
    tag = "auth",
    operation_id = "auth.confirm",
    request_body = Confirm,
    responses((status = 200, description = "Confirmed", body = Success<Confirmed>)),
    extensions(("x-error-codes" = json!(["unsupported_media_type", "validation_failed", "rate_limited"]))),
    security(("bearer" = [])),
)]
#[instrument(name = "auth.confirm", skip_all)]
pub(crate) async fn confirm(
    State(app): State<App>,
    SignedIn(signed): SignedIn,
    body: Body<Confirm>,
) -> ApiResult<Data<Confirmed>> {
    Ok(data(auth::confirm(&app.core, &signed, &body.value).await?))
}
