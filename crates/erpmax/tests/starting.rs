//! Starting and stopping: what a newcomer sees, and each way in which it cannot work, as one sentence and exit code 2.

mod support;

use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Output;

use serde_json::{Value, json};
use support::{Server, command, has_ended};

fn run(arguments: &[&str], environment: &[(&str, &str)]) -> Output {
    let environment: Vec<_> = environment.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
    command(&environment).args(arguments).output().expect("the binary starts")
}

#[track_caller]
fn assert_refused(output: &Output, sentence: &str) {
    let error = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{error}");
    assert!(error.contains(sentence), "{error:?} does not say {sentence:?}");
    assert!(!error.contains("panicked"), "{error}");
}

fn folder() -> tempfile::TempDir {
    tempfile::tempdir().expect("a folder can be made")
}

fn text(path: &Path) -> &str {
    path.to_str().expect("a path of text")
}

#[tokio::test]
async fn the_first_start_makes_everything_and_the_second_keeps_it() {
    let folder = folder();
    let data = folder.path().join("data");
    let mut server = Server::on(&data, &[]).await;
    let registered = server.register("acme").await;
    let mode = |name: &str| data.join(name).metadata().expect("it is there").permissions().mode() & 0o777;
    assert_eq!(mode(""), 0o700);
    assert_eq!(mode("master.key"), 0o600);
    assert!(server.terminate().await.success());

    server.restart().await;
    let token = registered["access_token"].as_str().expect("a token");
    assert_eq!(server.get("/auth/me", token).await["user"]["email"], "owner@acme.example");
}

#[test]
fn a_busy_port_is_said_in_a_sentence() {
    let folder = folder();
    let taken = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = taken.local_addr().expect("an address").to_string();
    let output = run(&["serve", "--listen", &address, "--data", text(folder.path())], &[]);
    assert_refused(&output, &format!("{address} is in use by another program; stop it, or choose another"));
}

#[test]
fn an_unwritable_folder_is_said_in_a_sentence() {
    let folder = folder();
    let file = folder.path().join("file");
    std::fs::write(&file, "").expect("a file can be written");
    let output = run(&["serve", "--listen", "127.0.0.1:0", "--data", text(&file.join("data"))], &[]);
    assert_refused(&output, "cannot be written");
}

#[tokio::test]
async fn a_second_process_on_the_same_folder_is_refused() {
    let folder = folder();
    let _server = Server::on(folder.path(), &[]).await;
    let output = run(&["serve", "--listen", "127.0.0.1:0", "--data", text(folder.path())], &[]);
    assert_refused(&output, "another process uses the data folder");
}

#[test]
fn a_broken_configuration_is_explained_key_by_key() {
    let folder = folder();
    let file = folder.path().join("erpmax.toml");
    let check = |content: &str| {
        std::fs::write(&file, content).expect("a file can be written");
        run(&["config", "check", "--config", text(&file)], &[])
    };
    assert_refused(&check("listen = ["), "cannot be read");
    assert_refused(&check("lisen = [\"127.0.0.1:1\"]"), "lisen");
    assert_refused(&check("[auth]\naccess_seconds = \"soon\""), "access_seconds");
    let two = check("listen = [\"nowhere\"]\n[database]\nurl = \"mysql://x\"");
    assert_refused(&two, "listen: `nowhere` is not an address");
    assert_refused(&two, "database.url: begin with sqlite: or postgres:");
    assert_refused(&run(&["config", "check", "--config", "/nowhere.toml"], &[]), "/nowhere.toml cannot be read");
    assert_refused(
        &run(&["config", "check"], &[("ERPMAX_AUTH__HASH_QUEUE", "0")]),
        "auth.hash_queue: must be at least 1",
    );
}

#[test]
fn a_good_configuration_is_good() {
    let output =
        run(&["config", "check"], &[("ERPMAX_SANDBOX__FAIL_AT", "apps"), ("ERPMAX_LISTEN", "127.0.0.1:1,[::1]:1")]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(String::from_utf8_lossy(&output.stdout), "The configuration is good for development.\n");
}

#[test]
fn the_sandboxes_are_refused_in_production() {
    let folder = folder();
    let environment = [("ERPMAX_ENVIRONMENT", "production"), ("ERPMAX_PUBLIC_URL", "https://erpmax.example")];
    let output = run(&["serve", "--listen", "127.0.0.1:0", "--data", text(folder.path())], &environment);
    assert_refused(&output, "sandbox sites and sandbox payments are refused in production");
}

#[tokio::test]
async fn another_master_key_is_said_in_a_sentence() {
    let folder = folder();
    let mut server = Server::on(folder.path(), &[]).await;
    assert!(server.terminate().await.success());
    std::fs::write(folder.path().join("master.key"), "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8\n").expect("a key");
    let output = run(&["serve", "--listen", "127.0.0.1:0", "--data", text(folder.path())], &[]);
    assert_refused(&output, "the master key does not fit this database");
}

#[test]
fn failures_are_json_where_that_was_asked_for() {
    let output = run(&["--json", "config", "check", "--config", "/nowhere.toml"], &[]);
    assert_eq!(output.status.code(), Some(2));
    let error: Value = serde_json::from_slice(&output.stderr).expect("JSON");
    assert!(error["error"].as_str().is_some_and(|sentence| sentence.contains("/nowhere.toml")));
}

#[tokio::test]
async fn a_stop_gives_the_lease_back_and_the_next_start_goes_on_at_once() {
    let mut server = Server::start(&[("SANDBOX__STEP_MILLISECONDS", "300")]).await;
    let registered = server.register("acme").await;
    let token = registered["access_token"].as_str().expect("a token");
    let job = server.post("/provisioning/jobs", token, json!({"job_type": "create_site"})).await;
    let job = job["id"].as_str().expect("a job's id");
    server.job_until(token, job, |job| job["step"] == "apps").await;
    assert!(server.terminate().await.success());
    server.restart().await;
    let ended = server.job_until(token, job, has_ended).await;
    assert_eq!((&ended["status"], &ended["attempt"]), (&json!("completed"), &json!(1)));
}

#[tokio::test]
async fn a_stop_lets_running_requests_end() {
    let mut server =
        Server::start(&[("AUTH__LOGIN_FAILURES", "1000"), ("AUTH__LOGIN_FAILURES_PER_ADDRESS", "1000")]).await;
    server.register("acme").await;
    let address = format!("http://127.0.0.1:{}/api/v1/auth/login", server.port());
    let body = json!({"email": "owner@acme.example", "password": support::PASSWORD});
    let logins: Vec<_> =
        (0..12).map(|_| tokio::spawn(reqwest::Client::new().post(&address).json(&body).send())).collect();
    tokio::time::sleep(std::time::Duration::from_millis(60)).await;
    assert!(server.terminate().await.success());
    for login in logins {
        let answer = login.await.expect("the task ends").expect("a request under way gets its answer");
        assert_eq!(answer.status(), 200);
    }
}
