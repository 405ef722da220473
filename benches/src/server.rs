//! `erpmax serve` as it is released, in a folder of its own.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use serde_json::json;
use tempfile::TempDir;

use crate::http::{Connection, Request, succeed};
use crate::process::Process;

/// What every server under measurement is given; everything else is the default.
const SETTINGS: &[(&str, &str)] = &[
    ("ERPMAX_AUTH__REGISTRATIONS_PER_HOUR", "1000000"),
    ("ERPMAX_AUTH__LOGIN_FAILURES", "1000000"),
    ("ERPMAX_AUTH__LOGIN_FAILURES_PER_ADDRESS", "1000000"),
    ("ERPMAX_AUTH__LOGIN_FAILURES_PER_ACCOUNT", "1000000"),
    ("ERPMAX_AUTH__ACCESS_SECONDS", "7200"),
];
/// Names the program to measure.
pub(crate) const GIVEN: &str = "ERPMAX_BIN";
pub(crate) const PASSWORD: &str = "SecurePass123";
const PATIENCE: Duration = Duration::from_secs(10);

/// A running server.
pub(crate) struct Server {
    pub(crate) process: Process,
    pub(crate) address: SocketAddr,
}

/// Somebody who signed in.
#[derive(Clone)]
pub(crate) struct Account {
    pub(crate) email: String,
    pub(crate) token: String,
    pub(crate) user: String,
    pub(crate) tenant: String,
}

/// A new folder for a server's data, gone when this is.
pub(crate) fn folder() -> Result<TempDir> {
    Ok(tempfile::Builder::new().prefix("erpmax-bench-").tempdir()?)
}

/// Builds the program as it is released, unless `ERPMAX_BIN` names one.
pub(crate) fn build() -> Result<()> {
    if std::env::var_os(GIVEN).is_some() {
        return Ok(());
    }
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(cargo);
    for (name, _) in std::env::vars_os() {
        let text = name.to_string_lossy();
        if text.starts_with("CARGO_PKG_") || text.starts_with("CARGO_MANIFEST_") {
            command.env_remove(&name);
        }
    }
    let status = command.args(["build", "--release", "--package", "erpmax"]).current_dir(workspace()).status()?;
    ensure!(status.success(), "erpmax cannot be built");
    Ok(())
}

fn workspace() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap_or(Path::new("."))
}

/// The program to measure.
pub(crate) fn program() -> PathBuf {
    if let Some(given) = std::env::var_os(GIVEN) {
        return given.into();
    }
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| PathBuf::from("target"), PathBuf::from);
    workspace().join(target).join("release/erpmax")
}

impl Server {
    /// Starts a server on the data in `folder`.
    pub(crate) async fn start(folder: &Path) -> Result<Self> {
        Self::start_with(folder, &[]).await
    }

    /// Starts a server with more settings.
    pub(crate) async fn start_with(folder: &Path, settings: &[(&str, &str)]) -> Result<Self> {
        let mut command = Command::new(program());
        for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("ERPMAX_")) {
            command.env_remove(name);
        }
        command.envs(SETTINGS.iter().chain(settings).copied());
        command.args(["serve", "--listen", "127.0.0.1:0", "--data"]).arg(folder.join("data"));
        let mut process = Process::start(&mut command, &folder.join("server.log"))?;
        let url = process.read_after("API").context("The server does not start")?;
        let port = url.split(['/', ':']).find_map(|part| part.parse().ok()).context("the server names no port")?;
        let server = Self { process, address: SocketAddr::from(([127, 0, 0, 1], port)) };
        server.wait_until_ready().await?;
        Ok(server)
    }

    async fn wait_until_ready(&self) -> Result<()> {
        let begun = Instant::now();
        let mut connection = Connection::open(self.address).await?;
        while connection.send(&Request::get("/health/ready", "")).await?.status != 200 {
            ensure!(begun.elapsed() < PATIENCE, "the server does not become ready");
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        Ok(())
    }

    /// Registers a company.
    pub(crate) async fn register(&self, company: &str) -> Result<Account> {
        self.sign_in(&register_request(company)).await
    }

    /// Begins a further session.
    pub(crate) async fn login(&self, email: &str) -> Result<Account> {
        self.sign_in(&login_request(email)).await
    }

    async fn sign_in(&self, request: &Request) -> Result<Account> {
        let answer = succeed(self.address, request).await?;
        let text = |pointer: &str| answer.pointer(pointer).and_then(|value| value.as_str()).map(str::to_owned);
        let needed = |pointer: &str| text(pointer).with_context(|| format!("signing in gives no {pointer}"));
        Ok(Account {
            email: needed("/data/user/email")?,
            token: needed("/data/access_token")?,
            user: needed("/data/user/id")?,
            tenant: needed("/data/current_tenant/id")?,
        })
    }
}

/// The request that registers a company.
pub(crate) fn register_request(company: &str) -> Request {
    let email = format!("owner@{company}.example");
    let body = json!({"email": email, "password": PASSWORD, "full_name": "Owner", "company_name": company});
    Request::post("/api/v1/auth/register", "", &body)
}

/// The request that signs an account in.
pub(crate) fn login_request(email: &str) -> Request {
    Request::post("/api/v1/auth/login", "", &json!({"email": email, "password": PASSWORD}))
}

/// The database file of the server whose folder this is.
pub(crate) fn database(folder: &Path) -> PathBuf {
    folder.join("data/erpmax.sqlite")
}
