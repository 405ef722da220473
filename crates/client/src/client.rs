//! The client: what all services share (guide §1, `api_client.dart`).

use std::fmt;
use std::sync::Arc;

use erpmax_types::users::{Refresh, Tokens};
use http::HeaderValue;

use crate::answer;
use crate::builder::Builder;
use crate::cache::PlanCache;
use crate::call::Call;
use crate::endpoints::{self, Endpoint};
use crate::services::{Auth, Backups, Billing, Notifications, Operator, Provisioning, Sso, Tenants};
use crate::session::{Refresher, Renewal, Session};
use crate::transport::{Http, Target};
use crate::{Patience, Realtime, Result};

/// A client of one server, as one person. Cheap to clone; clones share connections and the sign-in.
///
/// ```no_run
/// # async fn example() -> erpmax_client::Result<()> {
/// use erpmax_client::ApiClient;
///
/// let client = ApiClient::new("http://localhost:8000")?;
/// client.auth().login("owner@acme.example", "SecurePass123").await?;
/// println!("{}", client.tenants().current().await?.name);
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct ApiClient {
    inner: Arc<Inner>,
}

pub(crate) struct Inner {
    pub(crate) settings: Settings,
    pub(crate) http: Http,
    pub(crate) session: Arc<Session>,
}

/// What was decided when the client was built.
pub(crate) struct Settings {
    /// The address that paths are added to: the base URL with `/api/v1`.
    pub(crate) api: String,
    /// Where Socket.IO is: the base URL, as `ws` or `wss`.
    pub(crate) socket: String,
    pub(crate) target: Target,
    pub(crate) language: Option<HeaderValue>,
    pub(crate) user_agent: HeaderValue,
    pub(crate) patience: Patience,
    pub(crate) plans: Option<PlanCache>,
    /// `Bearer` with an API key, in place of a sign-in.
    pub(crate) api_key: Option<HeaderValue>,
}

impl ApiClient {
    /// A client with the defaults: 30 seconds to connect and to receive, tokens in memory.
    ///
    /// # Errors
    /// If the base URL cannot be used.
    pub fn new(base_url: &str) -> Result<Self> {
        Self::builder(base_url).build()
    }

    /// Begins a client of the server at `base_url`, such as `https://api.example`. `/api/v1` may be left out.
    pub fn builder(base_url: &str) -> Builder {
        Builder::new(base_url)
    }

    pub(crate) fn from_inner(inner: Inner) -> Self {
        Self { inner: Arc::new(inner) }
    }

    /// Accounts, sign-in and sessions.
    pub fn auth(&self) -> Auth {
        Auth::of(self)
    }

    /// Companies and their members.
    pub fn tenants(&self) -> Tenants {
        Tenants::of(self)
    }

    /// Plans, subscription and payments.
    pub fn billing(&self) -> Billing {
        Billing::of(self)
    }

    /// Jobs: making, deleting and backing up the site.
    pub fn provisioning(&self) -> Provisioning {
        Provisioning::of(self)
    }

    /// Archives of the site.
    pub fn backups(&self) -> Backups {
        Backups::of(self)
    }

    /// Sign-in to the site.
    pub fn sso(&self) -> Sso {
        Sso::of(self)
    }

    /// Messages to the person.
    pub fn notifications(&self) -> Notifications {
        Notifications::of(self)
    }

    /// The whole installation, for operators.
    pub fn operator(&self) -> Operator {
        Operator::of(self)
    }

    /// Live events.
    pub fn realtime(&self) -> Realtime {
        Realtime::of(self)
    }

    pub(crate) fn call(&self, endpoint: &'static Endpoint) -> Call {
        Call::new(self, endpoint)
    }

    pub(crate) fn settings(&self) -> &Settings {
        &self.inner.settings
    }

    pub(crate) fn http(&self) -> &Http {
        &self.inner.http
    }

    pub(crate) fn session(&self) -> &Arc<Session> {
        &self.inner.session
    }

    pub(crate) fn patience(&self) -> Patience {
        self.inner.settings.patience
    }

    /// Looks for other tokens than `used`, which were refused.
    pub(crate) async fn renew(&self, used: Option<&Tokens>) -> Result<Renewal> {
        let client = self.clone();
        let refresher: Refresher = Box::new(move |tokens| Box::pin(async move { client.refresh(&tokens).await }));
        self.session().renew(used, refresher).await
    }

    /// The one request of a renewal: without an access token, and never repeated.
    pub(crate) async fn refresh(&self, tokens: &Tokens) -> Result<Tokens> {
        let body = Refresh { refresh_token: tokens.refresh_token.clone() };
        let answered = self.call(&endpoints::REFRESH).json(&body).exchange(None).await?;
        Ok(answer::data(&answered)?.0)
    }
}

/// The address alone: nothing of the sign-in.
impl fmt::Debug for ApiClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ApiClient").field("api", &self.inner.settings.api).finish_non_exhaustive()
    }
}
