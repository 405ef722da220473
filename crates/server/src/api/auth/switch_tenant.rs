//! `POST /auth/switch-tenant`.

use axum::extract::State;
use erpmax_core::auth;
use erpmax_types::Success;
use erpmax_types::users::{SwitchTenant, Switched};
use tracing::instrument;

use crate::App;
use crate::envelope::{Data, data};
use crate::error::ApiResult;
use crate::extract::{Body, SignedIn};

/// Switch the current tenant.
///
/// Makes another tenant the session's current one; its sockets hear that tenant's events from now on.
#[utoipa::path(
    post,
    path = "/auth/switch-tenant",
    tag = "auth",
    operation_id = "auth.switch_tenant",
    request_body = SwitchTenant,
    responses((status = 200, description = "Tokens for the other tenant", body = Success<Switched>)),
    extensions(("x-error-codes" = json!(["unsupported_media_type", "validation_failed", "not_found"]))),
    security(("bearer" = [])),
)]
#[instrument(name = "auth.switch_tenant", skip_all)]
pub(crate) async fn switch_tenant(
    State(app): State<App>,
    SignedIn(signed): SignedIn,
    body: Body<SwitchTenant>,
) -> ApiResult<Data<Switched>> {
    Ok(data(auth::switch_tenant(&app.core, &signed, &body.value).await?))
}
