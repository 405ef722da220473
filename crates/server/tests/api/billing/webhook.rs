//! `POST /billing/webhook/{provider}`.

use std::time::Duration;

use axum::http::Method;

use crate::support::{Answer, Call, Letter, TestApp, TestTenant};

/// A payment whose webhook was kept back.
async fn letter(app: &TestApp, acme: &TestTenant) -> Letter {
    app.postbox().keep_back();
    let order = acme.order("business").await;
    let data = acme.owner.post("/billing/checkout", order).await.ok();
    let path = format!("/sandbox/checkout/{}/pay", data["session_id"].as_str().expect("an id"));
    Call::new(app, Method::POST, &path, app.new_address()).send().await;
    app.postbox().newest()
}

async fn deliver(app: &TestApp, signature: &str, body: &str) -> Answer {
    app.deliver(&Letter { signature: signature.to_owned(), body: body.to_owned() }).await
}

async fn status(acme: &TestTenant) -> String {
    acme.owner.get("/billing/subscription").await.ok()["status"].as_str().expect("a word").to_owned()
}

#[tokio::test]
async fn the_signature_covers_the_raw_body_and_the_time() {
    let app = TestApp::start().await;
    let acme = app.tenant("acme").await;
    let Letter { signature, body } = letter(&app, &acme).await;
    let later = signature.replacen("t=1", "t=2", 1);
    for bad in ["", "t=", "v1=x", "t=x,v1=y", &signature.replace("v1=", "v1=A"), &later, &signature.replace("v1", "v0")]
    {
        deliver(&app, bad, &body).await.refused(400, "invalid_signature");
    }
    deliver(&app, &signature, &format!("{body} ")).await.refused(400, "invalid_signature");
    deliver(&app, &signature, &body.replace("7900", "1")).await.refused(400, "invalid_signature");
    let call = app.call(Method::POST, "/billing/webhook/sandbox").body(body.clone());
    call.send().await.refused(400, "invalid_signature");
    let call = app.call(Method::POST, "/billing/webhook/sandbox").header("x-erpmax-signature", &signature);
    call.body(vec![0xff, 0xfe]).send().await.refused(400, "invalid_signature");
    assert_eq!(status(&acme).await, "trial");
    assert!(app.database().texts("SELECT event_id FROM provider_events").await.is_empty());
    deliver(&app, &signature, &body).await.ok();
}

#[tokio::test]
async fn a_stale_signature_is_refused_after_300_seconds() {
    let app = TestApp::start().await;
    let acme = app.tenant("acme").await;
    let letter = letter(&app, &acme).await;
    app.pass(Duration::from_secs(299));
    app.deliver(&letter).await.ok();
    app.pass(Duration::from_secs(2));
    app.deliver(&letter).await.refused(400, "invalid_signature");
}

#[tokio::test]
async fn an_event_is_worked_through_once() {
    let app = TestApp::start().await;
    let acme = app.tenant("acme").await;
    let letter = letter(&app, &acme).await;
    let answers = futures_util::future::join_all((0..10).map(|_| app.deliver(&letter))).await;
    for answer in answers {
        answer.ok();
    }
    app.settled().await;
    assert_eq!(acme.owner.get("/billing/invoices").await.ok().as_array().map(Vec::len), Some(1));
    assert_eq!(app.database().texts("SELECT event_id FROM provider_events").await.len(), 1);
}

#[tokio::test]
async fn a_payment_that_does_not_fit_the_checkout_changes_nothing() {
    for change in ["amount = 7901", "currency = 'UAH'", "is_live = true", "provider = 'stripe'"] {
        let app = TestApp::start().await;
        let acme = app.tenant("acme").await;
        let letter = letter(&app, &acme).await;
        app.database().execute(&format!("UPDATE checkouts SET {change}")).await;
        app.deliver(&letter).await.ok();
        app.settled().await;
        assert_eq!(status(&acme).await, "trial", "{change}");
        assert!(app.database().texts("SELECT id FROM payment_events").await.is_empty(), "{change}");
        let outcome = app.database().texts("SELECT outcome FROM provider_events").await;
        assert_eq!(outcome, ["does not fit the checkout"], "{change}");
    }
}

#[tokio::test]
async fn an_event_of_an_unknown_checkout_is_kept_and_changes_nothing() {
    let app = TestApp::start().await;
    let acme = app.tenant("acme").await;
    let letter = letter(&app, &acme).await;
    app.database().execute("DELETE FROM checkouts").await;
    app.deliver(&letter).await.ok();
    app.settled().await;
    assert_eq!(status(&acme).await, "trial");
}

#[tokio::test]
async fn a_payment_pays_for_the_checkouts_tenant_and_no_other() {
    let app = TestApp::start().await;
    let (acme, globex) = (app.tenant("acme").await, app.tenant("globex").await);
    let letter = letter(&app, &acme).await;
    app.deliver(&letter).await.ok();
    app.settled().await;
    assert_eq!((status(&acme).await.as_str(), status(&globex).await.as_str()), ("active", "trial"));
    assert_eq!(globex.owner.get("/billing/invoices").await.ok(), serde_json::json!([]));
}

#[tokio::test]
async fn webhooks_may_come_in_any_order() {
    let app = TestApp::start().await;
    let acme = app.tenant("acme").await;
    let (first, second) = (letter(&app, &acme).await, letter(&app, &acme).await);
    assert_ne!(first, second);
    app.deliver(&second).await.ok();
    app.deliver(&first).await.ok();
    app.settled().await;
    assert_eq!(status(&acme).await, "active");
    assert_eq!(acme.owner.get("/billing/invoices").await.ok().as_array().map(Vec::len), Some(2));
}

#[tokio::test]
async fn a_payment_after_the_end_makes_the_subscription_active_again() {
    let app = TestApp::start().await;
    let acme = app.tenant("acme").await;
    let letter = letter(&app, &acme).await;
    acme.owner.post("/billing/cancel", serde_json::json!({"cancel_at_period_end": false})).await.ok();
    assert_eq!(status(&acme).await, "cancelled");
    app.deliver(&letter).await.ok();
    app.settled().await;
    let subscription = acme.owner.get("/billing/subscription").await.ok();
    assert_eq!((&subscription["status"], &subscription["cancelled_at"]), (&"active".into(), &serde_json::Value::Null));
}

#[tokio::test]
async fn a_provider_that_is_not_set_up_is_not_there() {
    let app = TestApp::start().await;
    for name in ["stripe", "nobody", "sandbox%2F.."] {
        let call = app.call(Method::POST, &format!("/billing/webhook/{name}"));
        call.body("{}").send().await.refused(404, "not_found");
    }
}
