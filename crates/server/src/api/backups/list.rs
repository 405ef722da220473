//! `GET /backups`.

use axum::extract::State;
use erpmax_core::provisioning::backups;
use erpmax_types::Success;
use erpmax_types::backups::Backup;
use tracing::instrument;

use crate::App;
use crate::envelope::{Data, page};
use crate::error::ApiResult;
use crate::extract::{CurrentMember, Paging};

/// List the archives.
///
/// The archives of the current tenant's site, newest first; that of a site that was deleted among them.
#[utoipa::path(
    get,
    path = "/backups",
    tag = "backups",
    operation_id = "backups.list",
    params(("page" = Option<u32>, Query), ("size" = Option<u32>, Query)),
    responses((status = 200, description = "A page of archives", body = Success<Vec<Backup>>)),
    extensions(("x-error-codes" = json!(["second_factor_required", "not_a_member", "validation_failed"]))),
    security(("bearer" = [])),
)]
#[instrument(name = "backups.list", skip_all)]
pub(crate) async fn list(
    State(app): State<App>,
    CurrentMember(member): CurrentMember,
    Paging(paging): Paging,
) -> ApiResult<Data<Vec<Backup>>> {
    let backups = backups::list(&app.core, &member, paging).await?;
    Ok(page(backups.items, backups.pagination))
}
