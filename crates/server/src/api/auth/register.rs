//! `POST /auth/register`.

use axum::extract::State;
use axum::http::StatusCode;
use erpmax_core::auth;
use erpmax_types::Success;
use erpmax_types::users::{Register, SignedIn};
use tracing::instrument;

use crate::App;
use crate::envelope::{Data, data};
use crate::error::ApiResult;
use crate::extract::{Body, RequestOrigin};

/// Register.
///
/// Registers a person and a company: an account, a tenant with a trial, and a first session.
#[utoipa::path(
    post,
    path = "/auth/register",
    tag = "auth",
    operation_id = "auth.register",
    request_body = Register,
    responses((status = 201, description = "Registered and signed in", body = Success<SignedIn>)),
    extensions(("x-error-codes" = json!(["unsupported_media_type", "validation_failed", "email_taken", "rate_limited"]))),
)]
#[instrument(name = "auth.register", skip_all)]
pub(crate) async fn register(
    State(app): State<App>,
    RequestOrigin(origin): RequestOrigin,
    body: Body<Register>,
) -> ApiResult<(StatusCode, Data<SignedIn>)> {
    let signed_in = auth::register(&app.core, &body.value, &origin).await?;
    Ok((StatusCode::CREATED, data(signed_in)))
}
