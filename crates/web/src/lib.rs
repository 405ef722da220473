//! The web app: pages for companies, made on the server, moved by a small script where something is live.
//!
//! It is a client like any other (`erpmax-client`, in process): what a person can do here, the API can do. Sessions are those of a
//! client that keeps a secret: browsers hold a sealed cookie and never a token.

mod assets;
mod auth;
mod billing;
mod choices;
mod company;
mod format;
mod home;
mod jobs;
mod live;
mod notifications;
mod page;
mod session;
mod settings;
mod site;
mod words;

use std::ops::Deref;
use std::sync::Arc;

use axum::Router;
use axum::middleware;
use axum::response::IntoResponse;
use axum::routing::{get, post};
use erpmax_client::transport::InProcess;
use tokio_util::sync::CancellationToken;
use tower_http::csrf::{CsrfLayer, ProtectionError};

use page::{Failure, render_failures};
use session::{Cookies, Sessions};

/// What the pages need to know.
pub struct WebSettings {
    /// The control plane's address, as people know it.
    pub public_url: String,
    /// The address of a company's site, with `{company}` for its word.
    pub site_url: String,
    /// Whether sites or payments are not real.
    pub is_sandbox: bool,
    /// Seals the sessions' cookies; the same on all nodes.
    pub cookie_key: [u8; 32],
}

/// What every page can reach. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Web(Arc<Inner>);

pub(crate) struct Inner {
    pub(crate) settings: WebSettings,
    pub(crate) cookies: Cookies,
    pub(crate) sessions: Sessions,
    pub(crate) transport: InProcess,
    /// Cancelled when the process is about to end: live connections close.
    pub(crate) closing: CancellationToken,
}

impl Deref for Web {
    type Target = Inner;

    fn deref(&self) -> &Inner {
        &self.0
    }
}

/// All pages. `transport` leads to the API; the caller's address is expected as
/// [`ConnectInfo`](axum::extract::ConnectInfo)`<SocketAddr>`.
pub fn router(settings: WebSettings, transport: InProcess, closing: CancellationToken) -> Router {
    let cookies = Cookies::new(&settings.cookie_key, settings.public_url.starts_with("https://"));
    let web = Web(Arc::new(Inner { settings, cookies, sessions: Sessions::new(), transport, closing }));
    let foreign = CsrfLayer::new().with_rejection_response(|_: ProtectionError| Failure::ForeignForm.into_response());
    Router::new()
        .route("/", get(home::show))
        .route("/sign-in", get(auth::sign_in::show).post(auth::sign_in::sign_in))
        .route("/sign-in/code", post(auth::code::answer))
        .route("/sign-up", get(auth::sign_up::show).post(auth::sign_up::sign_up))
        .route("/sign-out", post(auth::sign_out))
        .route("/verify-email/resend", post(auth::resend_verification))
        .route("/company", post(company::switch))
        .route("/site", post(site::create))
        .route("/site/open", post(site::open))
        .route("/site/backup", post(site::backup))
        .route("/jobs/{id}", get(jobs::show))
        .route("/jobs/{id}/retry", post(jobs::retry))
        .route("/jobs/{id}/cancel", post(jobs::cancel))
        .route("/notifications", get(notifications::list).post(notifications::read_all))
        .route("/billing", get(billing::show))
        .route("/billing/checkout", post(billing::checkout))
        .route("/billing/cancel", post(billing::cancel))
        .merge(settings::router())
        .route("/live", get(live::live))
        .route("/choices", post(choices::keep))
        .fallback(async || Failure::NotFound)
        .layer(foreign)
        .layer(middleware::from_fn_with_state(web.clone(), render_failures))
        .merge(assets::router())
        .with_state(web)
}
