//! `POST /auth/logout`.

use axum::extract::State;
use erpmax_core::auth;
use erpmax_types::Success;
use erpmax_types::envelope::Done;
use tracing::instrument;

use crate::App;
use crate::envelope::{Data, data};
use crate::error::ApiResult;
use crate::extract::SignedIn;

/// Sign out.
///
/// Ends the session: its tokens stop working and its sockets close at once.
#[utoipa::path(
    post,
    path = "/auth/logout",
    tag = "auth",
    operation_id = "auth.logout",
    responses((status = 200, description = "Signed out", body = Success<Done>)),
    security(("bearer" = [])),
)]
#[instrument(name = "auth.logout", skip_all)]
pub(crate) async fn logout(State(app): State<App>, SignedIn(signed): SignedIn) -> ApiResult<Data<Done>> {
    auth::logout(&app.core, &signed).await?;
    Ok(data(Done {}))
}
