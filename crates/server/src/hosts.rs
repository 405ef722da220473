//! The router that comes before everything: the control plane, a customer's site, or nothing.

use std::convert::Infallible;
use std::net::IpAddr;

use axum::Router;
use axum::extract::Request;
use axum::http::StatusCode;
use axum::http::header::HOST;
use axum::response::{IntoResponse, Response};
use erpmax_types::site_name::SiteName;
use tower::{Service, ServiceExt};

use crate::{App, headers, request_id};

#[derive(Debug, PartialEq, Eq)]
enum Destination {
    Control,
    Site(SiteName),
    Nowhere,
}

/// Sends each request to the control plane or to the sites, by its host; the latter find the [`SiteName`] in its extensions.
pub(crate) fn by_host<C>(app: App, control: C, sites: Router) -> Router
where
    C: Service<Request, Response = Response, Error = Infallible> + Clone + Send + Sync + 'static,
    C::Future: Send,
{
    Router::new().fallback(async move |mut request: Request| match destination(&app, &request) {
        Destination::Control => answer_as_control(&app, control, request).await,
        Destination::Site(name) => {
            request.extensions_mut().insert(name);
            answer(sites, request).await
        }
        Destination::Nowhere => nowhere(),
    })
}

/// What every answer of the control plane has: a request id, and headers that protect browsers.
async fn answer_as_control<C>(app: &App, control: C, mut request: Request) -> Response
where
    C: Service<Request, Response = Response, Error = Infallible>,
{
    let id = request_id::give(app, &mut request);
    let mut response = answer(control, request).await;
    headers::protect(response.headers_mut(), app.edge.is_https);
    request_id::say(id, response.headers_mut());
    response
}

async fn answer<S>(service: S, request: Request) -> Response
where
    S: Service<Request, Response = Response, Error = Infallible>,
{
    service.oneshot(request).await.unwrap_or_else(|never| match never {})
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
