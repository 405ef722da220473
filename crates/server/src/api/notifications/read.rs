//! `POST /notifications/{id}/read`.

use axum::extract::{Path, State};
use erpmax_core::notifications;
use erpmax_types::Success;
use erpmax_types::notifications::Notification;
use tracing::instrument;

use crate::App;
use crate::envelope::{Data, data};
use crate::error::ApiResult;
use crate::extract::SignedIn;

/// Marks one of the caller's notifications as read.
#[utoipa::path(
    post,
    path = "/notifications/{id}/read",
    tag = "notifications",
    operation_id = "notifications.read",
    summary = "Mark a notification as read",
    params(("id" = String, Path, description = "The notification's id")),
    responses((status = 200, description = "The notification as it is now", body = Success<Notification>)),
    extensions(("x-error-codes" = json!(["unauthorized","token_expired","account_disabled", "not_found"]))),
    security(("bearer" = [])),
)]
#[instrument(name = "notifications.read", skip_all)]
pub(crate) async fn read(
    State(app): State<App>,
    SignedIn(signed): SignedIn,
    Path(id): Path<String>,
) -> ApiResult<Data<Notification>> {
    Ok(data(notifications::mark_read(&app.core, signed.user_id, &id).await?))
}
