//! `POST /auth/password/change`.

use axum::extract::State;
use erpmax_core::auth::password;
use erpmax_types::Success;
use erpmax_types::users::{ChangePassword, EndedSessions};
use tracing::instrument;

use crate::App;
use crate::envelope::{Data, data};
use crate::error::ApiResult;
use crate::extract::{Body, SignedIn};

/// Change the password.
///
/// Asks the password so far, and ends all other sessions.
#[utoipa::path(
    post,
    path = "/auth/password/change",
    tag = "auth",
    operation_id = "auth.change_password",
    request_body = ChangePassword,
    responses((status = 200, description = "How many sessions were ended", body = Success<EndedSessions>)),
    extensions(("x-error-codes" = json!(["unsupported_media_type", "validation_failed", "conflict", "rate_limited"]))),
    security(("bearer" = [])),
)]
#[instrument(name = "auth.change_password", skip_all)]
pub(crate) async fn change(
    State(app): State<App>,
    SignedIn(signed): SignedIn,
    body: Body<ChangePassword>,
) -> ApiResult<Data<EndedSessions>> {
    Ok(data(password::change(&app.core, &signed, &body.value).await?))
}
