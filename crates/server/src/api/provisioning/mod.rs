//! Jobs that make, back up and delete sites.

mod cancel;
mod create;
mod list;
mod retry;
mod show;

use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::App;

pub(super) fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list::list, create::create))
        .routes(routes!(show::show))
        .routes(routes!(retry::retry))
        .routes(routes!(cancel::cancel))
}
