//! A company on a server that dies again and again, and what has to be true of it all the same.

use std::collections::{HashMap, HashSet};
use std::time::{Duration, Instant};

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Heard, Listener, Server, text, until};

/// The company's name and the first label of its site's address.
pub(crate) const NAME: &str = "acme";
/// How often a busy machine may miss an instant in a row.
pub(crate) const TRIES: u32 = 5;
/// How soon after a start the work has to go on.
const SOON: Duration = Duration::from_secs(5);

/// A company whose owner listens, on a server of its own.
pub(crate) struct Company {
    pub(crate) server: Server,
    pub(crate) token: String,
    ear: Listener,
    started: Instant,
    pub(crate) truth: Truth,
}

/// What is to be true while no job is under way.
#[derive(Default)]
pub(crate) struct Truth {
    pub(crate) has_site: bool,
    pub(crate) archives: usize,
    pub(crate) attempts: i64,
    pub(crate) creations: i64,
    subscription: Option<Value>,
    /// The longest time between a start and the going on of what was cut off.
    pub(crate) slowest: Duration,
    pub(crate) kills: u32,
}

impl Company {
    pub(crate) async fn start(step_milliseconds: u64, fail_at: &str) -> Self {
        let step_time = step_milliseconds.to_string();
        let server = Server::start(&[("SANDBOX__STEP_MILLISECONDS", &step_time), ("SANDBOX__FAIL_AT", fail_at)]).await;
        let token = text(&server.register(NAME).await, "access_token").to_owned();
        let ear = Listener::connect(server.port(), &token).await;
        Self { server, token, ear, started: Instant::now(), truth: Truth::default() }
    }

    /// SIGKILL, and another start.
    pub(crate) async fn crash(&mut self) {
        self.server.kill();
        self.truth.kills += 1;
        self.server.restart().await;
        self.started = Instant::now();
    }

    pub(crate) async fn begin(&self, job_type: &str) -> String {
        self.server.begin(&self.token, job_type).await
    }

    /// The job at a step, or at its end if it got there first.
    pub(crate) async fn at_step(&self, job: &str, step: &str) -> Value {
        self.server.job_until(&self.token, job, |job| job["step"] == *step || is_over(job)).await
    }

    pub(crate) async fn cancel(&self, job: &str) -> (u16, Value) {
        let path = format!("/provisioning/jobs/{job}/cancel");
        self.server.api(Method::POST, &path, &self.token, Some(json!({}))).await
    }

    pub(crate) async fn retry(&self, job: &str) -> Value {
        self.server.post(&format!("/provisioning/jobs/{job}/retry"), &self.token, json!({})).await
    }

    /// Makes a completed job of this type possible once more.
    pub(crate) async fn make_possible(&mut self, job_type: &str) {
        let opposite = match job_type {
            "create_site" => "delete_site",
            "delete_site" => "create_site",
            _ => return,
        };
        let job = self.begin(opposite).await;
        self.completes(&job).await;
    }

    /// Notes that work was done that takes `needed`: after the last start it has to have gone on soon.
    pub(crate) fn note_resumption(&mut self, needed: Duration) {
        let idle = self.started.elapsed().saturating_sub(needed);
        assert!(idle < SOON, "the work went on only {idle:?} after the start");
        self.truth.slowest = self.truth.slowest.max(idle);
    }

    /// Waits for the end of a job that has to be completed, and looks at everything.
    pub(crate) async fn completes(&mut self, job: &str) -> Value {
        let ended = self.server.job_ended(&self.token, job).await;
        assert_eq!(ended["status"], "completed", "{ended}");
        assert_eq!((&ended["progress"], &ended["error"]), (&json!(100), &Value::Null), "{ended}");
        self.note_end(&ended);
        self.check(&ended).await;
        ended
    }

    /// Waits for the end of a job that has to fail with this error, and looks at everything.
    pub(crate) async fn fails(&mut self, job: &str, error: &str) -> Value {
        let ended = self.server.job_ended(&self.token, job).await;
        assert_eq!((&ended["status"], &ended["error"]), (&json!("failed"), &json!(error)), "{ended}");
        self.note_end(&ended);
        self.check(&ended).await;
        ended
    }

    fn note_end(&mut self, ended: &Value) {
        self.truth.attempts += 1;
        let is_creation = ended["job_type"] == "create_site";
        self.truth.creations += i64::from(is_creation);
        if ended["status"] == "completed" {
            self.truth.has_site = ended["job_type"] != "delete_site";
            self.truth.archives += usize::from(!is_creation);
        }
    }

    async fn check(&mut self, ended: &Value) {
        // A job that was cancelled before a runner took it never started.
        let has_started = ended["status"] == "failed" || ended["started_at"].is_string();
        assert!(has_started && ended["completed_at"].is_string(), "{ended}");
        self.check_folders();
        self.check_tenant().await;
        self.check_subscription(ended).await;
        self.check_rows().await;
        self.check_site_page().await;
        if ended["job_type"] == "create_site" {
            self.check_heard(ended).await;
        }
    }

    fn check_folders(&self) {
        assert_eq!(self.server.leftovers(), Vec::<String>::new(), "something was left over");
        let sites: &[&str] = if self.truth.has_site { &[NAME] } else { &[] };
        assert_eq!(self.server.sites(), sites);
        assert_eq!(self.server.archives().len(), self.truth.archives, "{:?}", self.server.archives());
    }

    async fn check_tenant(&self) {
        let tenant = self.server.get("/tenants/current", &self.token).await;
        let status = if self.truth.has_site { "active" } else { "pending" };
        assert_eq!(tenant["status"], status, "{tenant}");
        assert_eq!(tenant["erpnext_site_url"].is_string(), self.truth.has_site, "{tenant}");
    }

    /// The trial begins with the first ready site, and never again.
    async fn check_subscription(&mut self, ended: &Value) {
        let now = self.server.get("/billing/subscription", &self.token).await;
        assert_eq!(now["status"], "trial");
        if let Some(before) = &self.truth.subscription {
            assert_eq!(&now, before, "a subscription changes with the first creation only");
        } else if self.truth.has_site {
            assert!(now["current_period_start"].as_str() >= ended["started_at"].as_str(), "{now}");
            self.truth.subscription = Some(now);
        }
    }

    /// One trace of each end, and nothing under way.
    async fn check_rows(&self) {
        let ends = "SELECT count(*) FROM audit_events WHERE action = 'jobs.end'";
        let creations = "SELECT count(DISTINCT event_id) FROM outbox
             WHERE news LIKE '%status:completed%' OR news LIKE '%status:failed%'";
        let expected = [
            ("SELECT count(*) FROM work WHERE queue <> 'mail'", 0),
            ("SELECT count(*) FROM jobs WHERE status IN ('pending', 'running')", 0),
            ("SELECT count(*) FROM jobs WHERE leak IS NOT NULL", 0),
            ("SELECT count(*) FROM sites", i64::from(self.truth.has_site)),
            ("SELECT count(*) FROM notifications", self.truth.attempts),
            (ends, self.truth.attempts),
            (creations, self.truth.creations),
        ];
        for (statement, number) in expected {
            assert_eq!(self.server.count(statement).await, number, "{statement}");
        }
    }

    async fn check_site_page(&self) {
        let (status, _, page) = self.server.page(Method::GET, &format!("{NAME}.localhost"), "/").await;
        assert_eq!(status == 200, self.truth.has_site, "{status} {page}");
    }

    /// The owner was told of the end, if need be after coming back, and never of less progress than before.
    async fn check_heard(&self, ended: &Value) {
        let name = if ended["status"] == "completed" { "status:completed" } else { "status:failed" };
        let is_end = |payload: &Value| payload["job_id"] == ended["id"];
        self.ear.wait_for(name, is_end).await;
        assert!(!self.ear.was_sent_away(), "a crash sends nobody away");
        let heard = self.ear.all();
        check_event_ids(&heard);
        check_progress(&heard);
        self.ear.forget();
    }

    /// Nothing of all the crashes is seen any more.
    pub(crate) async fn is_at_peace(&self) {
        let look = async || {
            let (status, _, _) = self.server.page(Method::GET, "localhost", "/health/ready").await;
            Some(()).filter(|()| status == 200)
        };
        until("readiness", SOON, look).await;
        let log = self.server.log();
        assert!(!log.contains("ERROR") && !log.contains("panicked"), "{log}");
    }
}

pub(crate) fn is_over(job: &Value) -> bool {
    crate::support::has_ended(job)
}

/// A connection hears each event once. A new one may hear again what the one before was about to hear.
fn check_event_ids(heard: &[Heard]) {
    let mut seen = HashSet::new();
    for Heard { connection, name, payload } in heard {
        let id = payload["event_id"].as_str();
        assert!(id.is_some_and(|id| seen.insert((*connection, id))), "{name} was heard twice: {payload}");
    }
}

/// Within an attempt progress never goes down. What was told inside a step may be lost with the server that told it.
fn check_progress(heard: &[Heard]) {
    let mut told: HashMap<(u32, &str, i64), i64> = HashMap::new();
    let mut ended: HashMap<&str, i64> = HashMap::new();
    for Heard { connection, name, payload } in heard {
        let Some(job) = payload["job_id"].as_str() else { continue };
        match name.as_str() {
            "status:completed" | "status:failed" => *ended.entry(job).or_default() += 1,
            "status:update" => {
                let progress = payload["progress"].as_i64().expect("progress is a number");
                let attempt = ended.get(job).copied().unwrap_or(0);
                let before = told.insert((*connection, job, attempt), progress);
                assert!(before <= Some(progress), "progress went down from {before:?}: {payload}");
            }
            _ => {}
        }
    }
}
