//! `GET /billing/subscription`.

use std::time::Duration;

use serde_json::{Value, json};

use crate::support::TestApp;

#[tokio::test]
async fn every_member_sees_the_trial() {
    let app = TestApp::start().await;
    let acme = app.tenant("acme").await;
    for person in [&acme.owner, &acme.admin("chief").await, &acme.member("accountant").await] {
        let data = person.get("/billing/subscription").await.ok();
        assert_eq!((&data["status"], &data["tenant_id"]), (&"trial".into(), &acme.id.as_str().into()));
        assert_eq!((&data["billing_period"], &data["cancel_at_period_end"]), (&"monthly".into(), &json!(false)));
        assert_eq!(data["trial_ends_at"], data["current_period_end"]);
        assert_eq!((&data["cancelled_at"], &data["plan"]["slug"]), (&Value::Null, &"starter".into()));
    }
}

#[tokio::test]
async fn the_trial_moves_once_with_the_first_ready_site() {
    let app = TestApp::start().await;
    let acme = app.tenant("acme").await;
    let ends = async || acme.owner.get("/billing/subscription").await.ok()["trial_ends_at"].clone();
    let at_registration = ends().await;
    app.pass(Duration::from_secs(600));
    acme.complete("create_site").await;
    let at_ready = ends().await;
    assert!(at_ready.as_str() > at_registration.as_str());
    acme.complete("delete_site").await;
    app.pass(Duration::from_secs(60));
    acme.complete("create_site").await;
    assert_eq!(ends().await, at_ready);
}

#[tokio::test]
async fn nobody_sees_it_without_a_token() {
    TestApp::start().await.get("/billing/subscription").await.refused(401, "unauthorized");
}
