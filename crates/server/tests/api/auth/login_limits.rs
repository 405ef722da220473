//! How many refused sign-ins are let through (contract, trap 3).

use std::time::Duration;

use axum::http::Method;
use serde_json::json;

use crate::support::{Answer, PASSWORD, Setup, TestApp};

async fn login(app: &TestApp, email: &str, password: &str, address: &str) -> Answer {
    let body = json!({"email": email, "password": password});
    app.call(Method::POST, "/auth/login").json(&body).from(address).send().await
}

async fn fail(app: &TestApp, email: &str, times: u32, address: &str) {
    for _ in 0..times {
        login(app, email, "wrong", address).await.refused(401, "invalid_credentials");
    }
}

#[tokio::test]
async fn five_refusals_per_account_and_address_are_let_through_then_pauses_grow() {
    let app = TestApp::start().await;
    app.tenant("acme").await;
    let (email, address) = ("owner@acme.example", "192.0.2.1");
    for pause in [900, 1_800, 3_600] {
        fail(&app, email, 5, address).await;
        let refused = login(&app, email, PASSWORD, address).await.refused(429, "rate_limited");
        assert!((pause - 2..=pause + 1).contains(&refused.retry_after()), "{} is not {pause}", refused.retry_after());
        login(&app, email, PASSWORD, "192.0.2.2").await.ok();
        app.pass(Duration::from_secs(pause + 1));
    }
    login(&app, email, PASSWORD, address).await.ok();
    fail(&app, email, 5, address).await;
    let refused = login(&app, email, PASSWORD, address).await.refused(429, "rate_limited");
    assert!(refused.retry_after() <= 901, "a success begins anew");
}

#[tokio::test]
async fn known_and_unknown_accounts_are_counted_alike() {
    let app = TestApp::start().await;
    app.tenant("acme").await;
    fail(&app, "nobody@acme.example", 5, "192.0.2.1").await;
    fail(&app, "owner@acme.example", 5, "192.0.2.2").await;
    let unknown = login(&app, "Nobody@acme.example", "wrong", "192.0.2.1").await.refused(429, "rate_limited");
    let known = login(&app, "Owner@acme.example", "wrong", "192.0.2.2").await.refused(429, "rate_limited");
    assert_eq!(unknown.body, known.body);
}

#[tokio::test]
async fn known_and_unknown_accounts_take_the_same_statements() {
    let app = TestApp::quiet().await;
    app.tenant("acme").await;
    let mut taken = Vec::new();
    for (email, network) in [("nobody@acme.example", "192.0.2"), ("owner@acme.example", "198.51.100")] {
        let mut counts = Vec::new();
        for attempt in 0..62 {
            let before = app.core().store().statements();
            login(&app, email, "wrong", &format!("{network}.{}", attempt / 6)).await;
            counts.push(app.core().store().statements() - before);
        }
        taken.push(counts);
    }
    assert_eq!(taken[0], taken[1]);
    // Above the account's limit: three counters, and whether the address is a known one.
    assert_eq!(taken[0].last(), Some(&4), "{:?}", taken[0]);
}

#[tokio::test]
async fn refusals_that_are_old_are_forgotten() {
    let app = TestApp::start().await;
    app.tenant("acme").await;
    fail(&app, "owner@acme.example", 4, "192.0.2.1").await;
    app.pass(Duration::from_secs(901));
    fail(&app, "owner@acme.example", 4, "192.0.2.1").await;
    login(&app, "owner@acme.example", PASSWORD, "192.0.2.1").await.ok();
}

#[tokio::test]
async fn sixty_refusals_per_address_are_let_through() {
    let app = TestApp::start().await;
    app.tenant("acme").await;
    for number in 0..60 {
        fail(&app, &format!("guess{number}@acme.example"), 1, "192.0.2.1").await;
    }
    login(&app, "owner@acme.example", PASSWORD, "192.0.2.1").await.refused(429, "rate_limited");
    login(&app, "owner@acme.example", PASSWORD, "192.0.2.2").await.ok();
}

#[tokio::test]
async fn above_fifty_refusals_per_account_a_known_device_still_may() {
    let app = TestApp::start().await;
    app.tenant("acme").await;
    let email = "owner@acme.example";
    login(&app, email, PASSWORD, "192.0.2.1").await.ok();
    for host in 0..50 {
        fail(&app, email, 1, &format!("198.51.100.{host}")).await;
    }
    login(&app, email, PASSWORD, "203.0.113.1").await.refused(429, "rate_limited");
    login(&app, email, PASSWORD, "192.0.2.1").await.ok();
    fail(&app, email, 5, "192.0.2.1").await;
    login(&app, email, PASSWORD, "192.0.2.1").await.refused(429, "rate_limited");
}

#[tokio::test]
async fn only_a_trusted_proxy_says_where_a_request_came_from() {
    let app = TestApp::with(|Setup { edge, .. }| {
        edge.trusted_proxies = vec!["192.0.2.0/24".parse().expect("a network")];
    })
    .await;
    app.tenant("acme").await;
    let login = async |forwarded: &str, peer: &str| {
        let body = json!({"email": "owner@acme.example", "password": "wrong"});
        let call = app.call(Method::POST, "/auth/login").header("x-forwarded-for", forwarded).json(&body);
        call.from(peer).send().await.status()
    };
    for number in 0..5 {
        // What the client itself claims stands further left, and counts for nothing.
        assert_eq!(login(&format!("9.9.9.{number}, 203.0.113.1"), "192.0.2.1").await, 401);
    }
    assert_eq!(login("203.0.113.1", "192.0.2.2").await, 429);
    assert_eq!(login("203.0.113.2", "192.0.2.2").await, 401);
    for number in 0..4 {
        assert_eq!(login(&format!("9.9.9.{number}"), "198.51.100.1").await, 401);
    }
    assert_eq!(login("9.9.9.9", "198.51.100.1").await, 401);
    assert_eq!(login("9.9.9.10", "198.51.100.1").await, 429);
}
