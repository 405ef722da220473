//! The second factor of an account.

mod activate;
mod begin;
mod disable;
mod recovery_codes;
mod show;

use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::App;

pub(super) fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(show::show, begin::begin, disable::disable))
        .routes(routes!(activate::activate))
        .routes(routes!(recovery_codes::recovery_codes))
}
