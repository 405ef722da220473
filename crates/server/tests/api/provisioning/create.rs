//! `POST /provisioning/jobs`.

use axum::http::Method;
use serde_json::{Value, json};

use crate::support::{TestApp, Work};

#[tokio::test]
async fn a_job_is_created_and_a_repeated_tap_answers_the_same_job() {
    let app = TestApp::start().await;
    let acme = app.tenant("acme").await;
    let job = acme.owner.post("/provisioning/jobs", json!({"job_type": "createSite"})).await.created();
    assert_eq!(
        (&job["job_type"], &job["status"], &job["progress"]),
        (&"create_site".into(), &"pending".into(), &json!(0))
    );
    assert_eq!((&job["tenant_id"], &job["attempt"]), (&acme.id.as_str().into(), &json!(1)));
    assert_eq!(acme.owner.get("/tenants/current").await.ok()["status"], "provisioning");
    let again = acme.owner.post("/provisioning/jobs", json!({"job_type": "create_site"})).await.ok();
    assert_eq!(again, job);
    let mut work = Work::lease(&app).await;
    let again = acme.owner.post("/provisioning/jobs", json!({"job_type": "create_site"})).await.ok();
    assert_eq!((&again["id"], &again["status"]), (&job["id"], &"running".into()));
    work.complete().await;
    acme.owner.post("/provisioning/jobs", json!({"job_type": "create_site"})).await.refused(409, "site_exists");
    assert!(Work::lease_if_due(&app).await.is_none());
}

#[tokio::test]
async fn parallel_taps_create_one_job() {
    let app = TestApp::start().await;
    let acme = app.tenant("acme").await;
    let taps = (0..10).map(|_| acme.owner.post("/provisioning/jobs", json!({"job_type": "create_site"})));
    let answers = futures_util::future::join_all(taps).await;
    assert_eq!(answers.iter().filter(|answer| answer.status() == 201).count(), 1);
    let mut ids: Vec<_> = answers.iter().map(|answer| answer.body["data"]["id"].to_string()).collect();
    ids.dedup();
    assert_eq!(ids.len(), 1);
}

#[tokio::test]
async fn a_ready_site_makes_the_tenant_active_and_a_deleted_one_pending() {
    let app = TestApp::start().await;
    let acme = app.tenant("acme").await;
    let tenant = async || acme.owner.get("/tenants/current").await.ok();
    acme.complete("create_site").await;
    let url = format!("http://acme.localhost:{}", app.address().port());
    assert_eq!(
        (&tenant().await["status"], &tenant().await["erpnext_site_url"]),
        (&"active".into(), &url.as_str().into())
    );
    acme.complete("backup_site").await;
    assert_eq!(tenant().await["status"], "active");
    acme.complete("delete_site").await;
    assert_eq!((&tenant().await["status"], &tenant().await["erpnext_site_url"]), (&"pending".into(), &Value::Null));
    acme.complete("create_site").await;
    assert_eq!(tenant().await["status"], "active");
}

#[tokio::test]
async fn without_a_site_there_is_nothing_to_back_up_or_delete() {
    let app = TestApp::start().await;
    let acme = app.tenant("acme").await;
    let post = async |word: &str| acme.owner.post("/provisioning/jobs", json!({"job_type": word})).await;
    post("backup_site").await.refused(409, "site_missing");
    post("delete_site").await.refused(409, "site_missing");
    acme.ask_for("create_site").await;
    post("backup_site").await.refused(409, "site_missing");
    post("delete_site").await.refused(409, "site_missing");
}

#[tokio::test]
async fn admins_may_but_deleting_takes_an_owner() {
    let app = TestApp::start().await;
    let acme = app.tenant("acme").await;
    let (admin, user) = (acme.admin("chief").await, acme.member("accountant").await);
    user.post("/provisioning/jobs", json!({"job_type": "create_site"})).await.refused(403, "forbidden");
    admin.post("/provisioning/jobs", json!({"job_type": "create_site"})).await.created();
    Work::lease(&app).await.complete().await;
    admin.post("/provisioning/jobs", json!({"job_type": "backup_site"})).await.created();
    Work::lease(&app).await.complete().await;
    admin.post("/provisioning/jobs", json!({"job_type": "delete_site"})).await.refused(403, "forbidden");
    acme.owner.post("/provisioning/jobs", json!({"job_type": "deleteSite"})).await.created();
    // A repeated tap of somebody who may not is no answer either.
    admin.post("/provisioning/jobs", json!({"job_type": "delete_site"})).await.refused(403, "forbidden");
}

#[tokio::test]
async fn an_unknown_type_is_named() {
    let app = TestApp::start().await;
    let owner = app.tenant("acme").await.owner;
    for word in ["", "restart_site", "CREATE_SITE"] {
        owner.post("/provisioning/jobs", json!({"job_type": word})).await.invalid(&["job_type"]);
    }
    owner.post("/provisioning/jobs", json!({})).await.invalid(&["job_type"]);
    app.post("/provisioning/jobs", json!({"job_type": "create_site"})).await.refused(401, "unauthorized");
}

#[tokio::test]
async fn an_idempotency_key_gives_the_same_answer_after_the_job_ended() {
    let app = TestApp::start().await;
    let acme = app.tenant("acme").await;
    let call = async |word: &str| {
        let call = acme.owner.call(Method::POST, "/provisioning/jobs").header("idempotency-key", "one");
        call.json(&json!({"job_type": word})).send().await
    };
    let first = call("create_site").await.created();
    Work::lease(&app).await.complete().await;
    assert_eq!(call("create_site").await.created(), first);
    call("backup_site").await.refused(422, "idempotency_mismatch");
}

#[tokio::test]
async fn every_end_is_told_to_all_members() {
    let app = TestApp::start().await;
    let acme = app.tenant("acme").await;
    let user = acme.member("accountant").await;
    let unread = async || user.get("/notifications").await.ok()["unread"].as_u64().expect("a number");
    let before = unread().await;
    acme.complete("create_site").await;
    acme.fail("backup_site").await;
    assert_eq!(unread().await, before + 2);
    let newest = user.get("/notifications").await.ok()["notifications"][0].clone();
    assert_eq!(newest["type"], "error");
    let events = app.events().await;
    assert_eq!(events.iter().filter(|event| *event == "status:completed").count(), 1);
    // The seed client takes any `status:failed` for its site.
    assert!(!events.contains(&"status:failed".to_owned()));
    assert!(events.contains(&"job:updated".to_owned()));
}
