//! The endpoints of API v1, one file each.

mod auth;
mod backups;
mod billing;
mod notifications;
mod operator;
mod provisioning;
pub(crate) mod scopes;
mod sso;
mod tenants;

use erpmax_types::ErrorCode;
use erpmax_types::envelope::Failure;
use utoipa::OpenApi;
use utoipa_axum::router::OpenApiRouter;

use crate::App;
use crate::error::ApiError;

#[derive(OpenApi)]
#[openapi(components(schemas(Failure)))]
struct Document;

/// All routes of API v1, relative to `/api/v1`, with what the OpenAPI document says of them.
pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::with_openapi(Document::openapi())
        .merge(auth::router())
        .merge(tenants::router())
        .merge(billing::router())
        .merge(provisioning::router())
        .merge(backups::router())
        .merge(sso::router())
        .merge(notifications::router())
        .merge(operator::router())
}

pub(crate) async fn unknown_route() -> ApiError {
    ErrorCode::NotFound.into()
}
