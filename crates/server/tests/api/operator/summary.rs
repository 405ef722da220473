//! `GET /operator/summary`.

use serde_json::json;

use crate::support::{Call, TestApp};

#[tokio::test]
async fn tenants_subscriptions_and_revenue_are_counted() {
    let app = TestApp::start().await;
    let operator = app.operator("chief").await;
    let acme = app.tenant("acme").await;
    app.tenant("globex").await;
    acme.complete("create_site").await;
    let order = acme.order("business").await;
    let checkout = acme.owner.post("/billing/checkout", order).await.ok();
    let page = format!("/sandbox/checkout/{}/pay", checkout["session_id"].as_str().expect("an id"));
    Call::new(&app, axum::http::Method::POST, &page, app.new_address()).send().await;
    app.settled().await;
    assert_eq!(
        operator.get("/operator/summary").await.ok(),
        json!({"tenants": 3, "active_tenants": 1, "trials": 2, "active": 1, "past_due": 0,
            "monthly_recurring_revenue": 79.0, "currency": "USD"})
    );
}
