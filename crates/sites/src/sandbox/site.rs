//! What is served at a sandbox site's address: one site a request, told by the [`SiteName`](erpmax_types::site_name::SiteName) in its extensions.

mod lookup;
mod pages;
mod redeem;
mod redirect;
mod session;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::middleware::map_response;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use erpmax_types::sso::{SsoCallback, SsoUser};
use serde::Deserialize;
use serde_json::json;

use super::layout::Layout;
use super::record::SiteRecord;
use lookup::{AnySite, Found, OpenSite};
use pages::{Home, Notice};
use redeem::{RedeemingDesk, Refusal};
use session::{Sessions, Visitor};

const CONTENT_SECURITY_POLICY: &str =
    "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// What the pages of sandbox sites need to know.
#[derive(Clone, Debug)]
pub struct SiteSettings {
    /// The sandbox's folder, the driver's `root`.
    pub root: PathBuf,
    /// The control plane's address, where people sign in.
    pub public_url: String,
    /// Where this process listens itself: sign-in tokens are redeemed there, whatever is in front of `public_url`.
    pub control: SocketAddr,
}

struct App {
    layout: Layout,
    public_url: String,
    desk: RedeemingDesk,
    sessions: Sessions,
}

/// The router of all sandbox sites.
pub fn site_router(settings: SiteSettings) -> Result<Router, reqwest::Error> {
    let desk = RedeemingDesk::new(settings.control, &settings.public_url)?;
    let layout = Layout::new(&settings.root);
    let app = Arc::new(App { layout, public_url: settings.public_url, desk, sessions: Sessions::default() });
    Ok(Router::new()
        .route("/", get(home))
        .route("/app", get(home))
        .route("/app/{*page}", get(home))
        .route("/api/method/erpmax.sso.login", get(sign_in))
        .route("/api/method/erpmax.health", get(health))
        .route("/logout", post(sign_out))
        .route("/sandbox.css", get(stylesheet))
        .fallback(no_page)
        .method_not_allowed_fallback(wrong_method)
        .layer(map_response(with_headers))
        .with_state(app))
}

async fn home(State(app): State<Arc<App>>, OpenSite(site): OpenSite, headers: HeaderMap) -> Response {
    let visitor = app.visitor(&site, &headers).await;
    pages::show(StatusCode::OK, &Home { site: &site, visitor, public_url: &app.public_url })
}

impl App {
    /// Who is signed in. A temporary user is only for as long as the control plane says so: without an answer nobody is.
    async fn visitor(&self, site: &SiteRecord, headers: &HeaderMap) -> Option<SsoUser> {
        let id = session::id_in(headers)?;
        let visitor = self.sessions.find(&id, site.id)?;
        if visitor.is_temporary && !self.desk.may_stay(&self.layout, site, &visitor.user).await {
            self.sessions.remove(&id);
            return None;
        }
        Some(visitor.user)
    }
}

#[derive(Deserialize)]
struct SignIn {
    token: String,
    redirect: Option<String>,
}

async fn sign_in(
    State(app): State<Arc<App>>,
    OpenSite(site): OpenSite,
    method: Method,
    headers: HeaderMap,
    link: Result<Query<SignIn>, QueryRejection>,
) -> Response {
    if method == Method::HEAD {
        return wrong_method().await;
    }
    let Ok(Query(SignIn { token, redirect })) = link else { return refused(&app) };
    let call = SsoCallback { token, redirect };
    let redeemed = match app.desk.redeem(&app.layout, &site, &call).await {
        Ok(redeemed) => redeemed,
        Err(Refusal::Refused) => return refused(&app),
        Err(Refusal::Unreachable) => return unreachable(&app),
    };
    if let Some(id) = session::id_in(&headers) {
        app.sessions.remove(&id);
    }
    let visitor = Visitor { user: redeemed.data.user, is_temporary: redeemed.data.valid_until.is_some() };
    let id = app.sessions.insert(site.id, visitor);
    go_to(&redirect::location(&redeemed.redirect), &session::cookie(&id, &site.url))
}

async fn sign_out(State(app): State<Arc<App>>, OpenSite(site): OpenSite, headers: HeaderMap) -> Response {
    if let Some(id) = session::id_in(&headers) {
        app.sessions.remove(&id);
    }
    go_to("/", &session::no_cookie(&site.url))
}

async fn health(AnySite { name, found }: AnySite) -> Response {
    let (status, message) = match found {
        Found::Open(_) => (StatusCode::OK, "ok"),
        Found::Building => (StatusCode::SERVICE_UNAVAILABLE, "building"),
        Found::Closed => (StatusCode::SERVICE_UNAVAILABLE, "closed"),
        Found::Suspended => (StatusCode::PAYMENT_REQUIRED, "suspended"),
        Found::Nowhere => (StatusCode::NOT_FOUND, "missing"),
    };
    (status, Json(json!({ "message": message, "site": name, "sandbox": true }))).into_response()
}

async fn stylesheet() -> Response {
    let kind = HeaderValue::from_static("text/css; charset=utf-8");
    ([(header::CONTENT_TYPE, kind)], include_str!("../../templates/sandbox.css")).into_response()
}

async fn no_page(OpenSite(_): OpenSite) -> Response {
    Notice::new("No such page", "This sandbox site has no page at this address.")
        .with_link("/app", "To the site")
        .show(StatusCode::NOT_FOUND)
}

async fn wrong_method() -> Response {
    Notice::new("That does not work", "This address does not take such a request.").show(StatusCode::METHOD_NOT_ALLOWED)
}

fn refused(app: &App) -> Response {
    Notice::new(
        "You are not signed in",
        "This sign-in link is used up, too old or not for this site. Please open the site again.",
    )
    .with_link(&app.public_url, "To ERPMax")
    .show(StatusCode::FORBIDDEN)
}

fn unreachable(app: &App) -> Response {
    Notice::new("Signing in does not work just now", "ERPMax did not answer. Please try again in a moment.")
        .with_link(&app.public_url, "To ERPMax")
        .show(StatusCode::BAD_GATEWAY)
}

fn go_to(location: &str, cookie: &str) -> Response {
    let mut response = StatusCode::SEE_OTHER.into_response();
    for (name, value) in [(header::LOCATION, location), (header::SET_COOKIE, cookie)] {
        if let Ok(value) = HeaderValue::from_str(value) {
            response.headers_mut().insert(name, value);
        }
    }
    response
}

async fn with_headers(mut response: Response) -> Response {
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(CONTENT_SECURITY_POLICY));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}
