//! `DELETE /tenants/{id}/support-access/{access_id}`.

use axum::extract::State;
use erpmax_core::tenants::support_access as feature;
use erpmax_types::Success;
use erpmax_types::operator::SupportAccess;
use tracing::instrument;

use crate::App;
use crate::envelope::{Data, data};
use crate::error::ApiResult;
use crate::extract::{InPath, PathOwner};

/// End a support access.
///
/// Whoever of support is in the site has to leave at once. One that is over stays as it is.
#[utoipa::path(
    delete,
    path = "/tenants/{id}/support-access/{access_id}",
    tag = "tenants",
    operation_id = "tenants.end_support_access",
    params(
        ("id" = String, Path, description = "The tenant's id"),
        ("access_id" = String, Path, description = "The access"),
    ),
    responses((status = 200, description = "The access", body = Success<SupportAccess>)),
    extensions(("x-error-codes" = json!(["second_factor_required", "forbidden", "not_found"]))),
    security(("bearer" = [])),
)]
#[instrument(name = "tenants.end_support_access", skip_all)]
pub(crate) async fn end_support_access(
    State(app): State<App>,
    PathOwner(owner): PathOwner,
    InPath((_tenant, access)): InPath<(String, String)>,
) -> ApiResult<Data<SupportAccess>> {
    Ok(data(feature::end(&app.core, &owner, &access).await?))
}
