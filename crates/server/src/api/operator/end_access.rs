//! `DELETE /operator/tenants/{id}/access/{access_id}`.

use axum::extract::State;
use erpmax_core::operators;
use erpmax_types::Success;
use erpmax_types::operator::SupportAccess;
use tracing::instrument;

use crate::App;
use crate::envelope::{Data, data};
use crate::error::ApiResult;
use crate::extract::{InPath, TheOperator};

/// End a support access.
///
/// The temporary user has to leave the site at once. One that is over stays as it is.
#[utoipa::path(
    delete,
    path = "/operator/tenants/{id}/access/{access_id}",
    tag = "operator",
    operation_id = "operator.end_access",
    params(
        ("id" = String, Path, description = "The tenant's id"),
        ("access_id" = String, Path, description = "The access"),
    ),
    responses((status = 200, description = "The access", body = Success<SupportAccess>)),
    security(("bearer" = [])),
)]
#[instrument(name = "operator.end_access", skip_all)]
pub(crate) async fn end_access(
    State(app): State<App>,
    TheOperator(operator): TheOperator,
    InPath((tenant, access)): InPath<(String, String)>,
) -> ApiResult<Data<SupportAccess>> {
    Ok(data(operators::support::end(&app.core, &operator, &tenant, &access).await?))
}
