//! `POST /notifications/read-all`.

use axum::extract::State;
use erpmax_core::notifications;
use erpmax_types::Success;
use erpmax_types::notifications::MarkedRead;
use tracing::instrument;

use crate::App;
use crate::envelope::{Data, data};
use crate::error::ApiResult;
use crate::extract::SignedIn;

/// Mark all notifications as read.
///
/// All that are the caller's, whatever the current tenant.
#[utoipa::path(
    post,
    path = "/notifications/read-all",
    tag = "notifications",
    operation_id = "notifications.read_all",
    responses((status = 200, description = "How many were unread", body = Success<MarkedRead>)),
    security(("bearer" = [])),
)]
#[instrument(name = "notifications.read_all", skip_all)]
pub(crate) async fn read_all(State(app): State<App>, SignedIn(signed): SignedIn) -> ApiResult<Data<MarkedRead>> {
    Ok(data(notifications::mark_all_read(&app.core, &signed).await?))
}
