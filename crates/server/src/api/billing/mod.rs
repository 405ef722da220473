//! Plans, subscriptions and payments.

mod cancel;
mod checkout;
mod invoices;
mod plans;
mod subscription;
mod webhook;

use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::App;

pub(super) fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(plans::plans))
        .routes(routes!(subscription::subscription))
        .routes(routes!(checkout::checkout))
        .routes(routes!(cancel::cancel))
        .routes(routes!(invoices::invoices))
        .routes(routes!(webhook::webhook))
}
