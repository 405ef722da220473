//! `erpmax database copy`: a lived-in installation goes on, on another database, as if nothing had happened.

mod support;

use std::path::Path;
use std::process::Output;
use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};
use support::{Database, PASSWORD, Server, command, has_ended};
use tempfile::TempDir;

const ENVIRONMENT: [(&str, &str); 2] = [("SANDBOX__STEP_MILLISECONDS", "100"), ("LOG__FILTER", "error")];

/// A data folder and an empty `PostgreSQL` database to move it to.
struct Move {
    folder: TempDir,
    target: Database,
}

impl Move {
    fn prepare() -> Option<Self> {
        let Ok(server) = std::env::var("ERPMAX_TEST_POSTGRES_URL") else {
            skipped();
            return None;
        };
        let folder = tempfile::tempdir().expect("a folder can be made");
        Some(Self { folder, target: Database::create_postgres(&server) })
    }

    fn target(&self) -> &str {
        self.target.url().expect("the database has an address")
    }

    /// Starts on the file in the data folder.
    async fn serve(&self) -> Server {
        Server::on(self.folder.path(), &ENVIRONMENT).await
    }

    /// Goes on with the target, the same data folder and so the same master key.
    async fn go_on(&self, server: &mut Server) {
        server.set("DATABASE__URL", self.target());
        server.restart().await;
    }

    fn copy(&self) -> Output {
        copy(self.folder.path(), &[("ERPMAX_TO_URL", self.target())])
    }
}

#[expect(clippy::print_stderr, reason = "whoever runs the tests reads it")]
fn skipped() {
    eprintln!("skipped: a copy needs a PostgreSQL, and ERPMAX_TEST_POSTGRES_URL is not set");
}

fn copy(folder: &Path, environment: &[(&str, &str)]) -> Output {
    let environment: Vec<_> =
        environment.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    command(&environment).args(["database", "copy", "--data"]).arg(folder).output().expect("the binary starts")
}

/// One sentence and exit code 2.
#[track_caller]
fn refused(output: &Output, words: &str) {
    let sentence = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(2), "{sentence}");
    assert!(sentence.contains(words), "{sentence}");
    assert_eq!(sentence.trim().lines().count(), 1, "{sentence}");
    assert!(output.stdout.is_empty());
}

#[track_caller]
fn copied(output: &Output) -> String {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn text<'a>(document: &'a Value, key: &str) -> &'a str {
    document[key].as_str().expect("a text")
}

/// A company with a site, a paid plan, a backup and an invitation; what its registration answered.
async fn live_in(server: &Server) -> Value {
    let registered = server.register("acme").await;
    let (token, tenant) = (text(&registered, "access_token"), tenant_of(server, &registered).await);
    build(server, token, &tenant, "create_site").await;
    build(server, token, &tenant, "backup_site").await;
    pay(server, token, &tenant).await;
    let invitation = json!({"email": "sales@acme.example", "role": "admin"});
    server.post(&format!("/tenants/{tenant}/users/invite"), token, invitation).await;
    registered
}

async fn tenant_of(server: &Server, registered: &Value) -> String {
    let me = server.get("/auth/me", text(registered, "access_token")).await;
    text(&me["tenants"][0], "tenant_id").to_owned()
}

async fn begin(server: &Server, token: &str, tenant: &str, job_type: &str) -> String {
    let job = server.post("/provisioning/jobs", token, json!({"tenant_id": tenant, "job_type": job_type})).await;
    text(&job, "id").to_owned()
}

async fn build(server: &Server, token: &str, tenant: &str, job_type: &str) {
    let job = begin(server, token, tenant, job_type).await;
    let job = server.job_until(token, &job, has_ended).await;
    assert_eq!(job["status"], "completed", "{job}");
}

async fn pay(server: &Server, token: &str, tenant: &str) {
    let plans = server.get("/billing/plans", token).await;
    let plan = plans.as_array().and_then(|plans| plans.last()).expect("there is a plan");
    let order = json!({"tenant_id": tenant, "plan_id": plan["id"], "billing_period": "monthly",
        "payment_provider": "stripe", "success_url": "https://app.acme.example/paid",
        "cancel_url": "https://app.acme.example/plans"});
    let checkout = server.post("/billing/checkout", token, order).await;
    let page = text(&checkout, "checkout_url").splitn(4, '/').nth(3).expect("the page has a path");
    let (status, _, answer) = server.page(Method::POST, "localhost", &format!("/{page}/pay")).await;
    assert_eq!(status, 200, "{answer}");
    for _ in 0..500 {
        if server.get("/billing/subscription", token).await["status"] == "active" {
            return;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("the payment did not activate the subscription");
}

/// Everything that can be listed or looked at.
async fn everything(server: &Server, token: &str, tenant: &str) -> Vec<(String, Value)> {
    let mut paths = ["/auth/me", "/tenants", "/tenants/current", "/billing/plans", "/billing/subscription"]
        .map(String::from)
        .to_vec();
    paths.extend(["/billing/invoices", "/provisioning/jobs", "/notifications"].map(String::from));
    paths.extend([format!("/tenants/{tenant}"), format!("/tenants/{tenant}/users")]);
    let mut answers = Vec::new();
    for path in paths {
        let (status, answer) = server.api(Method::GET, &path, token, None).await;
        assert_eq!(status, 200, "{path}: {answer}");
        answers.push((path, answer));
    }
    answers
}

#[tokio::test]
async fn tokens_work_and_lists_answer_the_same_after_the_copy() {
    let Some(moving) = Move::prepare() else { return };
    let mut server = moving.serve().await;
    let registered = live_in(&server).await;
    let (token, tenant) = (text(&registered, "access_token"), tenant_of(&server, &registered).await);
    let lists = everything(&server, token, &tenant).await;
    refused(&moving.copy(), "another process uses the data folder");
    assert!(server.terminate().await.success());

    let answer = copied(&moving.copy());
    assert!(answer.contains("Counts and checksums") && answer.contains("master.key"), "{answer}");
    assert!(answer.lines().any(|line| line.starts_with("payment_events") && line.contains("  1  ")), "{answer}");

    moving.go_on(&mut server).await;
    assert_eq!(everything(&server, token, &tenant).await, lists);
    let refresh = json!({"refresh_token": registered["refresh_token"]});
    let fresh = server.post("/auth/refresh", "", refresh).await;
    server.get("/auth/me", text(&fresh, "access_token")).await;
    server.post("/auth/login", "", json!({"email": "owner@acme.example", "password": PASSWORD})).await;
    let (status, _, page) = server.page(Method::GET, "acme.localhost", "/").await;
    assert_eq!(status, 200, "{page}");
    build(&server, token, &tenant, "backup_site").await;
}

#[tokio::test]
async fn a_job_under_way_goes_on_after_the_copy() {
    let Some(moving) = Move::prepare() else { return };
    let mut server = moving.serve().await;
    let registered = server.register("acme").await;
    let (token, tenant) = (text(&registered, "access_token"), tenant_of(&server, &registered).await);
    let job = begin(&server, token, &tenant, "create_site").await;
    server.job_until(token, &job, |job| job["progress"].as_i64().is_some_and(|progress| progress > 20)).await;
    server.kill();
    copied(&moving.copy());
    moving.go_on(&mut server).await;
    let job = server.job_until(token, &job, has_ended).await;
    assert_eq!(job["status"], "completed", "{job}");
    assert!(server.leftovers().is_empty());
}

#[tokio::test]
async fn a_target_that_was_used_is_refused() {
    let Some(moving) = Move::prepare() else { return };
    let mut server = moving.serve().await;
    assert!(server.terminate().await.success());
    moving.go_on(&mut server).await;
    assert!(server.terminate().await.success());
    refused(&moving.copy(), "the target is not empty");
}

#[tokio::test]
async fn programs_are_given_a_document() {
    let Some(moving) = Move::prepare() else { return };
    assert!(moving.serve().await.terminate().await.success());
    let environment = [("ERPMAX_TO_URL".to_owned(), moving.target().to_owned())];
    let output =
        command(&environment).args(["--json", "database", "copy", "--data"]).arg(moving.folder.path()).output();
    let document: Value = serde_json::from_str(&copied(&output.expect("the binary starts"))).expect("it is JSON");
    let plans = document["tables"].as_array().and_then(|tables| tables.iter().find(|table| table["table"] == "plans"));
    let plans = plans.expect("there is a table of plans");
    assert!(plans["rows"].as_u64() > Some(0) && text(plans, "checksum").len() == 64, "{plans}");
}

#[test]
fn what_cannot_be_copied_is_told_in_one_sentence() {
    let folder = tempfile::tempdir().expect("a folder can be made");
    let (path, nowhere) = (folder.path(), "postgres://127.0.0.1:1/erpmax");
    let to = ("ERPMAX_TO_URL", nowhere);
    refused(&copy(&path.join("none"), &[to]), "does not exist");
    refused(&copy(path, &[to]), "does not exist");
    refused(&copy(path, &[to, ("ERPMAX_DATABASE__URL", nowhere)]), "take it out of the configuration");
    refused(&copy(path, &[to, ("ERPMAX_DATABASE__URL", "postgres://127.0.0.1:2/other")]), "only a SQLite database");
    std::fs::write(path.join("erpmax.sqlite"), "").expect("a file can be written");
    refused(&copy(path, &[("ERPMAX_TO_URL", "mysql://127.0.0.1/erpmax")]), "postgres://");
    refused(&copy(path, &[to]), "the target cannot be used");
    std::fs::write(path.join("erpmax.sqlite"), "this is no database, but long enough").expect("a file can be written");
    refused(&copy(path, &[to]), "the database to copy cannot be used");
}
