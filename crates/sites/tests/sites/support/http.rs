//! Sandbox sites over real HTTP, and a control plane that only redeems tokens.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::extract::{Path, Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::middleware::{Next, from_fn};
use axum::response::{IntoResponse as _, Redirect, Response};
use axum::routing::{get, post};
use erpmax_sites::sandbox::{SiteSettings, site_router};
use erpmax_types::TenantId;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use serde_json::{Value, json};
use tokio::net::TcpListener;

use super::site::fresh;
use super::world::World;

const CALLBACK: &str = "/api/v1/sso/erpnext/callback";
const STAYING: &str = "/api/v1/sso/erpnext/support-access/{id}";

/// What the control plane answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    Redeemed,
    /// For a temporary user.
    RedeemedForAWhile,
    RedeemedForAnotherTenant,
    Refused,
    Broken,
    Busy,
    Garbage,
    Endless,
    SentElsewhere,
}

/// A control plane's callback, and what it was asked.
pub struct Callback {
    pub answer: Mutex<Answer>,
    pub redirect: Mutex<String>,
    /// What is said to the question whether a temporary user may stay, and who asked about whom.
    pub staying: Mutex<StatusCode>,
    pub asked_about: Mutex<Vec<(String, String)>>,
    /// Host, site key and body of each call.
    pub asked: Mutex<Vec<(String, String, Value)>>,
    tenant: TenantId,
}

/// A world whose sites are served.
pub struct Served {
    pub world: World,
    pub callback: Arc<Callback>,
    pub port: u16,
    pub browser: reqwest::Client,
}

impl Served {
    /// Serves an empty sandbox; its site, once built, redeems at the callback.
    pub async fn start() -> Self {
        Self::beside(None).await
    }

    /// Serves an empty sandbox whose control plane is at an address where it need not be.
    pub async fn beside(control: Option<SocketAddr>) -> Self {
        let mut world = World::new();
        let callback = Arc::new(Callback {
            answer: Mutex::new(Answer::Redeemed),
            redirect: Mutex::new("/app".to_owned()),
            staying: Mutex::new(StatusCode::OK),
            asked_about: Mutex::default(),
            asked: Mutex::default(),
            tenant: world.site.tenant_id,
        });
        let router = Router::new().route(CALLBACK, post(redeem)).route(STAYING, get(may_stay));
        let router = router.with_state(callback.clone());
        let listening = serve(router).await;
        let settings = SiteSettings {
            root: world.root().to_owned(),
            public_url: "https://erpmax.example:8443/?a=1&b=2".to_owned(),
            control: control.unwrap_or(listening),
        };
        let sites = site_router(settings).expect("a client").layer(from_fn(label));
        let port = serve(sites).await.port();
        world.site.url = format!("http://acme.localhost:{port}");
        let browser = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .dns_resolver(Arc::new(Loopback))
            .no_proxy()
            .timeout(Duration::from_secs(20))
            .build()
            .expect("a client");
        Self { world, callback, port, browser }
    }

    /// Serves a sandbox with Acme's site in it.
    pub async fn with_site() -> Self {
        let served = Self::start().await;
        served.world.build().await;
        served
    }

    pub fn url(&self, path: &str) -> String {
        format!("http://acme.localhost:{}{path}", self.port)
    }

    pub async fn get(&self, path: &str) -> Page {
        Page::of(self.browser.get(self.url(path)).send().await.expect("an answer")).await
    }

    pub async fn get_as(&self, cookie: &str, path: &str) -> Page {
        let request = self.browser.get(self.url(path)).header(header::COOKIE, cookie);
        Page::of(request.send().await.expect("an answer")).await
    }

    pub async fn sign_in(&self, redirect: &str) -> Page {
        self.get(&format!("/api/method/erpmax.sso.login?token=abc&redirect={redirect}")).await
    }

    pub fn answer(&self, answer: Answer) {
        *self.callback.answer.lock().expect("an answer") = answer;
    }

    pub fn asked(&self) -> Vec<(String, String, Value)> {
        self.callback.asked.lock().expect("calls").clone()
    }
}

/// Resolves every name to loopback: the system's resolver need not know `*.localhost`.
struct Loopback;

impl Resolve for Loopback {
    fn resolve(&self, _: Name) -> Resolving {
        let address = SocketAddr::from(([127, 0, 0, 1], 0));
        Box::pin(std::future::ready(Ok(Box::new(std::iter::once(address)) as Addrs)))
    }
}

/// An answer with its body.
#[derive(Debug)]
pub struct Page {
    pub status: u16,
    pub headers: HeaderMap,
    pub body: String,
}

impl Page {
    pub async fn of(response: reqwest::Response) -> Self {
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        Self { status, headers, body: response.text().await.expect("a body") }
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().expect("text"))
    }

    /// The cookie as a browser sends it back.
    pub fn cookie(&self) -> String {
        self.header("set-cookie").split(';').next().unwrap_or_default().to_owned()
    }
}

async fn serve(router: Router) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = listener.local_addr().expect("an address");
    tokio::spawn(async move { axum::serve(listener, router).await });
    address
}

/// The control plane's router by host, in short.
async fn label(mut request: Request, next: Next) -> Response {
    let host = request.headers().get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    let name = host.split('.').next().and_then(|label| label.parse().ok());
    if let Some(name) = name {
        request.extensions_mut().insert::<erpmax_types::site_name::SiteName>(name);
    }
    next.run(request).await
}

async fn redeem(State(callback): State<Arc<Callback>>, headers: HeaderMap, body: axum::Json<Value>) -> Response {
    let text = |name| headers.get(name).map_or("", |value| value.to_str().expect("text")).to_owned();
    callback.asked.lock().expect("calls").push((text("host"), text("x-erpmax-site-key"), body.0));
    let answer = *callback.answer.lock().expect("an answer");
    match answer {
        Answer::Redeemed => redeemed(&callback, callback.tenant, None),
        Answer::RedeemedForAWhile => redeemed(&callback, callback.tenant, Some("2999-01-01T00:00:00Z")),
        Answer::RedeemedForAnotherTenant => redeemed(&callback, fresh(), None),
        Answer::Refused => (StatusCode::FORBIDDEN, "{}").into_response(),
        Answer::Broken => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
        Answer::Busy => StatusCode::TOO_MANY_REQUESTS.into_response(),
        Answer::Garbage => "<html>".into_response(),
        Answer::Endless => " ".repeat(10_000_000).into_response(),
        Answer::SentElsewhere => Redirect::to(CALLBACK).into_response(),
    }
}

async fn may_stay(State(callback): State<Arc<Callback>>, Path(id): Path<String>, headers: HeaderMap) -> StatusCode {
    let key = headers.get("x-erpmax-site-key").map_or("", |value| value.to_str().expect("text")).to_owned();
    callback.asked_about.lock().expect("calls").push((key, id));
    *callback.staying.lock().expect("an answer")
}

fn redeemed(callback: &Callback, tenant: TenantId, valid_until: Option<&str>) -> Response {
    let user = json!({ "id": fresh::<erpmax_types::UserId>(), "email": "owner@acme.example", "full_name": "<b>Owner</b>", "role": "owner" });
    let mut data = json!({ "user": user, "tenant": { "id": tenant, "name": "Acme", "slug": "acme" } });
    if let Some(valid_until) = valid_until {
        data["valid_until"] = valid_until.into();
    }
    let redirect = callback.redirect.lock().expect("a path").clone();
    axum::Json(json!({ "status": "success", "success": true, "data": data, "redirect": redirect })).into_response()
}
