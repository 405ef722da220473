//! The whole control plane on a fresh database, with a clock that stands until it is moved.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use axum::http::Method;
use erpmax_core::audit::Actor;
use erpmax_core::billing::provider::{PaymentProvider, Providers};
use erpmax_core::billing::sandbox::Sandbox;
use erpmax_core::mail::{MailTransport, Security, SmtpSettings};
use erpmax_core::provisioning::control::LocalControl;
use erpmax_core::{Clock, Core, Environment, HashingSettings, MasterKey, Settings, auth, hash, random_token, work};
use erpmax_server::realtime::{self, RealtimeSettings};
use erpmax_server::{App, EdgeSettings, Peer, ServeSettings, serve};
use erpmax_store::Store;
use erpmax_store::outbox::{self, Emission, News};
use erpmax_types::Timestamp;
use erpmax_types::runner::{PROTOCOL, RunnerIdentity};
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tower::ServiceExt;

use super::database::TestDatabase;
use super::person::{Call, Person};
use super::postbox::{Letter, Postbox};
use super::{Answer, TestTenant, until};

/// What a test may decide before the start.
pub(crate) struct Setup {
    pub(crate) settings: Settings,
    pub(crate) edge: EdgeSettings,
    /// Whether payments can be made in the sandbox, and queued work is carried out.
    pub(crate) payments: bool,
    /// Other payment providers.
    pub(crate) providers: Vec<Arc<dyn PaymentProvider>>,
}

impl Setup {
    /// Mails go to a server, so that addresses can be proven; nobody answers there.
    pub(crate) fn send_mails(&mut self) {
        self.settings.mail.transport = MailTransport::Smtp(SmtpSettings {
            host: "127.0.0.1".to_owned(),
            port: 1,
            security: Security::None,
            account: None,
            trusted: None,
            patience: Duration::from_secs(5),
        });
    }
}

/// A control plane. Cheap to clone; gone with the last clone.
#[derive(Clone)]
pub(crate) struct TestApp {
    inner: Arc<Inner>,
}

struct Inner {
    core: Core,
    clock: Clock,
    router: Router,
    control: LocalControl,
    postbox: Postbox,
    address: SocketAddr,
    hosts: AtomicU32,
    stands_still: AtomicBool,
    shutdown: CancellationToken,
    // Last, so that everything that uses it is gone before.
    lasting: Arc<Lasting>,
}

/// What outlives a control plane.
struct Lasting {
    database: TestDatabase,
    master: String,
    outbox: TempDir,
}

impl Lasting {
    async fn create() -> Self {
        let outbox = TempDir::new().expect("a folder");
        Self { database: TestDatabase::create().await, master: MasterKey::generate_text(), outbox }
    }
}

impl TestApp {
    /// A control plane as on a developer's machine, with hashing made cheap.
    pub(crate) async fn start() -> Self {
        Self::with(|_| {}).await
    }

    /// One in which addresses have to be proven.
    pub(crate) async fn proving() -> Self {
        Self::with(|setup| setup.settings.environment = Environment::Production).await
    }

    /// Writes a token as if a mail with it had gone to a person's address.
    pub(crate) async fn plant_token(&self, person: &Person, purpose: &str) -> String {
        let token = random_token();
        let (now, expires_at) = (self.now().as_micros(), (self.now() + Duration::from_secs(1_800)).as_micros());
        let (hash, email) = (hash(&token), &person.email);
        let sql = format!(
            "INSERT INTO mail_tokens (token_hash, purpose, user_id, email, email_key, created_at, expires_at)
             VALUES ('{hash}', '{purpose}', '{}', '{email}', '{email}', {now}, {expires_at})",
            person.id
        );
        assert_eq!(self.database().execute(&sql).await, 1);
        token
    }

    /// One in which nothing happens by itself.
    pub(crate) async fn quiet() -> Self {
        Self::with(|setup| setup.payments = false).await
    }

    pub(crate) async fn with(change: impl FnOnce(&mut Setup)) -> Self {
        let clock = Clock::manual(Timestamp::from_micros(1_800_000_000_000_000));
        Self::on(Arc::new(Lasting::create().await), clock, change).await
    }

    /// Another control plane in place of this one, on what this one leaves behind, and as quiet as at the start.
    pub(crate) async fn after_its_death(&self) -> Self {
        self.inner.shutdown.cancel();
        self.core().store().close().await;
        let clock = Clock::manual(self.now());
        let app = Self::on(self.inner.lasting.clone(), clock, |setup| setup.payments = false).await;
        app.inner.hosts.store(self.inner.hosts.load(Ordering::Relaxed), Ordering::Relaxed);
        app
    }

    async fn on(lasting: Arc<Lasting>, clock: Clock, change: impl FnOnce(&mut Setup)) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a port is free");
        let address = listener.local_addr().expect("it has an address");
        let mut settings = Settings::development(&format!("http://localhost:{}", address.port()));
        settings.auth.hashing = HashingSettings { threads: 1, queue: 64, memory_kib: 8, iterations: 1, parallelism: 1 };
        settings.mail.transport = MailTransport::Folder(lasting.outbox.path().to_owned());
        settings.archives = Some(lasting.outbox.path().to_owned());
        let mut setup = Setup { settings, edge: EdgeSettings::default(), payments: true, providers: Vec::new() };
        change(&mut setup);
        let works = setup.payments;
        let app = Self { inner: Arc::new(Inner::start(setup, address, lasting, clock).await) };
        app.listen(listener);
        if works {
            app.work();
        }
        app
    }

    /// Sandbox payments report over a real connection.
    fn listen(&self, listener: TcpListener) {
        let router = self.inner.postbox.before(self.inner.router.clone());
        tokio::spawn(serve(vec![listener], router, ServeSettings::default(), self.inner.shutdown.clone()));
    }

    /// Carries queued work out from now on.
    pub(crate) fn work(&self) {
        let worker = RunnerIdentity { host: "test".to_owned(), boot: super::random_id(), protocol: PROTOCOL };
        tokio::spawn(work::work_forever(self.core().clone(), worker, self.inner.shutdown.clone()));
    }

    pub(crate) fn core(&self) -> &Core {
        &self.inner.core
    }

    pub(crate) fn control(&self) -> &LocalControl {
        &self.inner.control
    }

    pub(crate) fn postbox(&self) -> &Postbox {
        &self.inner.postbox
    }

    /// The folder that mails go to.
    pub(crate) fn outbox(&self) -> &Path {
        self.inner.lasting.outbox.path()
    }

    pub(crate) fn database(&self) -> &TestDatabase {
        &self.inner.lasting.database
    }

    /// Where it really listens.
    pub(crate) fn address(&self) -> SocketAddr {
        self.inner.address
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.inner.clock.now()
    }

    pub(crate) fn pass(&self, time: Duration) {
        self.inner.clock.advance(time);
    }

    /// From now on requests take no time, or take it again.
    pub(crate) fn stand_still(&self, still: bool) {
        self.inner.stands_still.store(still, Ordering::Relaxed);
    }

    /// An address that nobody used.
    pub(crate) fn new_address(&self) -> IpAddr {
        let number = self.inner.hosts.fetch_add(1, Ordering::Relaxed);
        Ipv4Addr::from_bits(Ipv4Addr::new(10, 0, 0, 1).to_bits() + number).into()
    }

    /// Sends a request through everything; it comes from `address`, and takes a millisecond.
    pub(crate) async fn send(&self, mut request: Request<Body>, address: IpAddr) -> Answer {
        if !self.inner.stands_still.load(Ordering::Relaxed) {
            self.pass(Duration::from_millis(1));
        }
        let peer = Peer { address: SocketAddr::new(address, 50_000), is_within: false };
        request.extensions_mut().get_or_insert(peer);
        let response = self.inner.router.clone().oneshot(request).await;
        Answer::read(response.unwrap_or_else(|never| match never {})).await
    }

    /// Begins a request of nobody in particular to a path below `/api/v1`.
    pub(crate) fn call(&self, method: Method, path: &str) -> Call {
        Call::new(self, method, &format!("/api/v1{path}"), self.new_address())
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.call(Method::GET, path).send().await
    }

    pub(crate) async fn post(&self, path: &str, body: serde_json::Value) -> Answer {
        self.call(Method::POST, path).json(&body).send().await
    }

    /// Registers somebody with a company of this name.
    pub(crate) async fn person(&self, name: &str) -> Person {
        Person::register(self, &format!("{name}@{name}.example"), name).await
    }

    /// Delivers a webhook of the sandbox.
    pub(crate) async fn deliver(&self, letter: &Letter) -> Answer {
        let call = self.call(Method::POST, "/billing/webhook/sandbox").header("x-erpmax-signature", &letter.signature);
        call.body(letter.body.clone()).send().await
    }

    /// Waits until all webhooks are worked through.
    pub(crate) async fn settled(&self) {
        let waiting = "SELECT event_id FROM provider_events WHERE handled_at IS NULL";
        until("the webhooks are worked through", async || self.database().texts(waiting).await.is_empty()).await;
    }

    /// The names of all events that sockets are told, in their order.
    pub(crate) async fn events(&self) -> Vec<String> {
        let emissions = self.emissions().await.into_iter();
        emissions
            .filter_map(|emission| match emission.news {
                News::Event(event) => Some(event.name().to_owned()),
                News::Close | News::MoveTo(_) => None,
            })
            .collect()
    }

    /// Everything that sockets are told.
    pub(crate) async fn emissions(&self) -> Vec<Emission> {
        let mut conn = self.core().store().read().await.expect("the database answers");
        let news = outbox::list_after(&mut conn, 0, 1_000_000).await.expect("the outbox can be read");
        news.into_iter().map(|(_, emission)| emission.expect("news can be read")).collect()
    }

    /// Closes somebody's account, as an operator would.
    pub(crate) async fn disable(&self, person: &Person) {
        let user = person.id.parse().expect("an id");
        auth::deactivate(self.core(), user, Actor::default()).await.expect("deactivation works");
    }

    /// Registers the owner of a company of this name.
    pub(crate) async fn tenant(&self, name: &str) -> TestTenant {
        TestTenant::found(self, name).await
    }
}

impl Inner {
    async fn start(setup: Setup, address: SocketAddr, lasting: Arc<Lasting>, clock: Clock) -> Self {
        let store = Store::open(lasting.database.url(), 4).await.expect("the database opens");
        let master = MasterKey::from_text(&lasting.master).expect("a generated key is good");
        let mut providers = Providers::new(setup.providers);
        if setup.payments {
            providers = providers.with_sandbox(Sandbox::new(&format!("http://{address}")).expect("a client"));
        }
        let core = Core::start(store, clock.clone(), setup.settings, master, providers);
        let core = core.await.expect("the rules start");
        let (layer, _) = realtime::layer(&core, RealtimeSettings::default());
        let router = erpmax_server::router(App::new(core.clone(), setup.edge), layer, Router::new(), Router::new());
        Self {
            control: LocalControl::new(core.clone()),
            core,
            clock,
            router,
            postbox: Postbox::default(),
            address,
            hosts: AtomicU32::new(0),
            stands_still: AtomicBool::new(false),
            shutdown: CancellationToken::new(),
            lasting,
        }
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        self.shutdown.cancel();
    }
}
