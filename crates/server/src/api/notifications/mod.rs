//! Messages to people.

mod list;
mod read;
mod read_all;

use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::App;

pub(super) fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(list::list)).routes(routes!(read_all::read_all)).routes(routes!(read::read))
}
