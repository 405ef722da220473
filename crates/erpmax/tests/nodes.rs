//! Two nodes on one `PostgreSQL` database are one installation. Skipped where there is no `PostgreSQL`.
#![expect(clippy::print_stdout, reason = "a skipped test says so")]

mod support;

use std::path::Path;
use std::time::{Duration, Instant};

use reqwest::Method;
use serde_json::{Value, json};
use support::{Database, Listener, PASSWORD, Server, postgres_server, psql, text, until};
use tempfile::TempDir;

const PATIENCE: Duration = Duration::from_secs(15);

struct Nodes {
    first: Server,
    second: Server,
    database: Database,
    _folder: TempDir,
}

/// Two nodes that share database, master key and sandbox folder; none where there is no `PostgreSQL` to test on.
async fn start() -> Option<Nodes> {
    start_with_lease("3").await
}

async fn start_with_lease(seconds: &str) -> Option<Nodes> {
    let Some(server) = postgres_server() else {
        println!("skipped: ERPMAX_TEST_POSTGRES_URL names no PostgreSQL");
        return None;
    };
    let database = Database::create_postgres(&server);
    let folder = tempfile::tempdir().expect("a folder can be made");
    std::fs::write(folder.path().join("key"), "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8\n").expect("a key");
    let (first, second) = (
        node(folder.path(), "first", seconds, &database).await,
        node(folder.path(), "second", seconds, &database).await,
    );
    Some(Nodes { first, second, database, _folder: folder })
}

async fn node(folder: &Path, name: &str, lease_seconds: &str, database: &Database) -> Server {
    let path = |name: &str| folder.join(name).to_str().expect("a path of text").to_owned();
    let environment = [
        ("DATABASE__URL", database.url().expect("an address")),
        ("MASTER_KEY_FILE", &path("key")),
        ("SANDBOX__FOLDER", &path("sandbox")),
        // Nodes are one installation: sites and links have one address, whichever node makes them.
        ("PUBLIC_URL", "http://localhost:9"),
        ("SITES__PORT", "9"),
        ("SANDBOX__STEP_MILLISECONDS", "300"),
        ("SITES__LEASE_SECONDS", lease_seconds),
        ("LOG__FILTER", "error"),
    ];
    Server::on(&folder.join(name), &environment).await
}

impl Nodes {
    fn psql(&self, statement: &str) -> String {
        psql(self.database.url().expect("an address"), statement)
    }

    /// Cuts the connections on which nodes hear of each other; how many there were.
    fn cut_ears(&self) -> String {
        self.psql(
            "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
             WHERE datname = current_database() AND application_name = 'erpmax' AND query LIKE 'LISTEN%'",
        )
    }

    /// How many nodes hear of each other.
    fn ears(&self) -> u32 {
        let statement =
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND query LIKE 'LISTEN%'";
        self.psql(statement).parse().expect("a number")
    }

    /// The node that has the lease of a job.
    fn leaseholder(&self, job: &str) -> Option<Name> {
        let host = self.psql(&format!("SELECT lease_host FROM work WHERE subject = '{job}' AND lease_id IS NOT NULL"));
        if host.ends_with("/first") { Some(Name::First) } else { host.ends_with("/second").then_some(Name::Second) }
    }

    fn pair(&mut self, holder: Name) -> (&mut Server, &mut Server) {
        match holder {
            Name::First => (&mut self.first, &mut self.second),
            Name::Second => (&mut self.second, &mut self.first),
        }
    }
}

#[derive(Clone, Copy)]
enum Name {
    First,
    Second,
}

fn invitation(email: &str) -> Value {
    json!({"email": email, "role": "user"})
}

#[tokio::test]
async fn tokens_of_one_node_work_on_the_other() {
    let Some(nodes) = start().await else { return };
    let registered = nodes.first.register("acme").await;
    assert_eq!(nodes.second.get("/auth/me", text(&registered, "access_token")).await["email"], "owner@acme.example");

    let fresh = nodes.second.post("/auth/refresh", "", json!({"refresh_token": registered["refresh_token"]})).await;
    nodes.first.get("/auth/me", text(&fresh, "access_token")).await;
    let fresher = nodes.first.post("/auth/refresh", "", json!({"refresh_token": fresh["refresh_token"]})).await;
    nodes.second.get("/auth/me", text(&fresher, "access_token")).await;
}

#[tokio::test]
async fn all_nodes_sign_with_one_key() {
    let Some(nodes) = start().await else { return };
    let on_first = nodes.first.register("acme").await;
    let login = json!({"email": "owner@acme.example", "password": PASSWORD});
    let on_second = nodes.second.post("/auth/login", "", login).await;
    // The head of a token names algorithm and key.
    let head = |answer: &Value| text(answer, "access_token").split('.').next().map(ToOwned::to_owned);
    assert_eq!(head(&on_first), head(&on_second));
    assert_eq!(nodes.psql("SELECT count(*) FROM signing_keys"), "1");
}

#[tokio::test]
async fn a_session_that_ends_on_one_node_has_ended_on_the_other_with_its_sockets() {
    let Some(nodes) = start().await else { return };
    let registered = nodes.first.register("acme").await;
    let token = text(&registered, "access_token");
    let socket = Listener::connect(nodes.second.port(), token).await;
    nodes.first.post("/auth/logout", token, json!({})).await;
    let (status, _) = nodes.second.api(Method::GET, "/auth/me", token, None).await;
    assert_eq!(status, 401);
    let refresh = json!({"refresh_token": registered["refresh_token"]});
    let (status, answer) = nodes.second.api(Method::POST, "/auth/refresh", "", Some(refresh)).await;
    assert_eq!((status, &answer["error"]["code"]), (400, &"invalid_grant".into()));
    socket.wait_for("disconnect", |_| true).await;
}

#[tokio::test]
async fn refused_sign_ins_count_on_both_nodes() {
    let Some(nodes) = start().await else { return };
    nodes.first.register("acme").await;
    let wrong = json!({"email": "owner@acme.example", "password": "not the password"});
    for node in [&nodes.first, &nodes.second, &nodes.first, &nodes.second, &nodes.first] {
        assert_eq!(node.api(Method::POST, "/auth/login", "", Some(wrong.clone())).await.0, 401);
    }
    for node in [&nodes.first, &nodes.second] {
        assert_eq!(node.api(Method::POST, "/auth/login", "", Some(wrong.clone())).await.0, 429);
    }
}

#[tokio::test]
async fn an_event_of_one_node_reaches_a_socket_of_the_other_also_after_its_ear_was_cut() {
    let Some(nodes) = start().await else { return };
    let owner = nodes.first.register("acme").await;
    let colleague = nodes.first.register("globex").await;
    let (token, tenant) = (text(&owner, "access_token"), text(&owner["current_tenant"], "id"));
    let invite = format!("/tenants/{tenant}/users/invite");
    let socket = Listener::connect(nodes.second.port(), text(&colleague, "access_token")).await;

    nodes.first.post(&invite, token, invitation("owner@globex.example")).await;
    socket.wait_for("notification:new", |_| true).await;
    // Cut in the very moment in which something happens, and again once the ears had time to grow back.
    for _ in 0..2 {
        socket.forget();
        assert_ne!(nodes.cut_ears(), "0", "there were connections to cut");
        let path = format!("/tenants/{tenant}/users/{}", text(&colleague["user"], "id"));
        let (status, answer) = nodes.first.api(Method::DELETE, &path, token, None).await;
        assert_eq!(status, 200, "{answer}");
        nodes.first.post(&invite, token, invitation("owner@globex.example")).await;
        socket.wait_for("notification:new", |_| true).await;
        until("an ear", PATIENCE, async || (nodes.ears() >= 2).then_some(())).await;
    }
    assert!(!socket.was_sent_away());
}

#[tokio::test]
async fn a_site_is_watched_on_the_node_that_does_not_build_it() {
    let Some(nodes) = start().await else { return };
    let token = text(&nodes.first.register("acme").await, "access_token").to_owned();
    let sockets =
        [Listener::connect(nodes.first.port(), &token).await, Listener::connect(nodes.second.port(), &token).await];
    let job = nodes.first.begin(&token, "create_site").await;
    for socket in sockets {
        socket.wait_for("status:completed", |payload| payload["job_id"] == job).await;
        let checkpoints = socket.events("status:update").len();
        assert!(checkpoints >= 7, "{checkpoints} updates were heard");
    }
    let (status, _, page) = nodes.second.page(Method::GET, "acme.localhost", "/").await;
    assert_eq!(status, 200, "{page}");
}

#[tokio::test]
async fn a_job_whose_node_dies_is_taken_over_by_the_other() {
    let Some(mut nodes) = start().await else { return };
    let token = text(&nodes.first.register("acme").await, "access_token").to_owned();
    let job = nodes.first.begin(&token, "create_site").await;
    nodes.first.job_until(&token, &job, |job| job["step"] == "apps").await;
    let holder = nodes.leaseholder(&job).expect("a runner has the job");
    let (dying, living) = nodes.pair(holder);
    dying.kill();
    let killed = Instant::now();
    let socket = Listener::connect(living.port(), &token).await;
    let ended = living.job_ended(&token, &job).await;
    assert_eq!((&ended["status"], &ended["attempt"]), (&json!("completed"), &json!(1)), "{ended}");
    assert!(killed.elapsed() < PATIENCE, "a lease of 3 s was taken over after {:?}", killed.elapsed());
    socket.wait_for("status:completed", |payload| payload["job_id"] == job).await;
    assert_eq!(nodes.psql("SELECT count(*) FROM work"), "0");
}

#[tokio::test]
async fn a_job_whose_node_is_told_to_end_goes_on_at_once_on_the_other() {
    let Some(mut nodes) = start_with_lease("60").await else { return };
    let token = text(&nodes.first.register("acme").await, "access_token").to_owned();
    let job = nodes.first.begin(&token, "create_site").await;
    nodes.first.job_until(&token, &job, |job| job["step"] == "apps").await;
    let holder = nodes.leaseholder(&job).expect("a runner has the job");
    let (ending, living) = nodes.pair(holder);
    assert!(ending.terminate().await.success());
    let told = Instant::now();
    let ended = living.job_ended(&token, &job).await;
    assert_eq!((&ended["status"], &ended["attempt"]), (&json!("completed"), &json!(1)), "{ended}");
    assert!(told.elapsed() < PATIENCE, "it waited for the lease: {:?}", told.elapsed());
}
