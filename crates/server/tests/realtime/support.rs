//! A node with nothing but sockets, on a real port and a fresh database, and the people and jobs that tests need.

use std::net::SocketAddr;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use erpmax_core::access::{self, Admin, Signed};
use erpmax_core::auth::{self, Origin, keys};
use erpmax_core::billing::provider::Providers;
use erpmax_core::messages::Language;
use erpmax_core::provisioning::{self, control::LocalControl};
use erpmax_core::realtime::{Audience, Emission, News};
use erpmax_core::{Clock, Core, MasterKey, Settings};
use erpmax_server::realtime::{self, Line, RealtimeSettings};
use erpmax_store::Store;
use erpmax_types::events::Event;
use erpmax_types::provisioning::{CreateJob, ProvisioningJob};
use erpmax_types::runner::{Checkpoint, Hold, Lease, Outcome, RunnerIdentity, StepBegun, StepProgress};
use erpmax_types::users::Register;
use erpmax_types::{SessionId, TenantId, Timestamp, UserId};
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use tower::ServiceExt;

use crate::database::TestDatabase;

/// A database, a clock and a key: what nodes share.
pub(crate) struct World {
    database: TestDatabase,
    pub(crate) clock: Clock,
    master: MasterKey,
}

/// A node that serves sockets.
pub(crate) struct Node {
    pub(crate) core: Core,
    pub(crate) address: SocketAddr,
    pub(crate) shutdown: CancellationToken,
    pub(crate) sockets: JoinHandle<()>,
    control: LocalControl,
}

/// Somebody with a session.
#[derive(Clone)]
pub(crate) struct Person {
    pub(crate) token: String,
    pub(crate) user: UserId,
    pub(crate) tenant: TenantId,
    pub(crate) session: SessionId,
}

/// A job in the hands of a runner.
pub(crate) struct Work<'a> {
    control: &'a LocalControl,
    hold: Hold,
}

impl World {
    pub(crate) async fn new() -> Self {
        let database = TestDatabase::create().await;
        let master = MasterKey::from_text(&MasterKey::generate_text()).expect("a generated key is good");
        let clock = Clock::manual(Timestamp::from_micros(1_800_000_000_000_000));
        Self { database, clock, master }
    }

    pub(crate) async fn node(&self) -> Node {
        self.node_with(RealtimeSettings::default()).await
    }

    pub(crate) async fn node_with(&self, settings: RealtimeSettings) -> Node {
        let store = Store::open(self.database.url(), 8).await.expect("the database opens");
        let rules = Settings::development("http://localhost:8000");
        let core = Core::start(store, self.clock.clone(), rules, self.master.clone(), Providers::default());
        let core = core.await.expect("the rules start");
        let (layer, sockets) = realtime::layer(&core, settings);
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port is free");
        let address = listener.local_addr().expect("it has an address");
        let shutdown = CancellationToken::new();
        let sockets = tokio::spawn(sockets.run(shutdown.clone()));
        tokio::spawn(serve(listener, Router::new().layer(layer)));
        Node { control: LocalControl::new(core.clone()), core, address, shutdown, sockets }
    }

    pub(crate) fn pass(&self, time: Duration) {
        self.clock.advance(time);
    }
}

async fn serve(listener: TcpListener, router: Router) {
    while let Ok((stream, _)) = listener.accept().await {
        stream.set_nodelay(true).expect("small packets go at once");
        let line = Line::default();
        let io = TokioIo::new(line.clone().guard(stream));
        let router = router.clone();
        let service = service_fn(move |request: hyper::Request<hyper::body::Incoming>| {
            let mut request: Request = request.map(Body::new);
            request.extensions_mut().insert(line.clone());
            router.clone().oneshot(request)
        });
        tokio::spawn(hyper::server::conn::http1::Builder::new().serve_connection(io, service).with_upgrades());
    }
}

impl Node {
    /// Registers a person with a company of this name.
    pub(crate) async fn register(&self, company: &str) -> Person {
        let request = Register {
            email: format!("owner@{company}.example"),
            password: "SecurePass123".to_owned(),
            full_name: "Owner".to_owned(),
            company_name: company.to_owned(),
        };
        let signed_in = auth::register(&self.core, &request, &origin()).await.expect("registration works");
        self.person(signed_in.tokens.access_token).await
    }

    /// A further session of the same person.
    pub(crate) async fn login(&self, company: &str) -> Person {
        let email = format!("owner@{company}.example");
        let request = erpmax_types::users::Login { email, password: "SecurePass123".to_owned() };
        let signed_in = auth::login(&self.core, &request, &origin()).await.expect("sign-in works");
        self.person(signed_in.tokens.access_token).await
    }

    pub(crate) async fn person(&self, token: String) -> Person {
        let claims = keys::verify(&self.core, &token).await.expect("the token is good");
        Person { token, user: claims.user, tenant: claims.tenant, session: claims.session }
    }

    pub(crate) async fn signed(&self, person: &Person) -> Signed {
        let claims = keys::verify(&self.core, &person.token).await.expect("the token is good");
        access::signed(&self.core, &claims, "127.0.0.1").await.expect("the session lives")
    }

    pub(crate) async fn admin(&self, person: &Person) -> Admin {
        self.signed(person).await.member().and_then(erpmax_core::access::Member::admin).expect("an admin")
    }

    /// Lets `audience` hear a harmless event.
    pub(crate) async fn publish(&self, audience: Audience, days_left: i64) {
        self.publish_news(audience, News::Event(Event::SubscriptionExpiring { days_left })).await;
    }

    pub(crate) async fn publish_news(&self, audience: Audience, news: News) {
        let mut tx = self.core.store().begin().await.expect("the database answers");
        tx.emit(Emission { id: self.core.id(), audience, news, at: self.core.now() });
        tx.commit().await.expect("the event is kept");
    }

    /// Asks for a site.
    pub(crate) async fn create_site(&self, person: &Person) -> ProvisioningJob {
        let request = CreateJob { job_type: "create_site".to_owned() };
        provisioning::create(&self.core, &self.admin(person).await, &request, None).await.expect("a site can be had").0
    }

    /// Leases the next job.
    pub(crate) async fn work(&self) -> Work<'_> {
        let runner = RunnerIdentity { host: "host".to_owned(), boot: "boot".to_owned(), protocol: 1 };
        let lease = self.control.lease(&runner, Duration::from_secs(5)).await.expect("the queue answers");
        let Lease { hold, .. } = lease.expect("there is a job");
        Work { control: &self.control, hold }
    }
}

impl Work<'_> {
    fn next(&mut self) -> Hold {
        self.hold.sequence += 1;
        self.hold
    }

    pub(crate) async fn begin(&mut self, step: &str, progress: u8) {
        let (step, message) = (step.to_owned(), step.to_owned());
        let begun = Checkpoint::Begun(StepBegun { step, message, progress, irrevocable: false });
        let hold = self.next();
        self.control.checkpoint(hold, begun).await.expect("the checkpoint is kept");
    }

    pub(crate) async fn progress(&mut self, step: &str, progress: u8) {
        let (step, message) = (step.to_owned(), step.to_owned());
        let hold = self.next();
        self.control.progress(hold, StepProgress { step, message, progress }).await.expect("progress is heard");
    }

    pub(crate) async fn done(&mut self, step: &str, progress: u8) {
        let done = Checkpoint::Done { step: step.to_owned(), progress };
        let hold = self.next();
        self.control.checkpoint(hold, done).await.expect("the checkpoint is kept");
    }

    pub(crate) async fn complete(&mut self) {
        let hold = self.next();
        self.control.finish(hold, Outcome::Completed { result: None }).await.expect("the end is kept");
    }

    pub(crate) async fn fail(&mut self, error: &str) {
        let hold = self.next();
        let outcome = Outcome::Failed { error: error.to_owned(), leak: None };
        self.control.finish(hold, outcome).await.expect("the end is kept");
    }
}

fn origin() -> Origin {
    Origin {
        address: "127.0.0.1".to_owned(),
        user_agent: "test".to_owned(),
        language: Language::english(),
        bears_token: false,
        is_from_within: false,
    }
}
