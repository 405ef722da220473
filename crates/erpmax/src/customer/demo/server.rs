//! The server of the demonstration: this very program, in a temporary folder, on a free port of this machine.

use std::fs::File;
use std::io::{BufRead as _, BufReader};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::failure::Failure;
use crate::printer::Printer;

/// How long the server may take to end by itself.
const PATIENCE: Duration = Duration::from_secs(5);

/// A `serve` process. Dropping it ends it and removes its folder.
pub(super) struct Server {
    child: Child,
    folder: TempDir,
    api: String,
    password: String,
}

impl Server {
    pub(super) async fn start(printer: &Printer) -> Result<Self, Failure> {
        let folder = tempfile::Builder::new().prefix("erpmax-demo-").tempdir().map_err(Failure::unexpected)?;
        let path = folder.path().display().to_string();
        let text = format!(
            "A sandbox, to look around in: sites are not ERPNext, no money moves, mails are files.\n\
             A server starts on this machine, in {path}"
        );
        printer.done(&json!({"sandbox": true, "folder": path}), &text);
        let log = folder.path().join("serve.log");
        let child = launch(folder.path(), &log).map_err(Failure::unexpected)?;
        let password = format!("demo-{:016x}", rand::random::<u64>());
        let mut server = Self { child, folder, api: String::new(), password };
        server.api = server.ready(log).await?;
        Ok(server)
    }

    /// Its address, once it listens.
    async fn ready(&mut self, log: PathBuf) -> Result<String, Failure> {
        let stdout = self.child.stdout.take();
        let reading = tokio::task::spawn_blocking(move || {
            let mut line = String::new();
            stdout.map(|stdout| BufReader::new(stdout).read_line(&mut line)).transpose().map(|_| line)
        });
        let line = reading.await.map_err(Failure::unexpected)?.map_err(Failure::unexpected)?;
        let document: Value = serde_json::from_str(&line).unwrap_or_default();
        let api = document["api"].as_str().and_then(|api| api.strip_suffix("/api/v1"));
        api.map(ToOwned::to_owned).ok_or_else(|| {
            let said = std::fs::read_to_string(log).unwrap_or_default();
            Failure::unexpected(anyhow::anyhow!("the server does not start: {}", said.trim()))
        })
    }

    pub(super) fn api(&self) -> &str {
        &self.api
    }

    /// Of everybody in the demonstration: nobody else on this machine knows it.
    pub(super) fn password(&self) -> &str {
        &self.password
    }

    pub(super) fn folder(&self) -> &Path {
        self.folder.path()
    }
}

fn launch(folder: &Path, log: &Path) -> std::io::Result<Child> {
    let mut command = Command::new(std::env::current_exe()?);
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("ERPMAX_") {
            command.env_remove(name);
        }
    }
    command.args(["serve", "--json", "--listen", "127.0.0.1:0", "--data"]).arg(folder);
    // Ctrl-C is for us: we end the server.
    command.process_group(0).env("ERPMAX_LOG__FILTER", "warn").current_dir(folder);
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(File::create(log)?).spawn()
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = kill_process(Pid::from_child(&self.child), Signal::TERM);
        let deadline = Instant::now() + PATIENCE;
        while matches!(self.child.try_wait(), Ok(None)) && Instant::now() < deadline {
            std::thread::sleep(Duration::from_millis(20));
        }
        // Neither can fail but for a process that has ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
