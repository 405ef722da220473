//! The router that comes before everything: the control plane, a customer's site, or nothing.

use std::net::IpAddr;

use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use axum::http::StatusCode;
use axum::http::header::HOST;
use axum::response::{IntoResponse, Response};
use erpmax_types::site_name::SiteName;
use tower::ServiceExt;

use crate::App;

#[derive(Debug, PartialEq, Eq)]
enum Destination {
    Control,
    Site(SiteName),
    Nowhere,
}

/// Sends each request to the control plane or to the sites, by its host; the latter find the [`SiteName`] in its extensions.
pub(crate) fn by_host(app: App, control: Router, sites: Router) -> Router {
    Router::new().fallback(async move |mut request: Request| {
        let router = match destination(&app, &request) {
            Destination::Control => control,
            Destination::Site(name) => {
                request.extensions_mut().insert(name);
                sites
            }
            Destination::Nowhere => return nowhere(),
        };
        answer(router, request).await
    })
}

async fn answer(router: Router, request: Request<Body>) -> Response {
    router.oneshot(request).await.unwrap_or_else(|never| match never {})
}

fn nowhere() -> Response {
    (StatusCode::NOT_FOUND, "There is nothing at this address.\n").into_response()
}

fn destination(app: &App, request: &Request) -> Destination {
    let header = request.headers().get(HOST).and_then(|value| value.to_str().ok());
    let authority = request.uri().authority().map(axum::http::uri::Authority::as_str).or(header);
    let host = host_of(authority.unwrap_or_default());
    let edge = &app.edge;
    let is_address = host.trim_matches(['[', ']']).parse::<IpAddr>().is_ok();
    if edge.control_hosts.contains(&host) || (is_address && edge.any_address_is_control) {
        return Destination::Control;
    }
    let label = host.strip_suffix(&edge.sites_zone).and_then(|rest| rest.strip_suffix('.'));
    match label.and_then(|label| label.parse().ok()) {
        Some(name) => Destination::Site(name),
        None => Destination::Nowhere,
    }
}

/// The host of an authority, in small letters, without port and final dot.
fn host_of(authority: &str) -> String {
    let host = match authority.rsplit_once(':') {
        Some((host, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) && !host.ends_with(':') => host,
        _ => authority,
    };
    host.trim_end_matches('.').to_ascii_lowercase()
}

#[cfg(test)]
mod tests {
    use super::host_of;

    #[test]
    fn hosts_are_read_without_port_and_case() {
        assert_eq!(host_of("Acme.Localhost:8000"), "acme.localhost");
        assert_eq!(host_of("[::1]:8000"), "[::1]");
        assert_eq!(host_of("localhost."), "localhost");
        assert_eq!(host_of(""), "");
    }
}
