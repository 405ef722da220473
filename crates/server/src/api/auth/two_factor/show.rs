//! `GET /auth/two-factor`.

use axum::extract::State;
use erpmax_core::auth::two_factor;
use erpmax_types::Success;
use erpmax_types::two_factor::TwoFactor;
use tracing::instrument;

use crate::App;
use crate::envelope::{Data, data};
use crate::error::ApiResult;
use crate::extract::SignedIn;

/// See the second factor.
///
/// Whether signing in asks for a code, and how many recovery codes are left.
#[utoipa::path(
    get,
    path = "/auth/two-factor",
    tag = "auth",
    operation_id = "auth.two_factor",
    responses((status = 200, description = "Where the account stands", body = Success<TwoFactor>)),
    security(("bearer" = [])),
)]
#[instrument(name = "auth.two_factor", skip_all)]
pub(crate) async fn show(State(app): State<App>, SignedIn(signed): SignedIn) -> ApiResult<Data<TwoFactor>> {
    Ok(data(two_factor::show(&app.core, &signed).await?))
}
