//! Headers that protect browsers, and who may call from another origin.

use std::time::Duration;

use axum::http::header::{
    AUTHORIZATION, CACHE_CONTROL, CONTENT_LANGUAGE, CONTENT_SECURITY_POLICY, CONTENT_TYPE, REFERRER_POLICY,
    RETRY_AFTER, SET_COOKIE, STRICT_TRANSPORT_SECURITY, X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method};
use tower_http::cors::{Any, CorsLayer};
use tracing::error;

use crate::EdgeSettings;
use crate::request_id::REQUEST_ID;

const NOTHING: &str = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";
/// How long browsers remember that there is https; of this host alone, as sites may live below it.
const ONE_YEAR: &str = "max-age=31536000";
const PREFLIGHT_AGE: Duration = Duration::from_secs(600);

/// Adds to an answer what it does not say itself.
pub(crate) fn protect(headers: &mut HeaderMap, is_https: bool) {
    let defaults = [
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (X_FRAME_OPTIONS, "DENY"),
        (REFERRER_POLICY, "no-referrer"),
        (CONTENT_SECURITY_POLICY, NOTHING),
        (CACHE_CONTROL, "no-store"),
    ];
    for (name, value) in defaults {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    }
    if is_https {
        headers.insert(STRICT_TRANSPORT_SECURITY, HeaderValue::from_static(ONE_YEAR));
        keep_bound_cookies(headers);
    }
}

/// Lets only those cookies out that browsers bind to this very host (`__Host-`): a site's page can neither read nor set them.
fn keep_bound_cookies(headers: &mut HeaderMap) {
    let all: Vec<HeaderValue> = headers.get_all(SET_COOKIE).iter().cloned().collect();
    let (bound, others): (Vec<_>, Vec<_>) =
        all.into_iter().partition(|cookie| cookie.as_bytes().starts_with(b"__Host-"));
    if others.is_empty() {
        return;
    }
    error!(count = others.len(), "Cookies that are not bound to this host were held back");
    headers.remove(SET_COOKIE);
    for cookie in bound {
        headers.append(SET_COOKIE, cookie);
    }
}

/// Who may call from another origin; nobody unless configured.
pub(crate) fn cors(edge: &EdgeSettings) -> CorsLayer {
    let exposed = [REQUEST_ID, RETRY_AFTER, CONTENT_LANGUAGE];
    let layer = CorsLayer::new()
        .allow_methods([Method::GET, Method::POST, Method::PATCH, Method::DELETE])
        .allow_headers([AUTHORIZATION, CONTENT_TYPE, HeaderName::from_static("idempotency-key")])
        .expose_headers(exposed)
        .max_age(PREFLIGHT_AGE);
    if edge.cors_origins.iter().any(|origin| origin == "*") {
        return layer.allow_origin(Any);
    }
    let origins: Vec<HeaderValue> = edge.cors_origins.iter().filter_map(|origin| origin.parse().ok()).collect();
    layer.allow_origin(origins)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn over_https_only_cookies_of_this_very_host_get_out() {
        let mut headers = HeaderMap::new();
        for cookie in ["__Host-session=1; Secure; Path=/", "session=2", "__Secure-session=3; Secure"] {
            headers.append(SET_COOKIE, HeaderValue::from_static(cookie));
        }
        let mut plain = headers.clone();
        protect(&mut headers, true);
        let kept: Vec<_> = headers.get_all(SET_COOKIE).iter().collect();
        assert_eq!(kept, ["__Host-session=1; Secure; Path=/"]);
        protect(&mut plain, false);
        assert_eq!(plain.get_all(SET_COOKIE).iter().count(), 3);
    }
}
