//! `erpmax serve`: wires the rooms together, runs them, and drains them at the end.

use std::io::IsTerminal;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use erpmax_core::billing::provider::Providers;
use erpmax_core::billing::sandbox::Sandbox;
use erpmax_core::provisioning::control::LocalControl;
use erpmax_core::{Clock, Core, Environment, Settings, work};
use erpmax_server::realtime::{self, RealtimeSettings, Sockets};
use erpmax_server::{App, EdgeSettings, ServeSettings};
use erpmax_sites::RunnerSettings;
use erpmax_sites::sandbox::{SandboxDriver, SandboxSettings, SiteSettings, site_router};
use erpmax_store::Store;
use erpmax_types::runner::{PROTOCOL, RunnerIdentity};
use serde_json::json;
use tokio::net::TcpListener;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tracing::{info, warn};
use tracing_subscriber::EnvFilter;

use crate::configuration::{Configuration, LogFormat};
use crate::control::Bridge;
use crate::data::DataFolder;
use crate::failure::Failure;
use crate::printer::Printer;

/// How long tasks other than requests may take to end.
const PATIENCE: Duration = Duration::from_secs(10);

/// Runs the control plane until SIGTERM or SIGINT.
pub(crate) fn run(configuration: &Configuration, printer: &Printer) -> Result<(), Failure> {
    log_to_stderr(configuration)?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().map_err(Failure::unexpected)?;
    runtime.block_on(serve(configuration, printer))
}

async fn serve(configuration: &Configuration, printer: &Printer) -> Result<(), Failure> {
    let folder = DataFolder::take(configuration)?;
    let listeners = listen(configuration).await?;
    let port = port_of(&listeners)?;
    let settings = configuration.settings(port, folder.path())?;
    let store = open_store(configuration, &folder).await?;
    let core = start_core(configuration, &folder, store.clone(), settings, &listeners).await?;
    let (sockets_layer, sockets) = realtime::layer(&core, RealtimeSettings::default());
    let app = App::new(core.clone(), edge(configuration, core.settings()));
    let sites = sites(configuration, &folder, &core)?;
    let router = erpmax_server::router(app.clone(), sockets_layer, sites);

    let signals = Signals::listen()?;
    let addresses = addresses_of(&listeners);
    let shutdown = CancellationToken::new();
    let tasks = start_tasks(configuration, &folder, &core, sockets, &shutdown).await?;
    let serving = tokio::spawn(erpmax_server::serve(listeners, router, ServeSettings::default(), shutdown.clone()));
    greet(printer, &core, &folder, &addresses);
    signals.wait().await;

    app.drain();
    shutdown.cancel();
    serving.await.map_err(Failure::unexpected)?;
    if tokio::time::timeout(PATIENCE, tasks.wait()).await.is_err() {
        warn!("Some tasks did not end in time");
    }
    store.close().await;
    info!("Stopped");
    Ok(())
}

fn log_to_stderr(configuration: &Configuration) -> Result<(), Failure> {
    let filter = EnvFilter::try_new(&configuration.log.filter).map_err(|error| {
        Failure::wrong(format!("log.filter: {error}; write info, or a filter such as info,erpmax_sites=debug"))
    })?;
    let colours = std::io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none();
    let subscriber = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).with_ansi(colours);
    let set = match configuration.log.format {
        LogFormat::Text => subscriber.try_init(),
        LogFormat::Json => subscriber.json().try_init(),
    };
    set.map_err(|error| Failure::unexpected(anyhow::anyhow!("logging cannot begin: {error}")))
}

/// Listens on every address. An IPv6 address may be missing where the machine has no IPv6, as long as another one works.
async fn listen(configuration: &Configuration) -> Result<Vec<TcpListener>, Failure> {
    let mut listeners = Vec::new();
    for text in &configuration.listen {
        let address: SocketAddr =
            text.parse().map_err(|_| Failure::wrong(format!("listen: `{text}` is no address")))?;
        match TcpListener::bind(address).await {
            Ok(listener) => listeners.push(listener),
            Err(error) if is_missing_ipv6(address, &error) && !listeners.is_empty() => {
                info!(%address, "This machine has no IPv6; going on without");
            }
            Err(error) => return Err(explain_bind(address, &error)),
        }
    }
    Ok(listeners)
}

fn is_missing_ipv6(address: SocketAddr, error: &std::io::Error) -> bool {
    address.is_ipv6() && matches!(error.kind(), std::io::ErrorKind::AddrNotAvailable | std::io::ErrorKind::Unsupported)
}

fn explain_bind(address: SocketAddr, error: &std::io::Error) -> Failure {
    Failure::wrong(match error.kind() {
        std::io::ErrorKind::AddrInUse => {
            format!("{address} is in use by another program; stop it, or choose another address with --listen")
        }
        std::io::ErrorKind::PermissionDenied => {
            format!("listening on {address} is not permitted; choose a port above 1023")
        }
        _ => format!("listening on {address} is not possible: {error}"),
    })
}

fn port_of(listeners: &[TcpListener]) -> Result<u16, Failure> {
    let first = listeners.first().ok_or_else(|| Failure::wrong("listen: give at least one address"))?;
    Ok(first.local_addr().map_err(Failure::unexpected)?.port())
}

async fn open_store(configuration: &Configuration, folder: &DataFolder) -> Result<Store, Failure> {
    let url = folder.database_url(configuration);
    Store::open(&url, configuration.database.connections).await.map_err(|error| Failure::wrong(error.to_string()))
}

async fn start_core(
    configuration: &Configuration,
    folder: &DataFolder,
    store: Store,
    settings: Settings,
    listeners: &[TcpListener],
) -> Result<Core, Failure> {
    let address = listeners.first().and_then(|listener| listener.local_addr().ok());
    let own = address.map(|address| format!("http://{}", reachable(address))).unwrap_or_default();
    let sandbox = Sandbox::new(&own).map_err(Failure::Unexpected)?;
    let providers = Providers::default().with_sandbox(sandbox);
    let master = folder.master_key(configuration)?;
    Core::start(store, Clock::System, settings, master, providers)
        .await
        .map_err(|error| Failure::wrong(format!("{error:#}")))
}

/// Where this process reaches itself: an unspecified address stands for loopback.
fn reachable(mut address: SocketAddr) -> SocketAddr {
    if address.ip().is_unspecified() {
        let loopback = if address.is_ipv4() { [127, 0, 0, 1].into() } else { std::net::Ipv6Addr::LOCALHOST.into() };
        address.set_ip(loopback);
    }
    address
}

fn edge(configuration: &Configuration, settings: &Settings) -> EdgeSettings {
    let public = settings.public_url.split("://").nth(1).unwrap_or_default();
    let public = public.rsplit_once(':').map_or(public, |(host, _)| host).to_ascii_lowercase();
    let mut control_hosts = configuration.hosts.clone();
    control_hosts.extend([public, "localhost".to_owned()]);
    EdgeSettings {
        cors_origins: configuration.cors.origins.iter().map(|url| url.trim_end_matches('/').to_owned()).collect(),
        trusted_proxies: configuration.trusted_proxies.clone(),
        control_hosts,
        any_address_is_control: configuration.environment == Environment::Development,
        sites_zone: settings.sites.zone.clone(),
        ..EdgeSettings::default()
    }
}

fn sites(configuration: &Configuration, folder: &DataFolder, core: &Core) -> Result<axum::Router, Failure> {
    let public_url = core.settings().public_url.clone();
    site_router(SiteSettings { root: folder.sandbox(configuration), public_url }).map_err(Failure::unexpected)
}

/// Everything that runs beside requests.
async fn start_tasks(
    configuration: &Configuration,
    folder: &DataFolder,
    core: &Core,
    sockets: Sockets,
    shutdown: &CancellationToken,
) -> Result<TaskTracker, Failure> {
    let identity = identity(core, folder);
    let control = LocalControl::new(core.clone());
    control.announce(&identity).await.map_err(Failure::unexpected)?;
    let driver = SandboxDriver::new(SandboxSettings {
        root: folder.sandbox(configuration),
        step_time: Duration::from_millis(configuration.sandbox.step_milliseconds),
        fail_at: Some(configuration.sandbox.fail_at.clone()).filter(|step| !step.is_empty()),
        fail_attempts: configuration.sandbox.fail_attempts,
    });
    let worker = identity.clone();
    let runner = RunnerSettings { identity, slots: configuration.sites.slots };
    let tasks = TaskTracker::new();
    tasks.spawn(erpmax_sites::run(Arc::new(Bridge(control)), Arc::new(driver), runner, shutdown.clone()));
    tasks.spawn(sockets.run(shutdown.clone()));
    tasks.spawn(work::work_forever(core.clone(), worker, shutdown.clone()));
    tasks.spawn(work::sweep_forever(core.clone(), shutdown.clone()));
    tasks.close();
    Ok(tasks)
}

/// The runner's host is this machine with this data folder: what an earlier process of it held is free.
fn identity(core: &Core, folder: &DataFolder) -> RunnerIdentity {
    let uname = rustix::system::uname();
    let machine = uname.nodename().to_string_lossy();
    RunnerIdentity {
        host: format!("{machine}:{}", folder.path().display()),
        boot: core.id::<erpmax_types::LeaseId>().to_string(),
        protocol: PROTOCOL,
    }
}

fn addresses_of(listeners: &[TcpListener]) -> String {
    let addresses = listeners.iter().filter_map(|listener| listener.local_addr().ok());
    addresses.map(|address| address.to_string()).collect::<Vec<_>>().join(", ")
}

fn greet(printer: &Printer, core: &Core, folder: &DataFolder, addresses: &str) {
    let url = &core.settings().public_url;
    let site = core.settings().sites.url("{company}");
    let data = folder.path().display();
    let document = json!({
        "api": format!("{url}/api/v1"), "documents": format!("{url}/docs"), "listening": addresses,
        "data": data.to_string(), "sites": site, "sandbox": true,
    });
    let text = format!(
        "ERPMax is ready.\n\
         API        {url}/api/v1\n\
         Documents  {url}/docs\n\
         Listening  {addresses}\n\
         Data       {data}\n\
         Sites      {site} (sandbox: not ERPNext)\n\
         Payments   sandbox: no money moves\n\
         Stop with Ctrl-C."
    );
    printer.result(&document, &text);
}

/// The signals that end us. Heard from before anybody is told that we run.
struct Signals {
    terminate: Signal,
    interrupt: Signal,
}

impl Signals {
    fn listen() -> Result<Self, Failure> {
        Ok(Self {
            terminate: signal(SignalKind::terminate()).map_err(Failure::unexpected)?,
            interrupt: signal(SignalKind::interrupt()).map_err(Failure::unexpected)?,
        })
    }

    async fn wait(mut self) {
        tokio::select! {
            _ = self.terminate.recv() => info!("SIGTERM: draining"),
            _ = self.interrupt.recv() => info!("Interrupted: draining"),
        }
    }
}
