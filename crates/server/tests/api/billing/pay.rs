//! Paying: the sandbox's page, and what the payment does.

use axum::http::Method;
use serde_json::{Value, json};

use crate::support::{Answer, Call, TestApp, TestTenant};

async fn checkout(acme: &TestTenant, slug: &str, period: &str) -> String {
    let mut order = acme.order(slug).await;
    order["billing_period"] = json!(period);
    let data = acme.owner.post("/billing/checkout", order).await.ok();
    data["session_id"].as_str().expect("an id").to_owned()
}

async fn page(app: &TestApp, method: Method, path: &str) -> Answer {
    Call::new(app, method, &format!("/sandbox/checkout/{path}"), app.new_address()).send().await
}

async fn pay(app: &TestApp, id: &str) -> Answer {
    page(app, Method::POST, &format!("{id}/pay")).await
}

/// The subscription, once it is active.
async fn active(acme: &TestTenant) -> Value {
    loop {
        let subscription = acme.owner.get("/billing/subscription").await.ok();
        if subscription["status"] == "active" {
            return subscription;
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
}

#[tokio::test]
async fn the_page_says_test_mode_and_paying_activates_the_subscription() {
    let app = TestApp::start().await;
    let acme = app.tenant("acme").await;
    let id = checkout(&acme, "business", "monthly").await;
    let shown = page(&app, Method::GET, &id).await;
    assert_eq!(shown.status(), 200);
    assert!(shown.text.to_lowercase().contains("test mode") && shown.text.contains("79.00 USD"), "{}", shown.text);
    assert!(shown.header("content-security-policy").contains("default-src 'none'"));
    assert_eq!(acme.owner.get("/billing/subscription").await.ok()["status"], "trial");

    let paid = pay(&app, &id).await;
    assert_eq!(paid.status(), 200);
    assert!(paid.text.contains("https://app.erpmax.com/billing/success"), "{}", paid.text);
    let subscription = active(&acme).await;
    assert_eq!(
        (&subscription["plan"]["slug"], &subscription["billing_period"]),
        (&"business".into(), &"monthly".into())
    );
    let invoices = acme.owner.get("/billing/invoices").await.ok();
    assert_eq!(invoices.as_array().map(Vec::len), Some(1));
    assert_eq!((&invoices[0]["event_type"], &invoices[0]["currency"]), (&"payment_success".into(), &"USD".into()));
    assert_eq!(invoices[0]["amount"].to_string(), "79.0");
    let told = acme.owner.get("/notifications").await.ok();
    assert_eq!((&told["unread"], &told["notifications"][0]["type"]), (&json!(1), &"success".into()));
    let events = app.events().await;
    for name in ["subscription:updated", "payment:received", "notification:new"] {
        assert!(events.iter().any(|event| event == name), "{name} is not in {events:?}");
    }
}

#[tokio::test]
async fn paying_twice_counts_once() {
    let app = TestApp::start().await;
    let acme = app.tenant("acme").await;
    let id = checkout(&acme, "business", "yearly").await;
    pay(&app, &id).await;
    let first = active(&acme).await;
    pay(&app, &id).await;
    let letter = app.postbox().newest();
    app.deliver(&letter).await.ok();
    assert_eq!(acme.owner.get("/billing/subscription").await.ok(), first);
    assert_eq!(acme.owner.get("/billing/invoices").await.ok().as_array().map(Vec::len), Some(1));
    assert!(page(&app, Method::GET, &id).await.text.contains("Paid"));
}

#[tokio::test]
async fn the_browsers_return_proves_nothing() {
    let app = TestApp::start().await;
    let acme = app.tenant("acme").await;
    let id = checkout(&acme, "business", "monthly").await;
    app.postbox().keep_back();
    pay(&app, &id).await;
    assert_eq!(acme.owner.get("/billing/subscription").await.ok()["status"], "trial");
    app.deliver(&app.postbox().newest()).await.ok();
    active(&acme).await;
}

#[tokio::test]
async fn a_cancelled_checkout_cannot_be_paid() {
    let app = TestApp::start().await;
    let acme = app.tenant("acme").await;
    let id = checkout(&acme, "business", "monthly").await;
    let cancelled = page(&app, Method::POST, &format!("{id}/cancel")).await;
    assert!(cancelled.text.contains("https://app.erpmax.com/billing/cancel"), "{}", cancelled.text);
    assert_eq!(pay(&app, &id).await.status(), 409);
    assert_eq!(acme.owner.get("/billing/subscription").await.ok()["status"], "trial");
}

#[tokio::test]
async fn an_old_checkout_cannot_be_paid() {
    let app = TestApp::start().await;
    let acme = app.tenant("acme").await;
    let id = checkout(&acme, "business", "monthly").await;
    app.pass(std::time::Duration::from_secs(86_400));
    assert_eq!(pay(&app, &id).await.status(), 409);
    assert!(page(&app, Method::GET, &id).await.text.contains("expired"));
}

#[tokio::test]
async fn an_unknown_checkout_is_a_page_that_says_so() {
    let app = TestApp::start().await;
    for id in ["no-id", &crate::support::random_id()] {
        assert_eq!(page(&app, Method::GET, id).await.status(), 404);
        assert_eq!(pay(&app, id).await.status(), 404);
    }
}

#[tokio::test]
async fn a_company_name_is_escaped_on_the_page() {
    let app = TestApp::start().await;
    let acme = app.tenant("acme").await;
    acme.owner.patch(&acme.path(""), json!({"name": "<script>alert(1)</script>"})).await.ok();
    let id = checkout(&acme, "business", "monthly").await;
    assert!(!page(&app, Method::GET, &id).await.text.contains("<script>"));
}

#[tokio::test]
async fn a_payment_before_the_end_of_a_paid_period_lengthens_it() {
    let app = TestApp::start().await;
    let acme = app.tenant("acme").await;
    pay(&app, &checkout(&acme, "business", "monthly").await).await;
    let first = active(&acme).await;
    pay(&app, &checkout(&acme, "business", "monthly").await).await;
    let second = loop {
        let now = active(&acme).await;
        if now["current_period_end"] != first["current_period_end"] {
            break now;
        }
    };
    assert_eq!(second["current_period_start"], first["current_period_start"]);
    assert_eq!(&second["current_period_end"].as_str().expect("a time")[..10], "2027-03-15");
}
