//! `DELETE /tenants/{id}/api-keys/{key_id}`.

use axum::extract::State;
use erpmax_core::tenants::api_keys;
use erpmax_types::Success;
use erpmax_types::envelope::Done;
use tracing::instrument;

use crate::App;
use crate::envelope::{Data, data};
use crate::error::ApiResult;
use crate::extract::{InPath, PathAdmin};

/// Revoke an API key.
///
/// Ends a key, whoever made it. It takes effect on the next request.
#[utoipa::path(
    delete,
    path = "/tenants/{id}/api-keys/{key_id}",
    tag = "tenants",
    operation_id = "tenants.revoke_api_key",
    params(("id" = String, Path, description = "The tenant's id"), ("key_id" = String, Path, description = "The key's id")),
    responses((status = 200, description = "Revoked", body = Success<Done>)),
    extensions(("x-error-codes" = json!(["second_factor_required", "forbidden", "not_found"]))),
    security(("bearer" = [])),
)]
#[instrument(name = "tenants.revoke_api_key", skip_all)]
pub(crate) async fn revoke(
    State(app): State<App>,
    PathAdmin(admin): PathAdmin,
    path: InPath<(String, String)>,
) -> ApiResult<Data<Done>> {
    let InPath((_, key)) = path;
    api_keys::revoke(&app.core, &admin, &key).await?;
    Ok(data(Done {}))
}
