//! Queued work that fails.

use std::time::Duration;

use axum::http::Method;

use crate::support::{Call, TestApp, eventually};

/// An event of the sandbox that cannot be read, and whose work failed often.
async fn stuck_event(app: &TestApp) {
    let event =
        "INSERT INTO provider_events (provider, event_id, body, received_at) VALUES ('sandbox', 'event-1', 'torn', 0)";
    app.database().execute(event).await;
    let work = "INSERT INTO work (id, queue, subject, lane, run_at, attempts, fence, sequence, created_at)
                VALUES ('01980000-0000-7000-8000-000000000001', 'webhook', 'sandbox/event-1', 'sandbox/event-1', 0, 40, 40, 0, 0)";
    app.database().execute(work).await;
}

/// When the work is tried again, once it was tried after the 40th time.
async fn tried_again_at(app: &TestApp) -> i64 {
    let tried = "SELECT CAST(run_at AS TEXT) FROM work WHERE attempts = 41 AND lease_until IS NULL";
    let run_at = eventually(async || app.database().texts(tried).await.pop()).await;
    run_at.expect("the work is tried and kept").parse().expect("a time")
}

#[tokio::test]
async fn a_payment_whose_work_fails_again_and_again_is_kept_until_it_can_be_booked() {
    let app = TestApp::start().await;
    let acme = app.tenant("acme").await;
    app.postbox().keep_back();
    let checkout = acme.owner.post("/billing/checkout", acme.order("business").await).await.ok();
    let path = format!("/sandbox/checkout/{}/pay", checkout["session_id"].as_str().expect("an id"));
    Call::new(&app, Method::POST, &path, app.new_address()).send().await;
    let letter = app.postbox().newest();

    stuck_event(&app).await;
    let pause = tried_again_at(&app).await - app.now().as_micros();
    assert_eq!(pause, 3_600_000_000, "an hour");

    let mended = format!("UPDATE provider_events SET body = '{}'", letter.body.replace('\'', "''"));
    app.database().execute(&mended).await;
    app.pass(Duration::from_secs(3_600));
    app.settled().await;
    assert_eq!(app.database().texts("SELECT status FROM subscriptions").await, ["active"]);
    assert!(app.database().texts("SELECT id FROM work WHERE queue <> 'mail'").await.is_empty());
}

#[tokio::test]
async fn an_event_whose_provider_is_not_configured_any_more_waits_for_it() {
    let app = TestApp::start().await;
    stuck_event(&app).await;
    app.database().execute("UPDATE provider_events SET provider = 'stripe'").await;
    app.database().execute("UPDATE work SET subject = 'stripe/event-1'").await;
    tried_again_at(&app).await;
}
