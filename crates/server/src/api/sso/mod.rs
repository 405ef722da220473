//! Single sign-on into sites.

mod callback;
mod support_access;
mod token;
mod validate;

use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::App;

pub(super) fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(token::token))
        .routes(routes!(token::token_alias))
        .routes(routes!(callback::callback_get, callback::callback_post))
        .routes(routes!(validate::validate))
        .routes(routes!(support_access::support_access))
}
