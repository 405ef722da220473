//! The real binary, as an operator starts and kills it.
#![allow(dead_code, unreachable_pub, unused_imports, reason = "each test binary uses its own part")]
#![expect(clippy::unused_async, reason = "tests await a start, however it is done")]

mod database;
mod polling;

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use reqwest::Method;
use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};
use tempfile::TempDir;

pub use database::{Database, psql};
pub use polling::Polling;

pub const PASSWORD: &str = "SecurePass123";

/// A `serve` process with a data folder and a database of its own, or of others.
pub struct Server {
    child: Option<Child>,
    port: u16,
    environment: Vec<(String, String)>,
    folder: PathBuf,
    client: reqwest::Client,
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
        let mut server = Self::on(folder.path(), &all).await;
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
            .build()
            .expect("a client can be made");
        let folder = folder.to_owned();
        let mut server = Self { child: None, port: 0, environment, folder, client, own: None };
        server.restart().await;
        server
    }

    /// Sets a key such as `DATABASE__URL` for the next start.
    pub fn set(&mut self, key: &str, value: &str) {
        self.environment.push((format!("ERPMAX_{key}"), value.to_owned()));
    }

    /// Starts the process again, on the same folder, database and port.
    pub async fn restart(&mut self) {
        let mut child = command(&self.environment)
            .args(["serve", "--listen", &format!("127.0.0.1:{}", self.port), "--data"])
            .arg(&self.folder)
            .stdout(Stdio::piped())
            .stderr(Stdio::inherit())
            .spawn()
            .expect("the binary starts");
        self.port = read_port(&mut child);
        self.child = Some(child);
    }

    /// SIGKILL, at once.
    pub fn kill(&mut self) {
        if let Some(mut child) = self.child.take() {
            child.kill().expect("the process can be killed");
            child.wait().expect("the process ends");
        }
    }

    /// SIGTERM; how the process ended.
    pub async fn terminate(&mut self) -> ExitStatus {
        let mut child = self.child.take().expect("the process runs");
        let pid = Pid::from_child(&child);
        kill_process(pid, Signal::TERM).expect("the process can be told to end");
        let deadline = Instant::now() + Duration::from_secs(40);
        loop {
            if let Some(status) = child.try_wait().expect("the process can be waited for") {
                return status;
            }
            assert!(Instant::now() < deadline, "the process does not end");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    pub fn folder(&self) -> &Path {
        &self.folder
    }

    pub fn port(&self) -> u16 {
        self.port
    }

    /// A request to the API; status and body.
    pub async fn api(&self, method: Method, path: &str, token: &str, body: Option<Value>) -> (u16, Value) {
        self.try_api(method, path, token, body).await.expect("the server answers")
    }

    /// As [`Server::api`], where the server may be gone.
    pub async fn try_api(
        &self,
        method: Method,
        path: &str,
        token: &str,
        body: Option<Value>,
    ) -> reqwest::Result<(u16, Value)> {
        let mut request = self.client.request(method, format!("http://127.0.0.1:{}/api/v1{path}", self.port));
        if !token.is_empty() {
            request = request.bearer_auth(token);
        }
        if let Some(body) = body {
            request = request.json(&body);
        }
        let answer = request.send().await?;
        Ok((answer.status().as_u16(), answer.json().await?))
    }

    pub async fn get(&self, path: &str, token: &str) -> Value {
        let (status, body) = self.api(Method::GET, path, token, None).await;
        assert_eq!(status, 200, "{path}: {body}");
        body["data"].clone()
    }

    pub async fn post(&self, path: &str, token: &str, body: Value) -> Value {
        let (status, answer) = self.api(Method::POST, path, token, Some(body)).await;
        assert!((200..300).contains(&status), "{path}: {status} {answer}");
        answer["data"].clone()
    }

    /// Registers the owner of a company; the answer's `data`.
    pub async fn register(&self, company: &str) -> Value {
        let body = json!({"email": format!("owner@{company}.example"), "password": PASSWORD,
            "full_name": format!("{company} owner"), "company_name": company});
        self.post("/auth/register", "", body).await
    }

    /// A page of the control plane or, by `host`, of a site; status, headers and text. Redirects are not followed.
    pub async fn page(&self, method: Method, host: &str, path: &str) -> (u16, reqwest::header::HeaderMap, String) {
        let client = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .expect("a client can be made");
        let request = client.request(method, format!("http://127.0.0.1:{}{path}", self.port)).header("host", host);
        let answer = request.send().await.expect("the server answers");
        let (status, headers) = (answer.status().as_u16(), answer.headers().clone());
        (status, headers, answer.text().await.expect("the page is text"))
    }

    /// Reads a job until it is as wanted.
    pub async fn job_until(&self, token: &str, job: &str, wanted: impl Fn(&Value) -> bool) -> Value {
        let deadline = Instant::now() + Duration::from_secs(60);
        loop {
            let job = self.get(&format!("/provisioning/jobs/{job}"), token).await;
            if wanted(&job) {
                return job;
            }
            assert!(Instant::now() < deadline, "the job stays {job}");
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    /// Everything below the sandbox's folder that a job in progress leaves: to be empty once none runs.
    pub fn leftovers(&self) -> Vec<PathBuf> {
        let mut found = Vec::new();
        collect(&self.folder.join("sandbox"), &mut found);
        found
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.kill();
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

/// Ended jobs: `completed` or `failed`.
pub fn has_ended(job: &Value) -> bool {
    job["status"] == "completed" || job["status"] == "failed"
}

fn read_port(child: &mut Child) -> u16 {
    let lines = BufReader::new(child.stdout.take().expect("the output is piped")).lines();
    let mut port = None;
    for line in lines.map_while(Result::ok) {
        if let Some(address) = line.strip_prefix("Listening  127.0.0.1:") {
            port = address.parse().ok();
        }
        if line.starts_with("Stop with") {
            break;
        }
    }
    port.expect("the server says where its API is")
}

fn collect(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let (path, name) = (entry.path(), entry.file_name().to_string_lossy().into_owned());
        if name.contains(".building") || name.contains(".partial") || name.contains(".tmp") || name.contains(".draft") {
            found.push(path);
        } else if path.is_dir() {
            collect(&path, found);
        }
    }
}
