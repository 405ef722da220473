//! `POST /notifications/{id}/read`.

use axum::extract::State;
use erpmax_core::notifications;
use erpmax_types::Success;
use erpmax_types::notifications::Notification;
use tracing::instrument;

use crate::App;
use crate::envelope::{Data, data};
use crate::error::ApiResult;
use crate::extract::{InPath, SignedIn};

/// Mark a notification as read.
///
/// Only the caller's own are found.
#[utoipa::path(
    post,
    path = "/notifications/{id}/read",
    tag = "notifications",
    operation_id = "notifications.read",
    params(("id" = String, Path, description = "The notification's id")),
    responses((status = 200, description = "The notification as it is now", body = Success<Notification>)),
    extensions(("x-error-codes" = json!(["not_found"]))),
    security(("bearer" = [])),
)]
#[instrument(name = "notifications.read", skip_all)]
pub(crate) async fn read(
    State(app): State<App>,
    SignedIn(signed): SignedIn,
    InPath(id): InPath<String>,
) -> ApiResult<Data<Notification>> {
    Ok(data(notifications::mark_read(&app.core, signed.user_id, &id).await?))
}
