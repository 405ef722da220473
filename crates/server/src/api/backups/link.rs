//! `POST /backups/{id}/download`.

use axum::extract::State;
use erpmax_core::provisioning::backups;
use erpmax_types::Success;
use erpmax_types::backups::BackupLink;
use tracing::instrument;

use crate::App;
use crate::envelope::{Data, data};
use crate::error::ApiResult;
use crate::extract::{CurrentOwner, InPath};

/// Ask for a link to an archive.
///
/// The link is good for ten minutes and one download, while the session lives and the person is an owner. An archive holds all that
/// the company has, so this asks for the password of the last minutes.
#[utoipa::path(
    post,
    path = "/backups/{id}/download",
    tag = "backups",
    operation_id = "backups.link",
    params(("id" = String, Path, description = "The archive's id")),
    responses((status = 200, description = "Where it can be fetched, once", body = Success<BackupLink>)),
    extensions(("x-error-codes" = json!(["second_factor_required", "not_a_member", "forbidden", "confirmation_required", "not_found", "unavailable"]))),
    security(("bearer" = [])),
)]
#[instrument(name = "backups.link", skip_all)]
pub(crate) async fn link(
    State(app): State<App>,
    CurrentOwner(owner): CurrentOwner,
    InPath(backup): InPath<String>,
) -> ApiResult<Data<BackupLink>> {
    Ok(data(backups::link(&app.core, &owner, &backup).await?))
}
