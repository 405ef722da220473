//! `POST /auth/confirm`.

use serde_json::json;

use crate::support::{PASSWORD, TestApp};

#[tokio::test]
async fn the_right_password_confirms() {
    let app = TestApp::start().await;
    let owner = app.tenant("acme").await.owner;
    let confirmed = owner.post("/auth/confirm", json!({"password": PASSWORD})).await.ok();
    assert!(confirmed["confirmed_at"].is_string(), "{confirmed}");
}

#[tokio::test]
async fn a_wrong_password_is_told_at_its_field_and_never_by_401() {
    let app = TestApp::start().await;
    let owner = app.tenant("acme").await.owner;
    let answer = owner.post("/auth/confirm", json!({"password": "SomethingElse1"})).await;
    answer.refused(422, "validation_failed");
    owner.post("/auth/confirm", json!({"password": ""})).await.refused(422, "validation_failed");
}

#[tokio::test]
async fn guesses_are_counted_like_sign_ins() {
    let app = TestApp::start().await;
    let owner = app.tenant("acme").await.owner;
    for _ in 0..5 {
        owner.post("/auth/confirm", json!({"password": "SomethingElse1"})).await.refused(422, "validation_failed");
    }
    owner.post("/auth/confirm", json!({"password": PASSWORD})).await.refused(429, "rate_limited");
}
