//! Two `serve` processes on one `PostgreSQL`.
#![expect(clippy::print_stdout, reason = "whoever runs the tests reads it")]

mod support;

use std::path::Path;
use std::time::Duration;

use reqwest::Method;
use serde_json::json;
use support::{Database, Server, has_ended};

struct Nodes {
    first: Server,
    second: Server,
    url: String,
    _database: Database,
    _folder: tempfile::TempDir,
}

/// Two nodes that share database, master key and sandbox folder; none where there is no `PostgreSQL` to test on.
async fn start() -> Option<Nodes> {
    let Ok(server) = std::env::var("ERPMAX_TEST_POSTGRES_URL") else {
        println!("skipped: ERPMAX_TEST_POSTGRES_URL names no PostgreSQL");
        return None;
    };
    let database = Database::create_postgres(&server);
    let url = database.url()?.to_owned();
    let folder = tempfile::tempdir().expect("a folder can be made");
    let key = folder.path().join("master.key");
    std::fs::write(&key, "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8\n").expect("a key can be written");
    let sandbox = folder.path().join("sandbox");
    let node = async |name: &str, seconds: &str| {
        let environment = [
            ("DATABASE__URL", url.as_str()),
            ("MASTER_KEY_FILE", text(&key)),
            ("SANDBOX__FOLDER", text(&sandbox)),
            // Nodes are one installation: sites and links have one address, whichever node makes them.
            ("PUBLIC_URL", "http://localhost:9"),
            ("SITES__PORT", "9"),
            ("SANDBOX__STEP_MILLISECONDS", "150"),
            ("SITES__LEASE_SECONDS", seconds),
            ("LOG__FILTER", "error"),
        ];
        Server::on(&folder.path().join(name), &environment).await
    };
    let (first, second) = (node("first", "3").await, node("second", "3").await);
    Some(Nodes { first, second, url, _database: database, _folder: folder })
}

fn text(path: &Path) -> &str {
    path.to_str().expect("a path of text")
}

fn cut_listeners(url: &str) -> String {
    support::psql(
        url,
        "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
         WHERE datname = current_database() AND query LIKE 'LISTEN%'",
    )
}

#[tokio::test]
async fn tokens_of_one_node_work_on_the_other() {
    let Some(nodes) = start().await else { return };
    let registered = nodes.first.register("acme").await;
    let token = registered["access_token"].as_str().expect("a token");
    assert_eq!(nodes.second.get("/auth/me", token).await["user"]["email"], "owner@acme.example");

    let fresh = nodes.second.post("/auth/refresh", "", json!({"refresh_token": registered["refresh_token"]})).await;
    let fresh = fresh["access_token"].as_str().expect("a token");
    nodes.first.get("/auth/me", fresh).await;
    nodes.first.post("/auth/logout", fresh, json!({})).await;
    let (status, _) = nodes.second.api(Method::GET, "/auth/me", fresh, None).await;
    assert_eq!(status, 401, "a session that ended on one node has ended on the other");
}

#[tokio::test]
async fn refused_sign_ins_count_on_both_nodes() {
    let Some(nodes) = start().await else { return };
    nodes.first.register("acme").await;
    let wrong = json!({"email": "owner@acme.example", "password": "not the password"});
    for node in [&nodes.first, &nodes.second, &nodes.first, &nodes.second, &nodes.first] {
        assert_eq!(node.api(Method::POST, "/auth/login", "", Some(wrong.clone())).await.0, 401);
    }
    assert_eq!(nodes.second.api(Method::POST, "/auth/login", "", Some(wrong)).await.0, 429);
}

#[tokio::test]
async fn an_event_of_one_node_reaches_a_socket_of_the_other_also_after_its_ear_was_cut() {
    let Some(nodes) = start().await else { return };
    let registered = nodes.first.register("acme").await;
    let token = registered["access_token"].as_str().expect("a token");
    let socket = support::Listener::connect(nodes.second.port(), token).await;
    nodes.first.post("/provisioning/jobs", token, json!({"job_type": "create_site"})).await;
    socket.wait_for("status:update", |_| true).await;
    assert_ne!(cut_listeners(&nodes.url), "0", "there were connections to cut");
    socket.wait_for("status:completed", |_| true).await;
}

#[tokio::test]
async fn a_job_whose_node_dies_is_taken_over_by_the_other() {
    let Some(mut nodes) = start().await else { return };
    let registered = nodes.first.register("acme").await;
    let token = registered["access_token"].as_str().expect("a token");
    let job = nodes.first.post("/provisioning/jobs", token, json!({"job_type": "create_site"})).await;
    let job = job["id"].as_str().expect("a job's id");
    nodes.first.job_until(token, job, |job| job["step"] == "apps").await;
    // Whichever node has the job, one of the two kills hits it.
    nodes.first.kill();
    tokio::time::sleep(Duration::from_millis(200)).await;
    nodes.first.restart().await;
    nodes.second.kill();
    let ended = nodes.first.job_until(token, job, has_ended).await;
    assert_eq!(ended["status"], "completed", "{ended}");
    assert_eq!(ended["attempt"], 1);
}
