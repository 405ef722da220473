//! A `serve` process: started, told to end, killed, started again.

use std::fs::File;
use std::io::{BufRead, BufReader, Read as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use tempfile::{NamedTempFile, TempDir};

use super::Database;

/// How long a process may take to be ready, or to end.
const PATIENCE: Duration = Duration::from_secs(40);

/// A `serve` process with a data folder and a database of its own, or of others. Dropping it kills it.
pub struct Server {
    process: Option<Process>,
    pub(super) port: u16,
    environment: Vec<(String, String)>,
    folder: PathBuf,
    log: NamedTempFile,
    pub(super) client: reqwest::Client,
    own: Option<(TempDir, Database)>,
}

impl Server {
    /// Starts on a fresh folder and database; `environment` are keys such as `SANDBOX__STEP_MILLISECONDS`.
    pub async fn start(environment: &[(&str, &str)]) -> Self {
        let folder = tempfile::tempdir().expect("a folder can be made");
        let database = Database::create();
        let mut all = vec![("AUTH__REGISTRATIONS_PER_HOUR", "100000"), ("LOG__FILTER", "warn")];
        all.extend_from_slice(environment);
        let url = database.url().map(ToOwned::to_owned);
        if let Some(url) = &url {
            all.push(("DATABASE__URL", url));
        }
        let mut server = Self::on(&folder.path().join("data"), &all).await;
        server.own = Some((folder, database));
        server
    }

    /// Starts on a given folder.
    pub async fn on(folder: &Path, environment: &[(&str, &str)]) -> Self {
        let environment =
            environment.iter().map(|(key, value)| (format!("ERPMAX_{key}"), (*value).to_owned())).collect();
        // A killed process leaves dead connections behind: none is kept.
        let client = reqwest::Client::builder()
            .timeout(Duration::from_secs(20))
            .pool_max_idle_per_host(0)
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .build()
            .expect("a client can be made");
        let log = NamedTempFile::new().expect("a log can be written");
        let folder = folder.to_owned();
        let mut server = Self { process: None, port: 0, environment, folder, log, client, own: None };
        server.restart().await;
        server
    }

    /// Sets a key such as `DATABASE__URL` for the next start.
    pub fn set(&mut self, key: &str, value: &str) {
        self.environment.push((format!("ERPMAX_{key}"), value.to_owned()));
    }

    /// Sets the data folder for the next start; the port stays.
    pub fn move_to(&mut self, folder: &Path) {
        folder.clone_into(&mut self.folder);
    }

    /// Starts the process again, on the same folder, database and port.
    pub async fn restart(&mut self) {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let (process, port) = self.launch().await;
            self.process = Some(process);
            if let Some(port) = port {
                self.port = port;
                return;
            }
            // Between two starts somebody else's connection may have been given our port.
            let was_busy = self.log().contains("is in use by another program");
            assert!(was_busy && Instant::now() < deadline, "the server does not start: {}", self.log());
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }

    async fn launch(&self) -> (Process, Option<u16>) {
        let log = File::options().append(true).open(self.log.path()).expect("the log can be written");
        let child = command(&self.environment)
            .args(["serve", "--listen", &format!("127.0.0.1:{}", self.port), "--data"])
            .arg(&self.folder)
            .stdout(Stdio::piped())
            .stderr(log)
            .spawn();
        let mut process = Process(child.expect("the binary starts"));
        let starting = tokio::task::spawn_blocking(move || {
            let port = process.port_when_ready();
            (process, port)
        });
        starting.await.expect("its output can be read")
    }

    /// SIGKILL, at once.
    pub fn kill(&mut self) {
        drop(self.process.take());
    }

    /// SIGTERM.
    pub fn ask_to_end(&self) {
        self.signal(Signal::TERM);
    }

    /// SIGINT, as Ctrl-C sends it.
    pub fn interrupt(&self) {
        self.signal(Signal::INT);
    }

    fn signal(&self, signal: Signal) {
        send(&self.process.as_ref().expect("the process runs").0, signal);
    }

    /// Waits for the end; how the process ended.
    pub async fn ended(&mut self) -> ExitStatus {
        let mut process = self.process.take().expect("the process runs");
        let deadline = Instant::now() + PATIENCE;
        loop {
            if let Some(status) = process.0.try_wait().expect("the process can be waited for") {
                return status;
            }
            assert!(Instant::now() < deadline, "the process does not end");
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    /// SIGTERM; how the process ended.
    pub async fn terminate(&mut self) -> ExitStatus {
        self.ask_to_end();
        self.ended().await
    }

    /// What all starts of the process wrote to standard error.
    pub fn log(&self) -> String {
        let mut text = String::new();
        let mut log = File::open(self.log.path()).expect("the log can be read");
        log.read_to_string(&mut text).expect("the log is text");
        text
    }

    pub fn folder(&self) -> &Path {
        &self.folder
    }

    pub fn port(&self) -> u16 {
        self.port
    }

    /// The address of the server's database as the configuration has it; empty for a file in the data folder.
    pub fn database_url(&self) -> String {
        self.own.as_ref().and_then(|(_, database)| database.url()).unwrap_or_default().to_owned()
    }

    /// The number that a statement selects from the database of this server.
    pub async fn count(&self, statement: &str) -> i64 {
        let url = self.own.as_ref().and_then(|(_, database)| database.url());
        super::database::count(url, &self.folder, statement).await
    }

    /// Carries a statement out on the database of this server.
    pub async fn execute(&self, statement: &str) {
        let url = self.own.as_ref().and_then(|(_, database)| database.url());
        super::database::execute(url, &self.folder, statement).await;
    }
}

impl Drop for Server {
    #[expect(clippy::print_stderr, reason = "whoever reads the failure of a test wants to know")]
    fn drop(&mut self) {
        self.kill();
        if std::thread::panicking() {
            eprintln!("the server said:\n{}", self.log());
        }
    }
}

/// The binary with a clean environment but for `environment`.
pub fn command(environment: &[(String, String)]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_erpmax"));
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("ERPMAX_")) {
        command.env_remove(name);
    }
    command.envs(environment.iter().cloned()).stdin(Stdio::null());
    command
}

/// A running process; dropping it kills it.
struct Process(Child);

impl Process {
    /// The port that it says it listens on, once it is ready; none if it ended before.
    fn port_when_ready(&mut self) -> Option<u16> {
        let lines = BufReader::new(self.0.stdout.take()?).lines();
        let mut port = None;
        for line in lines.map_while(Result::ok) {
            if let Some(address) = line.strip_prefix("Listening  127.0.0.1:") {
                port = address.parse().ok();
            }
            if line.starts_with("Stop with") {
                return port;
            }
        }
        None
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // Neither can fail but for a process that has ended already.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// SIGTERM to a process that runs.
pub fn terminate(process: &Child) {
    send(process, Signal::TERM);
}

fn send(process: &Child, signal: Signal) {
    kill_process(Pid::from_child(process), signal).expect("the process can be told to end");
}
