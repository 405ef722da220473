//! How the rooms of the edge lie.

use axum::routing::{any, get, post};
use axum::{Router, middleware};
use tower::Layer;

use crate::envelope::envelope;
use crate::realtime::RealtimeLayer;
use crate::{App, api, docs, headers, health, hosts, openapi, pages, sandbox_checkout};

/// Everything that is served: the control plane with API, documents, health and sockets, and the sites, told apart by host.
pub fn router(app: App, sockets: RealtimeLayer, sites: Router) -> Router {
    let (api, document) = api::router().split_for_parts();
    let api = Router::new()
        .nest("/api/v1", api.fallback(api::unknown_route))
        // A nested router does not see its own address with a slash behind it.
        .route("/api/v1/", any(api::unknown_route))
        .layer(middleware::from_fn_with_state(app.clone(), envelope));
    let control = Router::new()
        .merge(api)
        .route("/health/live", get(health::live))
        .route("/health/ready", get(health::ready))
        .route("/sandbox/checkout/{id}", get(sandbox_checkout::show))
        .route("/sandbox/checkout/{id}/pay", post(sandbox_checkout::pay))
        .route("/sandbox/checkout/{id}/cancel", post(sandbox_checkout::cancel))
        .merge(pages::router())
        .merge(docs::router(openapi::complete(document)))
        .with_state(app.clone());
    // Around the whole and not around each route, which would be copied with all its layers for every request.
    let control = (headers::cors(&app.edge), sockets).layer(control);
    hosts::by_host(app, control, sites)
}
