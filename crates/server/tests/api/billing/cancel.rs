//! `POST /billing/cancel`.

use serde_json::{Value, json};

use crate::support::TestApp;

#[tokio::test]
async fn by_default_access_is_kept_until_the_periods_end() {
    let app = TestApp::start().await;
    let acme = app.tenant("acme").await;
    let before = acme.owner.get("/billing/subscription").await.ok();
    let data = acme.owner.post("/billing/cancel", json!({"reason": "We close the shop"})).await.ok();
    assert_eq!((&data["status"], &data["cancel_at_period_end"]), (&"trial".into(), &json!(true)));
    assert!(data["cancelled_at"].is_string());
    assert_eq!(data["current_period_end"], before["current_period_end"]);
    acme.ask_for("create_site").await;
    assert_eq!(acme.owner.post("/billing/cancel", json!({})).await.ok(), data, "to say it again changes nothing");
    assert_eq!(acme.owner.get("/notifications").await.ok()["notifications"].as_array().map(Vec::len), Some(1));
}

#[tokio::test]
async fn cancelling_at_once_ends_the_period_now() {
    let app = TestApp::start().await;
    let acme = app.tenant("acme").await;
    let data =
        acme.owner.post("/billing/cancel", json!({"cancel_at_period_end": false, "reason": Value::Null})).await.ok();
    assert_eq!((&data["status"], &data["cancel_at_period_end"]), (&"cancelled".into(), &json!(false)));
    assert_eq!(data["current_period_end"], data["cancelled_at"]);
    acme.owner.post("/billing/cancel", json!({})).await.refused(409, "conflict");
    let job = json!({"job_type": "create_site"});
    acme.owner.post("/provisioning/jobs", job).await.refused(403, "subscription_inactive");
    let events = app.events().await;
    assert!(events.contains(&"subscription:updated".to_owned()));
    assert_eq!(acme.owner.get("/notifications").await.ok()["notifications"][0]["type"], "warning");
}

#[tokio::test]
async fn only_owners_may() {
    let app = TestApp::start().await;
    let acme = app.tenant("acme").await;
    let (admin, user) = (acme.admin("chief").await, acme.member("accountant").await);
    for person in [admin, user] {
        person.post("/billing/cancel", json!({})).await.refused(403, "forbidden");
    }
    app.post("/billing/cancel", json!({})).await.refused(401, "unauthorized");
}

#[tokio::test]
async fn bad_fields_are_named() {
    let app = TestApp::start().await;
    let owner = app.tenant("acme").await.owner;
    owner.post("/billing/cancel", json!({"reason": "x".repeat(1_001)})).await.invalid(&["reason"]);
    owner.post("/billing/cancel", json!({"reason": 7})).await.invalid(&["reason"]);
    owner.post("/billing/cancel", json!({"cancel_at_period_end": "no"})).await.invalid(&["cancel_at_period_end"]);
}
