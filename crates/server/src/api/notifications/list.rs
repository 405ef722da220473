//! `GET /notifications`.

use axum::extract::State;
use erpmax_core::notifications;
use erpmax_types::Success;
use erpmax_types::notifications::Notifications;
use tracing::instrument;

use crate::App;
use crate::envelope::{Data, page};
use crate::error::ApiResult;
use crate::extract::{Paging, SignedIn};

/// List my notifications.
///
/// The caller's notifications, newest first, with the number of unread ones.
#[utoipa::path(
    get,
    path = "/notifications",
    tag = "notifications",
    operation_id = "notifications.list",
    params(("page" = Option<u32>, Query), ("size" = Option<u32>, Query)),
    responses((status = 200, description = "A page of notifications", body = Success<Notifications>)),
    extensions(("x-error-codes" = json!(["validation_failed"]))),
    security(("bearer" = [])),
)]
#[instrument(name = "notifications.list", skip_all)]
pub(crate) async fn list(
    State(app): State<App>,
    SignedIn(signed): SignedIn,
    Paging(paging): Paging,
) -> ApiResult<Data<Notifications>> {
    let (list, pagination) = notifications::list(&app.core, &signed, paging).await?;
    Ok(page(list, pagination))
}
