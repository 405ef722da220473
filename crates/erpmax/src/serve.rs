//! `erpmax serve`: wires the rooms together, runs them, and drains them at the end.

use std::io::IsTerminal;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use erpmax_client::transport::InProcess;
use erpmax_core::auth::keys;
use erpmax_core::billing::life;
use erpmax_core::billing::provider::Providers;
use erpmax_core::billing::sandbox::Sandbox;
use erpmax_core::provisioning::control::LocalControl;
use erpmax_core::{Clock, Core, Environment, MasterKey, Settings, work};
use erpmax_server::realtime::{self, RealtimeSettings, Sockets};
use erpmax_server::{App, EdgeSettings, Indoors};
use erpmax_sites::RunnerSettings;
use erpmax_sites::sandbox::{SandboxDriver, SandboxSettings, SiteSettings, site_router};
use erpmax_store::Store;
use erpmax_types::runner::{PROTOCOL, RunnerIdentity};
use erpmax_web::WebSettings;
use serde_json::json;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tracing::{info, warn};
use tracing_subscriber::EnvFilter;

use crate::backup::daily;
use crate::configuration::{Configuration, LogFormat};
use crate::control::Bridge;
use crate::data::DataFolder;
use crate::failure::Failure;
use crate::listen::Doors;
use crate::printer::Printer;
use crate::signals::Signals;

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
    let doors = Doors::open(configuration).await?;
    let settings = configuration.settings(doors.port(), folder.path())?;
    let master = folder.master_key(configuration)?;
    let store = open_store(configuration, &folder).await?;
    let core = start_core(configuration, store.clone(), settings, master, doors.own).await?;
    let (sockets_layer, sockets) = realtime::layer(&core, RealtimeSettings::default());
    let app = App::new(core.clone(), edge(configuration, core.settings()));
    let sites = sites(configuration, &folder, &core, doors.own)?;
    let connections = configuration.connections.settings(&configuration.trusted_proxies);
    let shutdown = CancellationToken::new();
    let api = erpmax_server::router(app.clone(), sockets_layer.clone(), axum::Router::new(), axum::Router::new());
    let indoors = Indoors::new(api, connections.clone(), shutdown.clone());
    let pages = pages(configuration, &core, indoors, shutdown.clone());
    let router = erpmax_server::router(app.clone(), sockets_layer, sites, pages);

    let mut signals = Signals::listen()?;
    let addresses = doors.addresses_as_text();
    let tasks = start_tasks(configuration, &folder, &core, sockets, &shutdown).await?;
    if let Some(tls) = doors.tls {
        tasks.spawn(tls.renew_until(shutdown.clone()));
    }
    let serving = tokio::spawn(erpmax_server::serve(doors.listeners, router, connections, shutdown.clone()));
    greet(printer, configuration, &core, &folder, &addresses);

    let signal = signals.wait().await;
    info!(signal, "Draining");
    app.drain();
    // Load balancers see that this node is not ready before it closes its doors; a second signal is somebody in a hurry.
    let _ = tokio::time::timeout(configuration.shutdown.drain(), signals.wait()).await;
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

async fn open_store(configuration: &Configuration, folder: &DataFolder) -> Result<Store, Failure> {
    let url = folder.database_url(configuration);
    daily::before_migration(configuration, folder).await?;
    Store::open(&url, configuration.database.connections).await.map_err(|error| Failure::wrong(error.to_string()))
}

async fn start_core(
    configuration: &Configuration,
    store: Store,
    settings: Settings,
    master: MasterKey,
    own: SocketAddr,
) -> Result<Core, Failure> {
    let mut providers = Providers::default();
    if configuration.billing.is_sandbox() {
        providers = providers.with_sandbox(Sandbox::new(&format!("http://{own}")).map_err(Failure::Unexpected)?);
    }
    Core::start(store, Clock::System, settings, master, providers)
        .await
        .map_err(|error| Failure::wrong(format!("{error:#}")))
}

fn edge(configuration: &Configuration, settings: &Settings) -> EdgeSettings {
    let mut control_hosts = configuration.hosts.clone();
    control_hosts.extend([settings.public_host().to_ascii_lowercase(), "localhost".to_owned()]);
    EdgeSettings {
        cors_origins: configuration.cors.origins.iter().map(|url| url.trim_end_matches('/').to_owned()).collect(),
        trusted_proxies: configuration.trusted_proxies.clone(),
        control_hosts,
        any_address_is_control: configuration.environment == Environment::Development,
        is_https: settings.public_url.starts_with("https://"),
        sites_zone: settings.sites.zone.clone(),
        ..EdgeSettings::default()
    }
}

fn sites(
    configuration: &Configuration,
    folder: &DataFolder,
    core: &Core,
    control: SocketAddr,
) -> Result<axum::Router, Failure> {
    if !configuration.sites.are_sandboxes() {
        return Ok(axum::Router::new());
    }
    let (root, public_url) = (folder.sandbox(configuration), core.settings().public_url.clone());
    site_router(SiteSettings { root, public_url, control }).map_err(Failure::unexpected)
}

/// The web app, which speaks to the API in this process as any client does.
fn pages(configuration: &Configuration, core: &Core, indoors: Indoors, closing: CancellationToken) -> axum::Router {
    let settings = WebSettings {
        public_url: core.settings().public_url.clone(),
        site_url: core.settings().sites.url("{company}"),
        is_sandbox: configuration.sites.are_sandboxes() || configuration.billing.is_sandbox(),
        cookie_key: core.derived_key("web-cookies"),
    };
    let transport = InProcess::new(move |stream, caller| indoors.serve(stream, caller));
    erpmax_web::router(settings, transport, closing)
}

/// Everything that runs beside requests.
async fn start_tasks(
    configuration: &Configuration,
    folder: &DataFolder,
    core: &Core,
    sockets: Sockets,
    shutdown: &CancellationToken,
) -> Result<TaskTracker, Failure> {
    let worker = identity(core, folder);
    let control = LocalControl::new(core.clone());
    control.announce(&worker).await.map_err(Failure::unexpected)?;
    let tasks = TaskTracker::new();
    if configuration.sites.are_sandboxes() {
        let runner = RunnerSettings { identity: worker.clone(), slots: configuration.sites.slots };
        let driver = Arc::new(driver(configuration, folder));
        tasks.spawn(erpmax_sites::run(Arc::new(Bridge(control)), driver, runner, shutdown.clone()));
    }
    tasks.spawn(sockets.run(shutdown.clone()));
    tasks.spawn(work::work_forever(core.clone(), worker.clone(), shutdown.clone()));
    tasks.spawn(work::sweep_forever(core.clone(), shutdown.clone()));
    tasks.spawn(life::follow_forever(core.clone(), shutdown.clone()));
    tasks.spawn(keys::watch_forever(core.clone(), shutdown.clone()));
    if let Some(plan) = daily::Plan::new(configuration, folder, &worker)? {
        tasks.spawn(daily::run_forever(plan, core.clone(), shutdown.clone()));
    }
    tasks.close();
    Ok(tasks)
}

fn driver(configuration: &Configuration, folder: &DataFolder) -> SandboxDriver {
    SandboxDriver::new(SandboxSettings {
        root: folder.sandbox(configuration),
        step_time: Duration::from_millis(configuration.sandbox.step_milliseconds),
        fail_at: Some(configuration.sandbox.fail_at.clone()).filter(|step| !step.is_empty()),
        fail_attempts: configuration.sandbox.fail_attempts,
    })
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

fn greet(printer: &Printer, configuration: &Configuration, core: &Core, folder: &DataFolder, addresses: &str) {
    let url = &core.settings().public_url;
    let site = core.settings().sites.url("{company}");
    let data = folder.path().display();
    let (are_sandboxes, is_sandbox) = (configuration.sites.are_sandboxes(), configuration.billing.is_sandbox());
    let document = json!({
        "web": url, "api": format!("{url}/api/v1"), "documents": format!("{url}/docs"), "listening": addresses,
        "data": data.to_string(), "sites": are_sandboxes.then_some(&site), "sandbox": are_sandboxes || is_sandbox,
    });
    let sites = if are_sandboxes { format!("{site} (sandbox: not ERPNext)") } else { "none: jobs wait".to_owned() };
    let payments = if is_sandbox { "sandbox: no money moves" } else { "none: nobody can pay" };
    let text = format!(
        "ERPMax is ready.\n\
         Web app    {url}\n\
         API        {url}/api/v1\n\
         Documents  {url}/docs\n\
         Listening  {addresses}\n\
         Data       {data}\n\
         Sites      {sites}\n\
         Payments   {payments}\n\
         Stop with Ctrl-C."
    );
    printer.result(&document, &text);
}
