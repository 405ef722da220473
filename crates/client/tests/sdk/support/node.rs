//! A control plane on a port and in process, with a clock that is moved by hand, and a runner in the hands of the test.

use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use axum::Router;
use erpmax_client::store::{MemoryStore, TokenStore};
use erpmax_client::transport::InProcess;
use erpmax_client::{ApiClient, Builder};
use erpmax_core::billing::provider::Providers;
use erpmax_core::mail::MailTransport;
use erpmax_core::provisioning::control::LocalControl;
use erpmax_core::{Clock, Core, HashingSettings, MasterKey, Settings};
use erpmax_server::realtime::{self, RealtimeSettings};
use erpmax_server::{App, EdgeSettings, Indoors, ServeSettings, serve};
use erpmax_store::Store;
use erpmax_types::Timestamp;
use erpmax_types::runner::{Checkpoint, Hold, Outcome, RunnerIdentity, StepBegun};
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio_util::sync::{CancellationToken, DropGuard};

use crate::database::TestDatabase;

pub(crate) struct Node {
    pub(crate) address: SocketAddr,
    clock: Clock,
    indoors: Indoors,
    control: LocalControl,
    _shutdown: DropGuard,
    _outbox: TempDir,
    // Last, so that everything that uses it is gone before.
    _database: TestDatabase,
}

impl Node {
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a port is free");
        let address = listener.local_addr().expect("it has an address");
        let (database, outbox) = (TestDatabase::create().await, TempDir::new().expect("a folder"));
        let clock = Clock::manual(Timestamp::from_micros(1_800_000_000_000_000));
        let core = start_core(&database, &outbox, clock.clone(), address).await;
        let (layer, sockets) = realtime::layer(&core, RealtimeSettings::default());
        let router =
            erpmax_server::router(App::new(core.clone(), EdgeSettings::default()), layer, Router::new(), Router::new());
        let shutdown = CancellationToken::new();
        tokio::spawn(sockets.run(shutdown.clone()));
        tokio::spawn(serve(vec![listener], router.clone(), ServeSettings::default(), shutdown.clone()));
        Self {
            address,
            clock,
            indoors: Indoors::new(router, ServeSettings::default(), shutdown.clone()),
            control: LocalControl::new(core),
            _shutdown: shutdown.drop_guard(),
            _outbox: outbox,
            _database: database,
        }
    }

    pub(crate) fn pass(&self, time: Duration) {
        self.clock.advance(time);
    }

    fn builder(&self, store: impl TokenStore) -> Builder {
        ApiClient::builder(&format!("http://{}", self.address)).token_store(store).language("en")
    }

    /// A client over the network.
    pub(crate) fn client(&self) -> ApiClient {
        self.builder(MemoryStore::default()).build().expect("a client")
    }

    pub(crate) fn client_with(&self, store: impl TokenStore) -> ApiClient {
        self.builder(store).build().expect("a client")
    }

    pub(crate) fn transport(&self) -> InProcess {
        let indoors = self.indoors.clone();
        InProcess::new(move |stream, caller| indoors.serve(stream, caller))
    }

    /// A client without a port.
    pub(crate) fn client_in_process(&self) -> ApiClient {
        self.builder(MemoryStore::default()).transport(self.transport()).build().expect("a client")
    }

    /// Leases the next job.
    pub(crate) async fn lease(&self) -> Work<'_> {
        let runner = RunnerIdentity { host: "host".to_owned(), boot: "boot".to_owned(), protocol: 1 };
        let lease = self.control.lease(&runner, Duration::ZERO).await.expect("the queue answers");
        Work { control: &self.control, hold: lease.expect("a job is due").hold }
    }
}

async fn start_core(database: &TestDatabase, outbox: &TempDir, clock: Clock, address: SocketAddr) -> Core {
    let store = Store::open(database.url(), 4).await.expect("the database opens");
    let mut settings = Settings::development(&format!("http://{address}"));
    settings.auth.hashing = HashingSettings { threads: 1, queue: 64, memory_kib: 8, iterations: 1, parallelism: 1 };
    settings.mail.transport = MailTransport::Folder(outbox.path().to_owned());
    let master = MasterKey::from_text(&MasterKey::generate_text()).expect("a generated key is good");
    Core::start(store, clock, settings, master, Providers::default()).await.expect("the rules start")
}

/// A job that a runner has leased.
pub(crate) struct Work<'a> {
    control: &'a LocalControl,
    hold: Hold,
}

impl Work<'_> {
    fn next(&mut self) -> Hold {
        self.hold.sequence += 1;
        self.hold
    }

    pub(crate) async fn begin(&mut self, step: &str, progress: u8) {
        let hold = self.next();
        let begun = StepBegun { step: step.to_owned(), message: step.to_owned(), progress, irrevocable: false };
        self.control.checkpoint(hold, Checkpoint::Begun(begun)).await.expect("the checkpoint is kept");
    }

    pub(crate) async fn end(&mut self, outcome: Outcome) {
        let hold = self.next();
        self.control.finish(hold, outcome).await.expect("the end is kept");
    }
}
