//! `POST /auth/verify-email/resend`.

use axum::extract::State;
use erpmax_core::auth::proof;
use erpmax_types::Success;
use erpmax_types::proof::LetterSent;
use tracing::instrument;

use crate::App;
use crate::envelope::{Data, data};
use crate::error::ApiResult;
use crate::extract::SignedIn;

/// Ask for the proof once more.
///
/// Sends a new link; the ones before are good no more.
#[utoipa::path(
    post,
    path = "/auth/verify-email/resend",
    tag = "auth",
    operation_id = "auth.resend_verification",
    responses((status = 200, description = "Whether a letter was sent", body = Success<LetterSent>)),
    extensions(("x-error-codes" = json!(["rate_limited"]))),
    security(("bearer" = [])),
)]
#[instrument(name = "auth.resend_verification", skip_all)]
pub(crate) async fn resend_verification(
    State(app): State<App>,
    SignedIn(signed): SignedIn,
) -> ApiResult<Data<LetterSent>> {
    Ok(data(proof::resend(&app.core, &signed).await?))
}
