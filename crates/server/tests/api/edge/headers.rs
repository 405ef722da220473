//! Headers of every answer.

use axum::http::Method;
use serde_json::json;

use crate::support::{Call, TestApp};

#[tokio::test]
async fn every_answer_has_a_request_id_of_its_own() {
    let app = TestApp::start().await;
    let mut ids = Vec::new();
    for path in ["/billing/plans", "/nothing", "/auth/me", "/auth/login"] {
        let call = app.call(Method::GET, path).header("x-request-id", "chosen-by-the-caller");
        ids.push(call.send().await.header("x-request-id").to_owned());
    }
    assert!(ids.iter().all(|id| id.len() == 36 && id != "chosen-by-the-caller"), "{ids:?}");
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), 4);
}

#[tokio::test]
async fn answers_are_protected_and_never_kept() {
    let app = TestApp::start().await;
    for path in ["/billing/plans", "/nothing"] {
        let answer = app.get(path).await;
        assert_eq!(answer.header("x-content-type-options"), "nosniff");
        assert_eq!(answer.header("x-frame-options"), "DENY");
        assert_eq!(answer.header("referrer-policy"), "no-referrer");
        assert_eq!(answer.header("cache-control"), "no-store");
        assert!(answer.header("content-security-policy").starts_with("default-src 'none'"));
        assert!(answer.headers.get("server").is_none());
    }
    let page = Call::new(&app, Method::GET, "/docs/", app.new_address()).send().await;
    assert_eq!(page.header("x-frame-options"), "DENY");
}

#[tokio::test]
async fn browsers_remember_https_where_there_is_https() {
    assert_eq!(TestApp::start().await.get("/billing/plans").await.header("strict-transport-security"), "");
    let app = TestApp::with(|setup| setup.edge.is_https = true).await;
    for path in ["/billing/plans", "/nothing"] {
        assert_eq!(app.get(path).await.header("strict-transport-security"), "max-age=31536000");
    }
}

#[tokio::test]
async fn a_head_request_has_no_body() {
    let app = TestApp::start().await;
    let answer = app.call(Method::HEAD, "/billing/plans").send().await;
    assert_eq!((answer.status(), answer.text.as_str()), (200, ""));
}

#[tokio::test]
async fn a_challenge_comes_with_every_401_and_no_other_answer() {
    let app = TestApp::start().await;
    assert_eq!(app.get("/auth/me").await.header("www-authenticate"), "Bearer");
    let wrong = app.post("/auth/refresh", json!({"refresh_token": "x"})).await.refused(400, "invalid_grant");
    assert_eq!(wrong.header("www-authenticate"), "");
}
