//! Too many keys tried, and too many calls with one.

use std::time::Duration;

use axum::http::Method;
use serde_json::json;

use crate::support::{Answer, Key, TestApp};

async fn guess(app: &TestApp, address: &str) -> Answer {
    let key = format!("erpmax_{}", erpmax_core::random_token());
    app.call(Method::GET, "/tenants/current").bearer(&key).from(address).send().await
}

#[tokio::test]
async fn guesses_are_counted_by_address_and_keys_that_are_good_go_on() {
    let app = TestApp::start().await;
    let acme = app.tenant("acme").await;
    let key = Key::of(&acme.owner, &acme.id, json!({})).await;
    let address = key.address.to_string();
    for _ in 0..60 {
        guess(&app, &address).await.refused(401, "unauthorized");
    }
    let refused = guess(&app, &address).await.refused(429, "rate_limited");
    assert!((1..=900).contains(&refused.retry_after()));
    guess(&app, "192.0.2.1").await.refused(401, "unauthorized");
    key.get("/tenants/current").await.ok();
    app.pass(Duration::from_secs(901));
    guess(&app, &address).await.refused(401, "unauthorized");
}

#[tokio::test]
async fn what_only_looks_like_a_key_is_no_session_and_no_fault_of_ours() {
    let app = TestApp::start().await;
    for token in ["erpmax_", "erpmax_x", "erpmax_a.b.c", "erpmax_' OR 1=1 --"] {
        let call = |path| app.call(Method::GET, path).bearer(token).send();
        call("/tenants/current").await.refused(401, "unauthorized");
        call("/auth/me").await.refused(403, "forbidden");
    }
    app.call(Method::GET, "/tenants/current").bearer("ERPMAX_x").send().await.refused(401, "unauthorized");
}

#[tokio::test]
async fn a_key_makes_so_many_calls_a_minute_and_no_more() {
    let app = TestApp::with(|setup| setup.settings.auth.limits.key_calls_per_minute = 3).await;
    let acme = app.tenant("acme").await;
    let (busy, other) =
        (Key::of(&acme.owner, &acme.id, json!({})).await, Key::of(&acme.owner, &acme.id, json!({})).await);
    for _ in 0..3 {
        busy.get("/tenants/current").await.ok();
    }
    let refused = busy.get("/tenants/current").await.refused(429, "rate_limited");
    assert!((1..=60).contains(&refused.retry_after()));
    other.get("/tenants/current").await.ok();
    acme.owner.get("/tenants/current").await.ok();
    app.pass(Duration::from_secs(refused.retry_after()));
    busy.get("/tenants/current").await.ok();
}
