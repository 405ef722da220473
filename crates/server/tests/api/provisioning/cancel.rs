//! `POST /provisioning/jobs/{id}/cancel` (contract, trap 6).

use erpmax_types::runner::{Direction, Wish};
use serde_json::{Value, json};

use crate::support::{TestApp, Work};

fn path(job: &Value, rest: &str) -> String {
    format!("/provisioning/jobs/{}{rest}", job["id"].as_str().expect("an id"))
}

#[tokio::test]
async fn a_pending_job_ends_at_once_and_says_who_cancelled_it() {
    let app = TestApp::start().await;
    let acme = app.tenant("acme").await;
    let job = acme.ask_for("create_site").await;
    let cancelled = acme.owner.post_nothing(&path(&job, "/cancel")).await.ok();
    assert_eq!(cancelled["status"], "failed");
    assert!(cancelled["error"].as_str().is_some_and(|error| error.contains("owner@acme.example")), "{cancelled}");
    assert!(Work::lease_if_due(&app).await.is_none());
    assert_eq!(acme.owner.get("/tenants/current").await.ok()["status"], "pending");
    acme.owner.post_nothing(&path(&job, "/cancel")).await.refused(409, "job_not_cancellable");
    assert_eq!(acme.owner.post_nothing(&path(&job, "/retry")).await.ok()["attempt"], 2);
}

#[tokio::test]
async fn a_running_job_is_failed_only_after_its_undo() {
    let app = TestApp::start().await;
    let acme = app.tenant("acme").await;
    let job = acme.ask_for("create_site").await;
    let mut work = Work::lease(&app).await;
    work.begin("database", 20).await;
    let answer = acme.owner.post_nothing(&path(&job, "/cancel")).await.ok();
    assert_eq!((&answer["status"], &answer["error"]), (&"running".into(), &Value::Null));
    assert_eq!(answer["message"], "Cleaning up…");
    let again = acme.owner.post_nothing(&path(&job, "/cancel")).await.ok();
    assert_eq!(again["status"], "running");
    // Whoever asks for the site meanwhile gets this job.
    let tap = acme.owner.post("/provisioning/jobs", json!({"job_type": "create_site"})).await.ok();
    assert_eq!(tap["id"], job["id"]);
    assert_eq!(work.done("database", 40).await, Wish::Cancel);
    work.turn_round("cancelled").await;
    assert_eq!(acme.owner.get(&path(&job, "")).await.ok()["status"], "running");
    work.undone("database").await;
    work.fail("cancelled").await;
    let failed = acme.owner.get(&path(&job, "")).await.ok();
    assert_eq!(failed["status"], "failed");
    assert!(failed["error"].as_str().is_some_and(|error| error.contains("owner@acme.example")), "{failed}");
    assert_eq!(acme.owner.get("/tenants/current").await.ok()["status"], "pending");
}

#[tokio::test]
async fn a_job_cancelled_before_its_end_is_not_completed() {
    let app = TestApp::start().await;
    let acme = app.tenant("acme").await;
    let job = acme.ask_for("create_site").await;
    let mut work = Work::lease(&app).await;
    acme.owner.post_nothing(&path(&job, "/cancel")).await.ok();
    assert_eq!(work.complete().await, Wish::Cancel);
    assert_eq!(acme.owner.get(&path(&job, "")).await.ok()["status"], "running");
    work.turn_round("cancelled").await;
    work.fail("cancelled").await;
    assert_eq!(acme.owner.get(&path(&job, "")).await.ok()["status"], "failed");
}

#[tokio::test]
async fn a_cancel_while_a_failure_is_being_undone_does_not_hide_the_failure() {
    let app = TestApp::start().await;
    let acme = app.tenant("acme").await;
    let job = acme.ask_for("create_site").await;
    let mut work = Work::lease(&app).await;
    work.begin("database", 20).await;
    work.turn_round("The disk is full").await;
    let answer = acme.owner.post_nothing(&path(&job, "/cancel")).await.ok();
    assert_eq!((&answer["status"], &answer["message"]), (&"running".into(), &"Cleaning up…".into()));
    work.undone("database").await;
    work.fail("The disk is full").await;
    assert_eq!(acme.owner.get(&path(&job, "")).await.ok()["error"], "The disk is full");
}

#[tokio::test]
async fn a_cancelled_job_whose_runner_died_is_undone_by_the_next_one() {
    let app = TestApp::start().await;
    let acme = app.tenant("acme").await;
    let job = acme.ask_for("create_site").await;
    let mut work = Work::lease(&app).await;
    work.begin("database", 20).await;
    acme.owner.post_nothing(&path(&job, "/cancel")).await.ok();
    app.pass(std::time::Duration::from_secs(60));
    let mut next = Work::lease(&app).await;
    assert_eq!(next.lease.direction, Direction::Undo);
    assert_eq!(next.lease.begun.as_deref(), Some("database"));
    assert_eq!(work.fail("late").await, Wish::LeaseLost);
    next.fail("cancelled").await;
    assert_eq!(acme.owner.get(&path(&job, "")).await.ok()["status"], "failed");
}

#[tokio::test]
async fn after_the_point_of_no_return_nothing_is_cancelled() {
    let app = TestApp::start().await;
    let acme = app.tenant("acme").await;
    acme.complete("create_site").await;
    let job = acme.ask_for("delete_site").await;
    let mut work = Work::lease(&app).await;
    work.begin_irrevocable("remove", 60).await;
    acme.owner.post_nothing(&path(&job, "/cancel")).await.refused(409, "job_not_cancellable");
    work.complete().await;
    acme.owner.post_nothing(&path(&job, "/cancel")).await.refused(409, "job_not_cancellable");
}

#[tokio::test]
async fn a_cancelled_deletion_leaves_the_site_open() {
    let app = TestApp::start().await;
    let acme = app.tenant("acme").await;
    acme.complete("create_site").await;
    let job = acme.ask_for("delete_site").await;
    let mut work = Work::lease(&app).await;
    acme.owner.post_nothing(&path(&job, "/cancel")).await.ok();
    work.turn_round("cancelled").await;
    work.fail("cancelled").await;
    let tenant = acme.owner.get("/tenants/current").await.ok();
    assert_eq!(tenant["status"], "active");
    acme.owner.post_nothing("/sso/erpnext/token").await.ok();
}

#[tokio::test]
async fn a_user_may_not() {
    let app = TestApp::start().await;
    let acme = app.tenant("acme").await;
    let (admin, user) = (acme.admin("chief").await, acme.member("accountant").await);
    let job = acme.ask_for("create_site").await;
    user.post_nothing(&path(&job, "/cancel")).await.refused(403, "forbidden");
    admin.post_nothing(&path(&job, "/cancel")).await.ok();
}

#[tokio::test]
async fn the_words_are_in_the_language_of_who_asked_for_the_job() {
    let app = TestApp::start().await;
    let acme = app.tenant("acme").await;
    app.database().execute("UPDATE users SET language = 'uk'").await;
    let job = acme.ask_for("create_site").await;
    let cancelled = acme.owner.post_nothing(&path(&job, "/cancel")).await.ok();
    assert!(cancelled["error"].as_str().is_some_and(|error| error.contains("касовано")), "{cancelled}");
}
