//! How the rooms of the edge lie.

use std::net::SocketAddr;

use axum::extract::{ConnectInfo, Request, State};
use axum::middleware::Next;
use axum::response::Response;
use axum::routing::{any, get, post};
use axum::{Router, middleware};
use tower::Layer;

use crate::envelope::envelope;
use crate::extract::ClientAddress;
use crate::realtime::RealtimeLayer;
use crate::{App, api, docs, headers, health, hosts, openapi, pages, sandbox_checkout};

/// Everything that is served: the control plane with API, documents, health and sockets, and the sites, told apart by host.
///
/// `pages` answers whatever else the control plane is asked for. It finds the client's address as
/// [`ConnectInfo`]`<SocketAddr>`, with a port that says nothing.
pub fn router(app: App, sockets: RealtimeLayer, sites: Router, pages: Router) -> Router {
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
        .with_state(app.clone())
        .fallback_service(pages.layer(middleware::from_fn_with_state(app.clone(), tell_caller)));
    // Around the whole and not around each route, which would be copied with all its layers for every request.
    let control = (headers::cors(&app.edge), sockets).layer(control);
    hosts::by_host(app, control, sites)
}

async fn tell_caller(State(app): State<App>, request: Request, next: Next) -> Response {
    let (mut parts, body) = request.into_parts();
    if let Some(address) = ClientAddress::exactly(&parts, &app) {
        parts.extensions.insert(ConnectInfo(SocketAddr::new(address, 0)));
    }
    next.run(Request::from_parts(parts, body)).await
}
