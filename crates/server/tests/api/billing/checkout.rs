//! `POST /billing/checkout`.

use axum::http::Method;
use serde_json::{Value, json};

use crate::support::{Setup, TestApp, random_id};

#[tokio::test]
async fn an_owner_and_an_admin_begin_a_checkout() {
    let app = TestApp::start().await;
    let acme = app.tenant("acme").await;
    let order = acme.order("business").await;
    for person in [&acme.owner, &acme.admin("chief").await] {
        let data = person.post("/billing/checkout", order.clone()).await.ok();
        let id = data["session_id"].as_str().expect("an id");
        let url = format!("http://localhost:{}/sandbox/checkout/{id}", app.address().port());
        assert_eq!(data["checkout_url"], url.as_str());
    }
    let user = acme.member("accountant").await;
    user.post("/billing/checkout", order.clone()).await.refused(403, "forbidden");
    app.post("/billing/checkout", order).await.refused(401, "unauthorized");
}

#[tokio::test]
async fn a_wished_provider_that_is_not_set_up_leads_to_the_sandbox() {
    let app = TestApp::start().await;
    let acme = app.tenant("acme").await;
    let mut order = acme.order("business").await;
    for word in [json!("stripe"), json!("liqpay"), json!("invoice"), json!("sandbox"), Value::Null] {
        order["payment_provider"] = word;
        let data = acme.owner.post("/billing/checkout", order.clone()).await.ok();
        assert!(data["checkout_url"].as_str().is_some_and(|url| url.contains("/sandbox/")), "{data}");
    }
    order.as_object_mut().expect("an object").remove("payment_provider");
    acme.owner.post("/billing/checkout", order.clone()).await.ok();
    for word in ["", "Stripe", "paypal", "sand box"] {
        order["payment_provider"] = json!(word);
        acme.owner.post("/billing/checkout", order.clone()).await.invalid(&["payment_provider"]);
    }
}

#[tokio::test]
async fn without_any_provider_it_is_the_providers_fault() {
    let app = TestApp::with(|Setup { payments, .. }| *payments = false).await;
    let acme = app.tenant("acme").await;
    let order = acme.order("business").await;
    acme.owner.post("/billing/checkout", order).await.refused(502, "payment_provider_error");
}

#[tokio::test]
async fn bad_fields_are_named() {
    let app = TestApp::start().await;
    let owner = app.tenant("acme").await.owner;
    let bad = json!({"plan_id": random_id(), "billing_period": "weekly", "payment_provider": "x",
        "success_url": "javascript:alert(1)", "cancel_url": "/relative"});
    let fields = ["billing_period", "cancel_url", "payment_provider", "plan_id", "success_url"];
    owner.post("/billing/checkout", bad).await.invalid(&fields);
    owner.post("/billing/checkout", json!({})).await.invalid(&["plan_id"]);
}

async fn returns(app: &TestApp, good: &[&str], bad: &[&str]) {
    let acme = app.tenant("acme").await;
    let mut order = acme.order("business").await;
    order["cancel_url"] = json!(good[0]);
    for url in good {
        order["success_url"] = json!(url);
        let answer = acme.owner.post("/billing/checkout", order.clone()).await;
        assert_eq!(answer.status(), 200, "{url}");
    }
    for url in bad {
        order["success_url"] = json!(url);
        let answer = acme.owner.post("/billing/checkout", order.clone()).await;
        assert_eq!(answer.status(), 422, "{url}");
        answer.invalid(&["success_url"]);
    }
}

#[tokio::test]
async fn in_development_loopback_and_https_are_return_urls() {
    let app = TestApp::start().await;
    let good = [
        "https://app.erpmax.com/x?y#z",
        "http://localhost:3000/a",
        "http://127.0.0.1/",
        "http://[::1]:80/",
        "https://anything.example",
    ];
    let bad = [
        "http://app.erpmax.com/",
        "http://localhost.evil.example/",
        "http://localhost@evil.example/",
        "https://user@evil.example/",
        "https://",
        "javascript:alert(1)",
        "data:text/html,x",
        "//evil.example",
        "",
        "https://a.example/\nb",
        "https://a.example/\"><b>",
        "http:\\\\localhost\\",
    ];
    returns(&app, &good, &bad).await;
}

#[tokio::test]
async fn in_production_only_listed_origins_and_schemes_are_return_urls() {
    let app = TestApp::with(|Setup { settings, .. }| {
        settings.environment = erpmax_core::Environment::Production;
        settings.billing.return_urls = vec!["https://app.erpmax.com".to_owned(), "erpmax:".to_owned()];
    })
    .await;
    let good = ["https://app.erpmax.com/billing", "https://app.erpmax.com", "erpmax://billing/success", "erpmax:done"];
    let bad = [
        "https://app.erpmax.com.evil.example/",
        "https://app.erpmax.com:444/",
        "https://app.erpmax.com@evil.example/",
        "http://app.erpmax.com/",
        "http://localhost/",
        "https://other.example/",
        "erpmaxx:done",
    ];
    returns(&app, &good, &bad).await;
}

#[tokio::test]
async fn an_idempotency_key_gives_the_same_checkout() {
    let app = TestApp::start().await;
    let acme = app.tenant("acme").await;
    let order = acme.order("business").await;
    let call = async |body: &Value| {
        let call = acme.owner.call(Method::POST, "/billing/checkout").header("idempotency-key", "one");
        call.json(body).send().await
    };
    let first = call(&order).await.ok();
    assert_eq!(call(&order).await.ok(), first);
    let mut other = order.clone();
    other["billing_period"] = json!("yearly");
    call(&other).await.refused(422, "idempotency_mismatch");
    assert_ne!(acme.owner.post("/billing/checkout", order).await.ok(), first);
}

#[tokio::test]
async fn parallel_requests_with_one_key_make_one_checkout() {
    let app = TestApp::start().await;
    let acme = app.tenant("acme").await;
    let order = acme.order("business").await;
    let calls = (0..10).map(|_| {
        acme.owner.call(Method::POST, "/billing/checkout").header("idempotency-key", "one").json(&order).send()
    });
    let answers = futures_util::future::join_all(calls).await;
    let mut ids: Vec<String> = answers.into_iter().map(|answer| answer.ok()["session_id"].to_string()).collect();
    ids.dedup();
    assert_eq!(ids.len(), 1);
    assert_eq!(app.database().texts("SELECT id FROM checkouts").await.len(), 1);
}
