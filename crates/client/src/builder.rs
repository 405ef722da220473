//! How a client is set up.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use http::{HeaderValue, Uri};
use tracing::warn;

use crate::cache::PlanCache;
use crate::call::bearer;
use crate::client::{Inner, Settings};
use crate::session::{Listener, Session, SessionEnd};
use crate::store::{MemoryStore, TokenStore};
use crate::transport::{Http, Network, Target, Transport};
use crate::{ApiClient, Error, Patience, Result};

const PREFIX: &str = "/api/v1";

/// A client that is being set up; see [`ApiClient::builder`].
///
/// ```
/// use std::time::Duration;
/// use erpmax_client::ApiClient;
///
/// let client = ApiClient::builder("http://localhost:8000")
///     .connect_timeout(Duration::from_secs(5))
///     .receive_timeout(Duration::from_secs(60))
///     .language("uk")
///     .user_agent("price-list/1.0")
///     .on_session_end(|end| eprintln!("Signed out: {end:?}"))
///     .build()?;
/// # Ok::<(), erpmax_client::Error>(())
/// ```
#[must_use = "a client exists when it is built"]
pub struct Builder {
    base_url: String,
    connect_timeout: Duration,
    receive_timeout: Duration,
    language: Option<String>,
    user_agent: String,
    patience: Patience,
    store: Arc<dyn TokenStore>,
    transport: Option<Arc<dyn Transport>>,
    trusts_loopback: bool,
    plans: Option<(PathBuf, Duration)>,
    api_key: Option<String>,
    listener: Option<Listener>,
}

impl Builder {
    pub(crate) fn new(base_url: &str) -> Self {
        Self {
            base_url: base_url.to_owned(),
            connect_timeout: Duration::from_secs(30),
            receive_timeout: Duration::from_secs(30),
            language: None,
            user_agent: format!("erpmax-client/{} ({})", env!("CARGO_PKG_VERSION"), std::env::consts::OS),
            patience: Patience::default(),
            store: Arc::new(MemoryStore::default()),
            transport: None,
            trusts_loopback: false,
            plans: None,
            api_key: None,
            listener: None,
        }
    }

    /// How long connecting may take; 30 seconds unless said otherwise.
    pub const fn connect_timeout(mut self, time: Duration) -> Self {
        self.connect_timeout = time;
        self
    }

    /// How long an answer may take until it is whole; 30 seconds unless said otherwise.
    pub const fn receive_timeout(mut self, time: Duration) -> Self {
        self.receive_timeout = time;
        self
    }

    /// The language of messages: `uk` or `en`.
    pub fn language(mut self, language: &str) -> Self {
        self.language = Some(language.to_owned());
        self
    }

    /// What the client calls itself; people find it in the list of their sessions.
    pub fn user_agent(mut self, user_agent: &str) -> Self {
        user_agent.clone_into(&mut self.user_agent);
        self
    }

    /// How requests are repeated that may be.
    pub const fn patience(mut self, patience: Patience) -> Self {
        self.patience = patience;
        self
    }

    /// Where tokens are kept; in memory unless said otherwise.
    pub fn token_store(mut self, store: impl TokenStore) -> Self {
        self.store = Arc::new(store);
        self
    }

    /// The same, for a store that is chosen at run time.
    pub fn shared_token_store(mut self, store: Arc<dyn TokenStore>) -> Self {
        self.store = store;
        self
    }

    /// Calls with an API key of a company in place of a sign-in. It opens what its scopes name; it is never refreshed, so a 401
    /// says that it ended. Live events are for people who are signed in.
    pub fn api_key(mut self, key: &str) -> Self {
        self.api_key = Some(key.trim().to_owned());
        self
    }

    /// How the server is reached; over the network unless said otherwise.
    pub fn transport(mut self, transport: impl Transport) -> Self {
        self.transport = Some(Arc::new(transport));
        self
    }

    /// For development with a certificate of one's own: it is not checked, and a warning says so at each connection.
    ///
    /// It works for a server on this machine and for no other: [`Builder::build`] fails where the base URL names another host.
    pub const fn trust_any_certificate_on_loopback(mut self) -> Self {
        self.trusts_loopback = true;
        self
    }

    /// Keeps the price list in a file for `lifetime`; see [`Billing::cached_plans`].
    ///
    /// [`Billing::cached_plans`]: crate::services::Billing::cached_plans
    pub fn plan_cache(mut self, file: &Path, lifetime: Duration) -> Self {
        self.plans = Some((file.to_owned(), lifetime));
        self
    }

    /// What to do when the sign-in has ended without this application's doing. It is called once for each sign-in.
    pub fn on_session_end(mut self, listener: impl Fn(SessionEnd) + Send + Sync + 'static) -> Self {
        self.listener = Some(Arc::new(listener));
        self
    }

    /// The client.
    ///
    /// # Errors
    /// [`Error::Invalid`] if the base URL or another setting cannot be used.
    pub fn build(self) -> Result<ApiClient> {
        let (base, target) = self.base()?;
        if self.transport.is_none() && !target.is_tls && !target.is_loopback() {
            warn!(host = target.host, "The connection is not encrypted: whoever is on the way can read the sign-in");
        }
        let transport = self.chosen_transport(&target)?;
        let settings = Settings {
            api: format!("{base}{PREFIX}"),
            socket: base.replacen("http", "ws", 1),
            target,
            language: self.language.as_deref().map(|text| header("the language", text)).transpose()?,
            user_agent: header("the user agent", &self.user_agent)?,
            patience: self.patience,
            api_key: self.api_key.as_deref().map(|key| bearer("the API key", key)).transpose()?,
            plans: self.plans.map(|(file, lifetime)| PlanCache::new(file, lifetime, &base)),
        };
        let http = Http::new(transport, self.connect_timeout, self.receive_timeout);
        let session = Arc::new(Session::new(self.store, self.listener));
        Ok(ApiClient::from_inner(Inner { settings, http, session }))
    }

    /// The base URL without `/api/v1` and final slash, and where that is.
    fn base(&self) -> Result<(String, Target)> {
        let base = self.base_url.trim().trim_end_matches('/');
        let base = base.strip_suffix(PREFIX).unwrap_or(base).trim_end_matches('/');
        let wrong = || Error::Invalid(format!("{base:?} is no address such as https://api.example"));
        let uri: Uri = base.parse().map_err(|_| wrong())?;
        let is_plain =
            uri.query().is_none() && uri.authority().is_some_and(|authority| !authority.as_str().contains('@'));
        let target = Target::of(&uri).filter(|_| is_plain).ok_or_else(wrong)?;
        Ok((base.to_owned(), target))
    }

    fn chosen_transport(&self, target: &Target) -> Result<Arc<dyn Transport>> {
        if self.trusts_loopback && !target.is_loopback() {
            let host = &target.host;
            return Err(Error::Invalid(format!("the certificate of {host} is checked: it is not on this machine")));
        }
        Ok(match &self.transport {
            Some(transport) => transport.clone(),
            None if self.trusts_loopback => Arc::new(Network::default().trusting_any_certificate_on_loopback()),
            None => Arc::new(Network::default()),
        })
    }
}

fn header(what: &str, text: &str) -> Result<HeaderValue> {
    HeaderValue::from_str(text).map_err(|_| Error::Invalid(format!("{what} {text:?} cannot be a header")))
}
