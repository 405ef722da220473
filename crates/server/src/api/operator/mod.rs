//! `/operator`: what operators of the installation see and do.

mod audit;
mod audit_export;
mod end_access;
mod jobs;
mod show_tenant;
mod start_access;
mod summary;
mod tenants;

use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::App;

pub(super) fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(tenants::tenants))
        .routes(routes!(show_tenant::show_tenant))
        .routes(routes!(start_access::start_access))
        .routes(routes!(end_access::end_access))
        .routes(routes!(jobs::jobs))
        .routes(routes!(audit::audit))
        .routes(routes!(audit_export::export))
        .routes(routes!(summary::summary))
}
