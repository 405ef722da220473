//! `GET /backups/download/{token}`.

use axum::body::Body;
use axum::extract::State;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_LENGTH, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use erpmax_core::provisioning::backups::{self, OpenBackup};
use tokio_util::io::ReaderStream;
use tracing::instrument;

use crate::App;
use crate::error::ApiResult;
use crate::extract::{InPath, RequestOrigin};

/// Fetch an archive.
///
/// Spends a link and answers the file: a `tar.gz` whose first entry, `manifest.json`, lists all others with their SHA-256. A link that is
/// spent, over or unknown is 404.
#[utoipa::path(
    get,
    path = "/backups/download/{token}",
    tag = "backups",
    operation_id = "backups.download",
    params(("token" = String, Path, description = "The end of the link")),
    responses((status = 200, description = "The archive", content_type = "application/gzip", body = String,
        example = "the bytes of a tar.gz")),
    extensions(("x-error-codes" = json!(["not_found", "unavailable"]))),
)]
#[instrument(name = "backups.download", skip_all)]
pub(crate) async fn download(
    State(app): State<App>,
    RequestOrigin(origin): RequestOrigin,
    InPath(token): InPath<String>,
) -> ApiResult<Archive> {
    Ok(Archive(backups::open(&app.core, &token, &origin.address).await?))
}

/// An archive on its way, which browsers keep as a file.
pub(crate) struct Archive(OpenBackup);

impl IntoResponse for Archive {
    fn into_response(self) -> Response {
        let OpenBackup { file, bytes, name } = self.0;
        let headers = [
            (CONTENT_TYPE, "application/gzip".to_owned()),
            (CONTENT_LENGTH, bytes.to_string()),
            (CONTENT_DISPOSITION, format!("attachment; filename=\"{name}\"")),
        ];
        (headers, Body::from_stream(ReaderStream::with_capacity(file, 64 * 1024))).into_response()
    }
}
