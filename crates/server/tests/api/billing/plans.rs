//! `GET /billing/plans`.

use serde_json::json;

use crate::support::TestApp;

#[tokio::test]
async fn everybody_sees_the_price_list() {
    let app = TestApp::start().await;
    let plans = app.get("/billing/plans").await.ok();
    let plans = plans.as_array().expect("a list");
    let slugs: Vec<&str> = plans.iter().filter_map(|plan| plan["slug"].as_str()).collect();
    assert_eq!(slugs, ["starter", "business", "enterprise"]);
    for plan in plans {
        assert!(plan["price_monthly"].is_f64() && plan["price_yearly"].is_f64(), "{plan}");
        assert!(plan["limits"].is_object() && plan["sort_order"].is_i64() && plan["is_active"] == true, "{plan}");
        let features = plan["features"].as_array().expect("a list");
        assert!(!features.is_empty() && features.iter().all(serde_json::Value::is_string));
    }
    assert_eq!(plans[0]["price_monthly"].to_string(), "29.0");
    assert_eq!(plans[0]["limits"]["users"], 3);
    assert_eq!(plans[0]["currency"], "USD");
}

#[tokio::test]
async fn a_plan_that_is_no_longer_sold_is_not_listed_and_cannot_be_bought() {
    let app = TestApp::start().await;
    let acme = app.tenant("acme").await;
    let order = acme.order("business").await;
    app.database().execute("UPDATE plans SET is_active = false WHERE slug = 'business'").await;
    assert_eq!(app.get("/billing/plans").await.ok().as_array().map(Vec::len), Some(2));
    acme.owner.post("/billing/checkout", order).await.invalid(&["plan_id"]);
}

#[tokio::test]
async fn a_bad_bearer_does_not_matter() {
    let app = TestApp::start().await;
    let call = app.call(axum::http::Method::GET, "/billing/plans").bearer("expired");
    assert_ne!(call.send().await.ok(), json!([]));
}
