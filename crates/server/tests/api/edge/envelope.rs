//! Whatever goes wrong, the answer is the envelope.

use std::sync::Arc;

use axum::http::Method;
use axum::http::header::CONTENT_TYPE;
use erpmax_core::billing::provider::{PaymentProvider, ProviderEvent, ProviderFuture};
use erpmax_core::{Core, Result};
use erpmax_store::checkouts::CheckoutRow;
use serde_json::json;

use crate::support::{Setup, TestApp};

const LIMIT: usize = 256 * 1024;

#[tokio::test]
async fn an_unknown_route_is_not_found() {
    let app = TestApp::start().await;
    for path in ["", "/", "/nothing", "/auth", "/auth/", "/auth/me/", "/tenants/a/b/c/d", "/%00", "/%ff", "/..%2f.."] {
        let answer = app.get(path).await;
        assert_eq!(answer.code(), "not_found", "{path:?}");
        answer.refused(404, "not_found");
        app.post(path, json!({})).await.refused(404, "not_found");
    }
}

#[tokio::test]
async fn a_wrong_method_is_told_which_are_right() {
    let app = TestApp::start().await;
    let answer = app.call(Method::DELETE, "/auth/login").send().await.refused(405, "method_not_allowed");
    assert_eq!(answer.header("allow"), "POST");
    let answer = app.call(Method::PUT, "/tenants/x").send().await.refused(405, "method_not_allowed");
    assert!(answer.header("allow").contains("PATCH"), "{}", answer.header("allow"));
    app.get("/auth/login").await.refused(405, "method_not_allowed");
}

#[tokio::test]
async fn a_body_that_is_no_json_object_is_malformed() {
    let app = TestApp::start().await;
    for body in ["", "{", "[]", "7", "null", "\"text\"", "{\"email\":}", "{} {}", "\u{feff}{}"] {
        let call = app.call(Method::POST, "/auth/login").header(CONTENT_TYPE, "application/json");
        call.body(body).send().await.refused(400, "malformed_request");
    }
    let call = app.call(Method::POST, "/auth/login").header(CONTENT_TYPE, "application/json");
    call.body(vec![b'{', b'"', 0xff, b'"', b'}']).send().await.refused(400, "malformed_request");
}

#[tokio::test]
async fn deep_nesting_is_malformed_and_harms_nobody() {
    let app = TestApp::start().await;
    let deep = format!("{{\"a\":{}{}}}", "[".repeat(100_000), "]".repeat(100_000));
    let call = app.call(Method::POST, "/auth/login").header(CONTENT_TYPE, "application/json");
    call.body(deep).send().await.refused(400, "malformed_request");
}

#[tokio::test]
async fn only_json_is_understood() {
    let app = TestApp::start().await;
    let body = r#"{"email": "owner@acme.example", "password": "wrong"}"#;
    for kind in ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "", "json"] {
        let call = app.call(Method::POST, "/auth/login").header(CONTENT_TYPE, kind).body(body);
        call.send().await.refused(415, "unsupported_media_type");
    }
    app.call(Method::POST, "/auth/login").body(body).send().await.refused(415, "unsupported_media_type");
    for kind in ["application/json; charset=utf-8", "Application/JSON", "application/vnd.api+json"] {
        let call = app.call(Method::POST, "/auth/login").header(CONTENT_TYPE, kind).body(body);
        call.send().await.refused(401, "invalid_credentials");
    }
}

#[tokio::test]
async fn bodies_are_read_up_to_256_kib() {
    let app = TestApp::start().await;
    let padded = |length: usize| {
        let body = r#"{"email": "owner@acme.example", "password": "wrong"}"#;
        format!("{body}{}", " ".repeat(length - body.len()))
    };
    let send = async |body: String| {
        app.call(Method::POST, "/auth/login").header(CONTENT_TYPE, "application/json").body(body).send().await
    };
    send(padded(LIMIT)).await.refused(401, "invalid_credentials");
    send(padded(LIMIT + 1)).await.refused(413, "payload_too_large");
    let call = app.call(Method::POST, "/billing/webhook/sandbox").body(vec![b' '; LIMIT + 1]);
    call.send().await.refused(413, "payload_too_large");
}

#[tokio::test]
async fn who_may_not_is_refused_before_the_body_is_read() {
    let app = TestApp::start().await;
    let acme = app.tenant("acme").await;
    let member = acme.member("accountant").await;
    let call = member.call(Method::PATCH, &acme.path("")).header(CONTENT_TYPE, "text/plain");
    call.body("nonsense").send().await.refused(403, "forbidden");
    let call = app.call(Method::POST, "/billing/checkout").body(vec![0; LIMIT + 1]);
    call.send().await.refused(401, "unauthorized");
}

#[tokio::test]
async fn a_query_that_cannot_be_read_is_an_error_of_the_caller() {
    let app = TestApp::start().await;
    let owner = app.tenant("acme").await.owner;
    for query in ["page=%ff", "page=1&page=", "size=1e3"] {
        let answer = owner.get(&format!("/tenants?{query}")).await;
        assert!(matches!(answer.status(), 400 | 422), "{query}: {}", answer.text);
        assert_eq!(answer.body["status"], "error");
    }
}

#[tokio::test]
async fn every_success_is_the_envelope_without_an_error() {
    let app = TestApp::start().await;
    let answer = app.get("/billing/plans").await;
    assert_eq!(answer.header("content-type"), "application/json");
    let body = answer.body.as_object().expect("an object");
    assert_eq!(body.keys().collect::<Vec<_>>(), ["data", "status"]);
}

#[tokio::test]
async fn details_are_an_object_of_lists_and_absent_elsewhere() {
    let app = TestApp::start().await;
    let answer = app.get("/nothing").await.refused(404, "not_found");
    assert!(answer.body["error"].get("details").is_none());
    app.post("/auth/login", json!({"email": "x", "password": "y"})).await.invalid(&["email"]);
}

#[tokio::test]
async fn our_own_fault_is_500_and_says_nothing_of_its_cause() {
    let app = TestApp::start().await;
    let owner = app.tenant("acme").await.owner;
    app.database().execute("UPDATE tenants SET settings = 'no json'").await;
    let answer = owner.get("/tenants/current").await.refused(500, "internal");
    assert!(!answer.text.contains("json") && !answer.text.contains("expected"), "{}", answer.text);
}

/// A provider whose code is wrong.
struct Broken;

impl PaymentProvider for Broken {
    fn name(&self) -> &'static str {
        "stripe"
    }

    fn is_live(&self) -> bool {
        false
    }

    fn prepare<'a>(&'a self, _: &'a Core, _: &'a CheckoutRow) -> ProviderFuture<'a, String> {
        Box::pin(async { panic!("a secret cause") })
    }

    fn verify(&self, _: &Core, _: Option<&str>, _: &str) -> Result<()> {
        Ok(())
    }

    fn read(&self, body: &str) -> Result<ProviderEvent> {
        Ok(ProviderEvent { id: body.to_owned(), happening: None })
    }
}

#[tokio::test]
async fn a_panic_is_500_and_the_next_request_is_answered() {
    let app = TestApp::with(|Setup { providers, .. }| providers.push(Arc::new(Broken))).await;
    let acme = app.tenant("acme").await;
    let order = acme.order("business").await;
    let answer = acme.owner.post("/billing/checkout", order.clone()).await.refused(500, "internal");
    assert!(!answer.text.contains("secret"));
    acme.owner.post("/billing/checkout", order).await.refused(500, "internal");
    acme.owner.get("/auth/me").await.ok();
}

#[tokio::test]
async fn a_providers_event_of_no_interest_is_kept_and_ignored() {
    let app = TestApp::with(|Setup { providers, .. }| providers.push(Arc::new(Broken))).await;
    app.call(Method::POST, "/billing/webhook/stripe").body("evt_1").send().await.ok();
    app.settled().await;
    assert_eq!(app.database().texts("SELECT outcome FROM provider_events").await, ["ignored"]);
}
