//! Starting and stopping: what a newcomer sees, and each way in which it cannot work, as one sentence and exit code 2.

mod support;

use std::io::{BufRead as _, BufReader};
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Output, Stdio};
use std::time::{Duration, Instant};

use reqwest::Method;
use serde_json::{Value, json};
use support::{Listener, PASSWORD, Server, command, text, until};
use tempfile::TempDir;
use tokio::task::JoinHandle;

const PATIENCE: Duration = Duration::from_secs(10);

fn run(arguments: &[&str], environment: &[(&str, &str)]) -> Output {
    let environment: Vec<_> = environment.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
    command(&environment).args(arguments).output().expect("the binary starts")
}

fn serve(folder: &Path) -> Output {
    run(&["serve", "--listen", "127.0.0.1:0", "--data", path(folder)], &[])
}

/// Exactly this on standard error, nothing on standard output, and exit code 2.
#[track_caller]
fn assert_refused(output: &Output, sentence: &str) {
    assert_eq!(String::from_utf8_lossy(&output.stderr), format!("error: {sentence}\n"));
    assert_eq!(String::from_utf8_lossy(&output.stdout), "");
    assert_eq!(output.status.code(), Some(2));
}

/// Exactly this on standard output, nothing on standard error, and exit code 0.
#[track_caller]
fn assert_said(output: &Output, sentence: &str) {
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
    assert_eq!(String::from_utf8_lossy(&output.stdout), format!("{sentence}\n"));
    assert_eq!(output.status.code(), Some(0));
}

fn folder() -> TempDir {
    tempfile::tempdir().expect("a folder can be made")
}

fn path(path: &Path) -> &str {
    path.to_str().expect("a path of text")
}

fn mode(path: &Path) -> u32 {
    path.metadata().expect("it is there").permissions().mode() & 0o777
}

#[tokio::test]
async fn the_first_start_makes_everything_and_the_second_keeps_it() {
    let folder = folder();
    let data = folder.path().join("deep/down/data");
    let mut server = Server::on(&data, &[]).await;
    let registered = server.register("acme").await;
    assert_eq!((mode(&data), mode(&data.join("master.key"))), (0o700, 0o600));
    assert!(data.join("erpmax.sqlite").is_file());
    let key = std::fs::read(data.join("master.key")).expect("the key can be read");
    assert!(server.terminate().await.success());

    server.restart().await;
    assert_eq!(server.get("/auth/me", text(&registered, "access_token")).await["email"], "owner@acme.example");
    server.post("/auth/login", "", json!({"email": "owner@acme.example", "password": PASSWORD})).await;
    assert_eq!(std::fs::read(data.join("master.key")).expect("the key can be read"), key);
    assert_eq!(server.get("/billing/plans", "").await.as_array().map(Vec::len), Some(3));
}

#[test]
fn a_busy_port_is_said_in_a_sentence() {
    let folder = folder();
    let taken = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = taken.local_addr().expect("an address").to_string();
    let output = run(&["serve", "--listen", &address, "--data", path(folder.path())], &[]);
    let sentence = "is in use by another program; stop it, or choose another address with --listen";
    assert_refused(&output, &format!("{address} {sentence}"));
}

#[test]
fn an_unwritable_folder_is_said_in_a_sentence() {
    let folder = folder();
    let file = folder.path().join("file");
    std::fs::write(&file, "").expect("a file can be written");
    let data = file.join("data");
    let sentence = format!("the data folder {} cannot be written: Not a directory (os error 20)", data.display());
    assert_refused(&serve(&data), &sentence);
}

#[tokio::test]
async fn a_second_process_on_the_same_folder_is_refused() {
    let folder = folder();
    let server = Server::on(folder.path(), &[]).await;
    let sentence = "; stop it, or choose another folder with --data";
    let data = folder.path().canonicalize().expect("the folder is there");
    assert_refused(
        &serve(folder.path()),
        &format!("another process uses the data folder {}{sentence}", data.display()),
    );
    server.get("/billing/plans", "").await;
}

#[tokio::test]
async fn a_newer_database_is_said_in_a_sentence() {
    let mut server = Server::start(&[]).await;
    let database = server.database_url();
    assert!(server.terminate().await.success());
    server
        .execute(
            "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time)
             SELECT 9999, 'from the future', success, checksum, 0 FROM _sqlx_migrations WHERE version = 1",
        )
        .await;
    let data = path(server.folder()).to_owned();
    let output =
        run(&["serve", "--listen", "127.0.0.1:0", "--data", &data], &[("ERPMAX_DATABASE__URL", database.as_str())]);
    let sentence =
        "the database was written by a newer version (migration 9999); start that version, or restore a backup";
    assert_refused(&output, sentence);
}

#[test]
fn a_database_that_is_not_there_is_said_in_a_sentence() {
    let folder = folder();
    let environment = [("ERPMAX_DATABASE__URL", "postgres://127.0.0.1:1/erpmax")];
    let output = run(&["serve", "--listen", "127.0.0.1:0", "--data", path(folder.path())], &environment);
    let cause = "error communicating with database: Connection refused (os error 111)";
    assert_refused(&output, &format!("the database cannot be opened: {cause}"));
}

#[tokio::test]
async fn another_master_key_is_said_in_a_sentence() {
    let folder = folder();
    let mut server = Server::on(folder.path(), &[]).await;
    assert!(server.terminate().await.success());
    let key = folder.path().join("master.key");
    std::fs::write(&key, "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8\n").expect("a key");
    let error = String::from_utf8_lossy(&serve(folder.path()).stderr).into_owned();
    assert!(error.starts_with("error: the master key does not fit this database"), "{error}");

    std::fs::write(&key, "too short\n").expect("a key");
    let error = String::from_utf8_lossy(&serve(folder.path()).stderr).into_owned();
    let file = folder.path().canonicalize().expect("it is there").join("master.key");
    assert!(error.starts_with(&format!("error: the master key file {} cannot be used", file.display())), "{error}");
}

fn check(folder: &TempDir, content: &str) -> Output {
    let file = folder.path().join("erpmax.toml");
    std::fs::write(&file, content).expect("a file can be written");
    run(&["config", "check", "--config", path(&file)], &[])
}

#[test]
fn a_broken_configuration_is_explained_key_by_key() {
    let folder = folder();
    let two = check(&folder, "listen = [\"nowhere\"]\n[database]\nurl = \"mysql://x\"");
    assert_refused(
        &two,
        "the configuration cannot be used:\n  \
         listen: `nowhere` is not an address with a port, such as 127.0.0.1:8000\n  \
         database.url: begin with sqlite: or postgres:",
    );
    let variable = run(&["config", "check"], &[("ERPMAX_AUTH__HASH_QUEUE", "0")]);
    assert_refused(&variable, "the configuration cannot be used:\n  auth.hash_queue: must be at least 1");
}

/// The error, which has to be one sentence on one line about the file, with exit code 2.
#[track_caller]
fn complaint(folder: &TempDir, content: &str) -> String {
    let output = check(folder, content);
    let error = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(2), "{error}");
    assert!(error.starts_with("error: the configuration (") && error.contains("erpmax.toml"), "{error}");
    error
}

#[test]
fn a_configuration_that_cannot_be_read_names_what_is_wrong() {
    let folder = folder();
    assert!(complaint(&folder, "listen = [").contains("cannot be read"));
    assert!(complaint(&folder, "lisen = [\"127.0.0.1:1\"]").contains("`lisen`"));
    assert!(complaint(&folder, "[auth]\naccess_secs = 1").contains("`access_secs`"));
    assert!(complaint(&folder, "[auth]\naccess_seconds = \"soon\"").contains("auth.access_seconds"));
    assert!(
        complaint(&folder, "environment = \"staging\"")
            .contains("unknown variant `staging`, expected `development` or `production`")
    );
    let missing = run(&["config", "check", "--config", "/nowhere.toml"], &[]);
    assert_refused(
        &missing,
        "the configuration file /nowhere.toml cannot be read: No such file or directory (os error 2)",
    );
}

#[test]
fn a_bad_variable_is_named() {
    for (variable, value, named) in [
        ("ERPMAX_LISEN", "127.0.0.1:1", "lisen"),
        ("ERPMAX_AUTH__ACCESS_SECS", "1", "access_secs"),
        ("ERPMAX_SITES__SLOTS", "many", "sites.slots"),
    ] {
        let output = run(&["config", "check"], &[(variable, value)]);
        let error = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{error}");
        assert!(error.contains(named), "{error}");
    }
}

#[test]
fn serve_refuses_what_config_check_refuses() {
    let folder = folder();
    let file = folder.path().join("erpmax.toml");
    std::fs::write(&file, "[sites]\nslots = 0\n").expect("a file can be written");
    let data = folder.path().join("data");
    let arguments = ["--config", path(&file), "--data", path(&data)];
    let sentence = "the configuration cannot be used:\n  sites.slots: must be at least 1";
    assert_refused(&run(&[&["serve"], &arguments[..]].concat(), &[]), sentence);
    assert_refused(&run(&[&["config", "check"], &arguments[..]].concat(), &[]), sentence);
    assert!(!data.exists(), "nothing is made by a command that cannot work");
}

#[test]
fn a_good_configuration_is_good() {
    let environment = [("ERPMAX_SANDBOX__FAIL_AT", "apps"), ("ERPMAX_LISTEN", "127.0.0.1:1,[::1]:1")];
    assert_said(&run(&["config", "check"], &environment), "The configuration is good for development.");
    let folder = folder();
    assert_said(&check(&folder, "[auth]\naccess_seconds = 60\n"), "The configuration is good for development.");
    let output = run(&["--json", "config", "check"], &[]);
    assert_said(&output, r#"{"message":"The configuration is good for development."}"#);
}

#[test]
fn what_config_show_prints_is_a_good_configuration() {
    let shown = run(&["config", "show"], &[]);
    let content = String::from_utf8_lossy(&shown.stdout);
    assert_eq!(shown.status.code(), Some(0));
    assert_eq!(content, include_str!("../config.default.toml"));
    assert_said(&check(&folder(), &content), "The configuration is good for development.");
}

#[test]
fn failures_are_json_where_that_was_asked_for() {
    let output = run(&["--json", "config", "check", "--config", "/nowhere.toml"], &[]);
    assert_eq!(output.status.code(), Some(2));
    let error: Value = serde_json::from_slice(&output.stderr).expect("JSON");
    let sentence = "the configuration file /nowhere.toml cannot be read: No such file or directory (os error 2)";
    assert_eq!(error, json!({"error": sentence}));
}

#[tokio::test]
async fn programs_are_told_in_json_where_everything_is() {
    let folder = folder();
    let arguments = ["--json", "serve", "--listen", "127.0.0.1:0", "--data", path(folder.path())];
    let mut process =
        command(&[]).args(arguments).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().expect("it starts");
    let mut line = String::new();
    let mut output = BufReader::new(process.stdout.take().expect("the output is piped"));
    output.read_line(&mut line).expect("a line comes");
    process.kill().and_then(|()| process.wait()).expect("the process ends");
    let told: Value = serde_json::from_str(&line).expect("JSON");
    let address = text(&told, "listening").strip_prefix("127.0.0.1:").expect("an address");
    assert_eq!(told["api"], format!("http://localhost:{address}/api/v1"));
}

#[test]
fn the_document_of_the_api_is_printed() {
    let output = run(&["openapi"], &[]);
    assert_eq!(output.status.code(), Some(0));
    let document: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    assert_eq!(document["openapi"], "3.1.0");
    assert!(
        document["paths"]["/api/v1/auth/register"]["post"].is_object()
            || document["paths"]["/auth/register"].is_object()
    );
}

#[tokio::test]
async fn the_document_of_the_api_is_served_as_it_is_printed() {
    let server = Server::start(&[]).await;
    let (status, _, served) = server.page(Method::GET, "localhost", "/openapi.json").await;
    let printed: Value = serde_json::from_slice(&run(&["openapi"], &[]).stdout).expect("JSON");
    let served: Value = serde_json::from_str(&served).expect("JSON");
    assert_eq!((status, &served["paths"]), (200, &printed["paths"]));
}

#[tokio::test]
async fn a_stop_gives_the_lease_back_and_the_next_start_goes_on_at_once() {
    // A lease that was not given back would hold the job for longer than the test waits.
    let mut server = Server::start(&[("SANDBOX__STEP_MILLISECONDS", "300"), ("SITES__LEASE_SECONDS", "600")]).await;
    let token = text(&server.register("acme").await, "access_token").to_owned();
    let job = server.begin(&token, "create_site").await;
    server.job_until(&token, &job, |job| job["step"] == "apps").await;
    assert_eq!(server.terminate().await.code(), Some(0));
    assert_eq!(
        server.count("SELECT count(*) FROM work WHERE lease_id IS NOT NULL").await,
        0,
        "the lease is given back"
    );
    server.restart().await;
    let ended = server.job_ended(&token, &job).await;
    assert_eq!((&ended["status"], &ended["attempt"]), (&json!("completed"), &json!(1)));
    assert!(server.leftovers().is_empty());
}

#[tokio::test]
async fn a_stop_closes_sockets_so_that_clients_come_back_and_hear_the_end() {
    let mut server = Server::start(&[("SANDBOX__STEP_MILLISECONDS", "200")]).await;
    let token = text(&server.register("acme").await, "access_token").to_owned();
    let socket = Listener::connect(server.port(), &token).await;
    let job = server.begin(&token, "create_site").await;
    socket.wait_for("status:update", |update| update["step"] == "apps").await;
    let told = Instant::now();
    assert_eq!(server.terminate().await.code(), Some(0));
    assert!(told.elapsed() < Duration::from_secs(5), "open sockets do not hold the end up: {:?}", told.elapsed());
    server.restart().await;
    socket.wait_for("status:completed", |ended| ended["job_id"] == job).await;
    assert!(!socket.was_sent_away(), "a client that is sent away does not come back by itself");
    assert_eq!(socket.events("connected").len(), 2);
}

#[tokio::test]
async fn a_stop_lets_running_requests_end_and_takes_no_new_ones() {
    let limits = [("AUTH__LOGIN_FAILURES", "1000"), ("AUTH__LOGIN_FAILURES_PER_ADDRESS", "1000")];
    let mut server = Server::start(&limits).await;
    server.register("acme").await;
    let login = json!({"email": "owner@acme.example", "password": PASSWORD});
    let burst: Vec<_> = (0..24)
        .map(|_| tokio::spawn(server.request(Method::POST, "/auth/login", "", Some(login.clone())).send()))
        .collect();
    // The first answer tells that the burst has come in; the others wait for a hashing thread.
    until("an answer", Duration::from_secs(10), async || burst.iter().any(JoinHandle::is_finished).then_some(())).await;
    server.ask_to_end();
    until("the closing of the door", Duration::from_secs(5), async || {
        server.try_api(Method::GET, "/billing/plans", "", None).await.err().map(drop)
    })
    .await;
    for login in burst {
        let answer = login.await.expect("the task ends").expect("a request under way gets its answer");
        assert_eq!(answer.status(), 200);
    }
    assert_eq!(server.ended().await.code(), Some(0));
    assert_eq!(server.count("SELECT count(*) FROM sessions").await, 25);
}

#[tokio::test]
async fn an_interrupt_is_a_stop_as_well() {
    let mut server = Server::start(&[]).await;
    server.interrupt();
    assert_eq!(server.ended().await.code(), Some(0));
}

async fn status_of(server: &Server, path: &str) -> Option<u16> {
    let answer = server.page_request(Method::GET, "localhost", path).send().await;
    answer.ok().map(|answer| answer.status().as_u16())
}

#[tokio::test]
async fn a_load_balancer_sees_a_stop_before_the_doors_close() {
    let mut server = Server::start(&[("SHUTDOWN__DRAIN_SECONDS", "3")]).await;
    assert_eq!(status_of(&server, "/health/ready").await, Some(200));
    let begun = Instant::now();
    server.ask_to_end();
    let patience = Duration::from_secs(2);
    until("not ready", patience, async || (status_of(&server, "/health/ready").await? == 503).then_some(())).await;
    server.register("acme").await;
    assert_eq!(server.ended().await.code(), Some(0));
    assert!(begun.elapsed() >= Duration::from_secs(3));
}

#[tokio::test]
async fn a_second_signal_ends_the_wait_for_load_balancers() {
    let mut server = Server::start(&[("SHUTDOWN__DRAIN_SECONDS", "600")]).await;
    server.ask_to_end();
    until("not ready", PATIENCE, async || (status_of(&server, "/health/ready").await? == 503).then_some(())).await;
    server.interrupt();
    assert_eq!(server.ended().await.code(), Some(0));
}
