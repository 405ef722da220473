//! `POST /provisioning/jobs/{id}/retry`.

use serde_json::{Value, json};

use crate::support::{TestApp, TestTenant, Work};

fn path(job: &Value, rest: &str) -> String {
    format!("/provisioning/jobs/{}{rest}", job["id"].as_str().expect("an id"))
}

#[tokio::test]
async fn a_failed_job_is_tried_again_from_its_first_step() {
    let app = TestApp::start().await;
    let acme = app.tenant("acme").await;
    let job = acme.ask_for("create_site").await;
    let mut work = Work::lease(&app).await;
    work.begin("database", 20).await;
    work.done("database", 40).await;
    work.turn_round("The disk is full").await;
    work.undone("database").await;
    work.fail("The disk is full").await;
    let failed = acme.owner.get(&path(&job, "")).await.ok();
    assert_eq!((&failed["status"], &failed["error"]), (&"failed".into(), &"The disk is full".into()));
    let tenant = acme.owner.get("/tenants/current").await.ok();
    assert_eq!((&tenant["status"], &tenant["erpnext_site_url"]), (&"pending".into(), &Value::Null));

    let again = acme.owner.post_nothing(&path(&job, "/retry")).await.ok();
    assert_eq!((&again["id"], &again["status"], &again["attempt"]), (&job["id"], &"pending".into(), &json!(2)));
    assert_eq!((&again["progress"], &again["error"], &again["completed_at"]), (&json!(0), &Value::Null, &Value::Null));
    let mut work = Work::lease(&app).await;
    assert!(work.lease.done.is_empty() && work.lease.begun.is_none());
    assert_eq!(work.lease.attempt, 2);
    work.complete().await;
    assert_eq!(acme.owner.get("/tenants/current").await.ok()["status"], "active");
    acme.owner.post_nothing(&path(&job, "/retry")).await.refused(409, "job_not_retryable");
}

#[tokio::test]
async fn only_failed_jobs_can_be_retried() {
    let app = TestApp::start().await;
    let acme = app.tenant("acme").await;
    let job = acme.ask_for("create_site").await;
    acme.owner.post_nothing(&path(&job, "/retry")).await.refused(409, "job_not_retryable");
    let mut work = Work::lease(&app).await;
    acme.owner.post_nothing(&path(&job, "/retry")).await.refused(409, "job_not_retryable");
    work.complete().await;
    acme.owner.post_nothing(&path(&job, "/retry")).await.refused(409, "job_not_retryable");
}

#[tokio::test]
async fn an_old_failure_is_not_retried_beside_a_newer_job() {
    let app = TestApp::start().await;
    let acme = app.tenant("acme").await;
    let old = acme.fail("create_site").await;
    acme.ask_for("create_site").await;
    acme.owner.post_nothing(&path(&old, "/retry")).await.refused(409, "job_not_retryable");
    Work::lease(&app).await.complete().await;
    acme.owner.post_nothing(&path(&old, "/retry")).await.refused(409, "site_exists");
}

#[tokio::test]
async fn parallel_retries_begin_one_attempt() {
    let app = TestApp::start().await;
    let acme = app.tenant("acme").await;
    let job = acme.fail("create_site").await;
    let retry = path(&job, "/retry");
    let answers = futures_util::future::join_all((0..5).map(|_| acme.owner.post_nothing(&retry))).await;
    assert_eq!(answers.iter().filter(|answer| answer.status() == 200).count(), 1);
    assert_eq!(answers.iter().filter(|answer| answer.code() == "job_not_retryable").count(), 4);
}

#[tokio::test]
async fn admins_may_but_deleting_takes_an_owner() {
    let app = TestApp::start().await;
    let acme = app.tenant("acme").await;
    let (admin, user) = (acme.admin("chief").await, acme.member("accountant").await);
    let job = acme.fail("create_site").await;
    user.post_nothing(&path(&job, "/retry")).await.refused(403, "forbidden");
    admin.post_nothing(&path(&job, "/retry")).await.ok();
    Work::lease(&app).await.complete().await;
    let deletion = acme.fail("delete_site").await;
    admin.post_nothing(&path(&deletion, "/retry")).await.refused(403, "forbidden");
    acme.owner.post_nothing(&path(&deletion, "/retry")).await.ok();
}

#[tokio::test]
async fn what_could_not_be_undone_keeps_the_name_reserved() {
    let app = TestApp::start().await;
    let acme = app.tenant("acme").await;
    let job = acme.ask_for("create_site").await;
    let mut work = Work::lease(&app).await;
    work.turn_round("The disk is full").await;
    work.leak("The disk is full", "A database was left behind").await;
    let failed = acme.owner.get(&path(&job, "")).await.ok();
    assert_eq!(failed["error"], "The disk is full");
    assert!(failed.get("leak").is_none());
    assert_eq!(
        newest_message(&acme).await,
        "The disk is full Not everything could be cleaned up. The operator has to see to it before you can try again."
    );
    acme.owner.post_nothing(&path(&job, "/retry")).await.refused(409, "conflict");
    acme.owner.post("/provisioning/jobs", json!({"job_type": "create_site"})).await.refused(409, "conflict");
}

#[tokio::test]
async fn after_a_clean_failure_it_is_said_that_nothing_was_left_behind() {
    let app = TestApp::start().await;
    let acme = app.tenant("acme").await;
    acme.fail("create_site").await;
    assert_eq!(newest_message(&acme).await, "The disk is full Nothing was left behind; you can try again.");
}

#[tokio::test]
async fn a_deletion_stuck_past_its_point_of_no_return_leaves_no_site_and_can_be_tried_again() {
    let app = TestApp::start().await;
    let acme = app.tenant("acme").await;
    acme.complete("create_site").await;
    let job = acme.ask_for("delete_site").await;
    let mut work = Work::lease(&app).await;
    work.begin_irrevocable("remove", 60).await;
    work.leak("The disk is broken", "Half a folder").await;
    let tenant = acme.owner.get("/tenants/current").await.ok();
    assert_eq!((&tenant["status"], &tenant["erpnext_site_url"]), (&"pending".into(), &Value::Null));
    assert_eq!(
        newest_message(&acme).await,
        "The disk is broken The site is closed for good; deleting what is left of it can be tried again."
    );
    assert_eq!(app.database().texts("SELECT leak FROM jobs WHERE leak IS NOT NULL").await, ["Half a folder"]);
    acme.owner.post_nothing("/sso/erpnext/token").await.refused(409, "site_missing");
    acme.owner.post("/provisioning/jobs", json!({"job_type": "create_site"})).await.refused(409, "conflict");

    acme.owner.post_nothing(&path(&job, "/retry")).await.ok();
    Work::lease(&app).await.complete().await;
    assert_eq!(acme.owner.get("/tenants/current").await.ok()["status"], "pending");
    acme.complete("create_site").await;
    assert_eq!(acme.owner.get("/tenants/current").await.ok()["status"], "active");
}

#[tokio::test]
async fn a_deletion_that_could_not_be_undone_is_no_open_site_either() {
    let app = TestApp::start().await;
    let acme = app.tenant("acme").await;
    acme.complete("create_site").await;
    acme.ask_for("delete_site").await;
    let mut work = Work::lease(&app).await;
    work.begin("close", 10).await;
    work.turn_round("The disk is full").await;
    work.leak("The disk is full", "The site is still closed").await;
    let tenant = acme.owner.get("/tenants/current").await.ok();
    assert_eq!((&tenant["status"], &tenant["erpnext_site_url"]), (&"pending".into(), &Value::Null));
}

async fn newest_message(acme: &TestTenant) -> String {
    let notifications = acme.owner.get("/notifications").await.ok();
    notifications["notifications"][0]["message"].as_str().expect("a sentence").to_owned()
}
