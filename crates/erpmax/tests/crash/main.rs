//! Crash is normal: the binary is killed with SIGKILL at each step of each job type and at random instants, started again, and
//! each job ends in the right state with nothing left over.
#![expect(clippy::print_stdout, reason = "a proof tells its numbers")]

#[path = "../support/mod.rs"]
mod support;

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use reqwest::Method;
use serde_json::{Value, json};
use support::{Server, has_ended};

const STEPS: &[(&str, &[&str])] = &[
    ("create_site", &["reserve", "database", "apps", "configure", "user", "check", "open"]),
    ("backup_site", &["dump", "verify", "publish"]),
    ("delete_site", &["close", "archive", "remove"]),
];

fn token(registered: &Value) -> String {
    registered["access_token"].as_str().expect("a token").to_owned()
}

async fn begin(server: &Server, token: &str, job_type: &str) -> String {
    let job = server.post("/provisioning/jobs", token, json!({"job_type": job_type})).await;
    job["id"].as_str().expect("a job's id").to_owned()
}

/// Kills the server while each of `steps` runs, and restarts it; the ended job.
async fn kill_at_each(server: &mut Server, token: &str, job: &str, steps: &[&str]) -> Value {
    let mut progress = 0;
    for step in steps {
        let now = server.job_until(token, job, |job| job["step"] == **step || has_ended(job)).await;
        assert!(now["progress"].as_i64() >= Some(progress), "progress went down to {now} from {progress}");
        progress = now["progress"].as_i64().unwrap_or(0);
        server.kill();
        server.restart().await;
    }
    server.job_until(token, job, has_ended).await
}

#[tokio::test]
async fn a_kill_at_each_step_of_each_job_is_survived() {
    let mut server = Server::start(&[("SANDBOX__STEP_MILLISECONDS", "150")]).await;
    let token = token(&server.register("acme").await);
    for (job_type, steps) in STEPS {
        let job = begin(&server, &token, job_type).await;
        let ended = kill_at_each(&mut server, &token, &job, steps).await;
        assert_eq!(ended["status"], "completed", "{ended}");
        assert_eq!(ended["attempt"], 1, "a crash resumes, it does not begin anew");
        assert_eq!(server.leftovers(), Vec::<String>::new(), "after {job_type}");
        let tenant = server.get("/tenants/current", &token).await;
        let status = if *job_type == "delete_site" { "pending" } else { "active" };
        assert_eq!(tenant["status"], status, "after {job_type}");
    }
    let notifications = server.get("/notifications", &token).await;
    assert_eq!(notifications["notifications"].as_array().map(Vec::len), Some(STEPS.len()), "one for each end");
}

#[tokio::test]
async fn a_kill_during_the_undo_of_a_cancelled_creation_leaves_nothing() {
    let mut server = Server::start(&[("SANDBOX__STEP_MILLISECONDS", "200")]).await;
    let token = token(&server.register("acme").await);
    for step in ["database", "check", "open"] {
        let job = begin(&server, &token, "create_site").await;
        server.job_until(&token, &job, |job| job["step"] == step).await;
        let answer = server.post(&format!("/provisioning/jobs/{job}/cancel"), &token, json!({})).await;
        assert_eq!(answer["status"], "running", "a cancelled job ends after its undo");
        server.kill();
        server.restart().await;
        let ended = server.job_until(&token, &job, has_ended).await;
        assert_eq!(ended["status"], "failed", "{ended}");
        assert_eq!(ended["error"], "Cancelled by acme owner.");
        assert_eq!(server.leftovers(), Vec::<String>::new(), "after a cancel at {step}");
        assert_eq!(server.get("/tenants/current", &token).await["status"], "pending");
    }
}

#[tokio::test]
async fn a_failed_creation_that_was_killed_while_cleaning_up_can_be_retried() {
    let mut server = Server::start(&[("SANDBOX__STEP_MILLISECONDS", "150"), ("SANDBOX__FAIL_AT", "user")]).await;
    let token = token(&server.register("acme").await);
    let job = begin(&server, &token, "create_site").await;
    server.job_until(&token, &job, |job| job["step"] == "user").await;
    tokio::time::sleep(Duration::from_millis(150)).await;
    server.kill();
    server.restart().await;
    let ended = server.job_until(&token, &job, has_ended).await;
    assert_eq!(ended["status"], "failed", "{ended}");
    assert_eq!(server.leftovers(), Vec::<String>::new());

    let retried = server.post(&format!("/provisioning/jobs/{job}/retry"), &token, json!({})).await;
    assert_eq!(retried["attempt"], 2);
    let ended = server.job_until(&token, &job, has_ended).await;
    assert_eq!(ended["status"], "completed", "{ended}");
}

#[tokio::test]
async fn a_kill_right_after_an_answer_loses_nothing_of_what_was_answered() {
    let mut server = Server::start(&[("SANDBOX__STEP_MILLISECONDS", "20")]).await;
    let registered = server.register("acme").await;
    server.kill();
    server.restart().await;
    let token = token(&registered);
    let job = begin(&server, &token, "create_site").await;
    server.kill();
    server.restart().await;
    assert_eq!(server.job_until(&token, &job, has_ended).await["status"], "completed");

    let plan = server.get("/billing/plans", "").await[1]["id"].clone();
    let checkout = server
        .post(
            "/billing/checkout",
            &token,
            json!({"plan_id": plan, "billing_period": "yearly", "payment_provider": "stripe",
                "success_url": "https://app.example/paid", "cancel_url": "https://app.example/"}),
        )
        .await;
    let path = format!("/sandbox/checkout/{}/pay", checkout["session_id"].as_str().expect("a checkout's id"));
    let (status, ..) = server.page(Method::POST, "localhost", &path).await;
    assert_eq!(status, 200);
    server.kill();
    server.restart().await;
    for _ in 0..500 {
        if server.get("/billing/subscription", &token).await["status"] == "active" {
            break;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert_eq!(server.get("/billing/subscription", &token).await["status"], "active");
    server.page(Method::POST, "localhost", &path).await;
    let invoices = server.get("/billing/invoices", &token).await;
    assert_eq!(invoices.as_array().map(Vec::len), Some(1), "a payment counts once");
}

#[tokio::test]
async fn kills_at_random_instants_leave_the_truth_in_the_database() {
    let rounds = if std::env::var("ERPMAX_PROVE").as_deref() == Ok("full") { 150 } else { 5 };
    let seed = SystemTime::now().duration_since(UNIX_EPOCH).map_or(1, |time| u64::from(time.subsec_nanos()));
    println!("proof: random kills begin with seed {seed}");
    let mut random = seed;
    let mut kills = 0;
    let mut server = Server::start(&[("SANDBOX__STEP_MILLISECONDS", "60")]).await;
    let token = token(&server.register("acme").await);
    for round in 0..rounds {
        let job_type = STEPS[round % STEPS.len()].0;
        let job = begin(&server, &token, job_type).await;
        for _ in 0..3 {
            random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            tokio::time::sleep(Duration::from_millis(random >> 33 & 0xff)).await;
            server.kill();
            server.restart().await;
            kills += 1;
        }
        let ended = server.job_until(&token, &job, has_ended).await;
        assert_eq!(ended["status"], "completed", "seed {seed}, round {round}: {ended}");
        assert_eq!(server.leftovers(), Vec::<String>::new(), "seed {seed}, round {round}");
    }
    println!("proof: {kills} kills during {rounds} jobs; all completed, nothing was left over");
}
