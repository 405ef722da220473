//! `/auth/two-factor`: begun, active, switched off.

use axum::http::Method;
use serde_json::{Value, json};

use crate::support::{Factor, PASSWORD, Person, TestApp};

async fn state(person: &Person) -> (Value, Value) {
    let state = person.get("/auth/two-factor").await.ok();
    (state["is_active"].clone(), state["recovery_codes"].clone())
}

async fn switch_off(person: &Person, password: &str, code: &str) -> crate::support::Answer {
    person.call(Method::DELETE, "/auth/two-factor").json(&json!({"password": password, "code": code})).send().await
}

#[tokio::test]
async fn it_is_active_only_once_its_first_code_was_shown() {
    let app = TestApp::start().await;
    let owner = app.tenant("acme").await.owner;
    assert_eq!(state(&owner).await, (json!(false), json!(0)));
    let begun = owner.post("/auth/two-factor", json!({"password": PASSWORD})).await.ok();
    let url = begun["otpauth_url"].as_str().expect("a text");
    assert!(url.starts_with("otpauth://totp/ERPMax:owner@acme.example?secret="), "{url}");
    assert!(url.contains(begun["secret"].as_str().expect("a text")), "{url}");
    owner.login_again().await;
    assert_eq!(state(&owner).await, (json!(false), json!(0)));

    let factor = Factor::of(&owner).await;
    assert_eq!(factor.recovery_codes.len(), 10);
    assert_eq!(state(&owner).await, (json!(true), json!(10)));
    factor.password(PASSWORD).await.refused(403, "second_factor_required");
    let actions =
        app.database().texts("SELECT action FROM audit_events WHERE action LIKE 'auth.two%' ORDER BY at").await;
    assert_eq!(actions, ["auth.two_factor_begin", "auth.two_factor_begin", "auth.two_factor_activate"]);
}

#[tokio::test]
async fn beginning_asks_for_the_password_and_an_active_one_is_kept() {
    let app = TestApp::start().await;
    let owner = app.tenant("acme").await.owner;
    owner.post("/auth/two-factor", json!({"password": "SomethingElse1"})).await.invalid(&["password"]);
    owner.post("/auth/two-factor/activate", json!({"code": "123456"})).await.refused(409, "conflict");
    let factor = Factor::begin(&owner).await;
    owner.post("/auth/two-factor/activate", json!({"code": factor.wrong_code()})).await.invalid(&["code"]);
    let factor = Factor::of(&owner).await;
    owner.post("/auth/two-factor", json!({"password": PASSWORD})).await.refused(409, "conflict");
    owner.post("/auth/two-factor/activate", json!({"code": factor.next_code()})).await.refused(409, "conflict");
}

#[tokio::test]
async fn switching_off_takes_password_and_code() {
    let app = TestApp::start().await;
    let owner = app.tenant("acme").await.owner;
    switch_off(&owner, PASSWORD, "123456").await.refused(409, "conflict");
    let factor = Factor::of(&owner).await;
    switch_off(&owner, "SomethingElse1", &factor.next_code()).await.invalid(&["password"]);
    switch_off(&owner, PASSWORD, &factor.wrong_code()).await.invalid(&["code"]);
    switch_off(&owner, PASSWORD, "").await.invalid(&["code"]);
    let challenge = factor.challenge().await;
    switch_off(&owner, PASSWORD, &factor.code()).await.ok();
    assert_eq!(state(&owner).await, (json!(false), json!(0)));
    factor.answer(&challenge, &factor.next_code()).await.refused(400, "invalid_grant");
    owner.login_again().await;
}

#[tokio::test]
async fn new_recovery_codes_end_the_old_ones() {
    let app = TestApp::start().await;
    let owner = app.tenant("acme").await.owner;
    let factor = Factor::of(&owner).await;
    let body = json!({"password": PASSWORD, "code": factor.next_code()});
    let renewed = owner.post("/auth/two-factor/recovery-codes", body).await.ok();
    assert_eq!(state(&owner).await, (json!(true), json!(10)));
    let challenge = factor.challenge().await;
    factor.answer(&challenge, &factor.recovery_codes[0]).await.invalid(&["code"]);
    factor.answer(&challenge, renewed["recovery_codes"][0].as_str().expect("a text")).await.ok();
}

#[tokio::test]
async fn the_secret_is_kept_sealed_and_recovery_codes_hashed() {
    let app = TestApp::start().await;
    let owner = app.tenant("acme").await.owner;
    let factor = Factor::of(&owner).await;
    let kept = app.database().texts("SELECT secret_sealed FROM second_factors").await;
    assert!(kept[0].starts_with("v1."), "{kept:?}");
    let kept = app.database().texts("SELECT code_hash FROM recovery_codes").await;
    for code in &factor.recovery_codes {
        assert!(!kept.iter().any(|hash| hash.contains(code) || hash.contains(&code.replace('-', ""))), "{code}");
    }
}

#[tokio::test]
async fn the_person_is_told_by_notification_and_mail() {
    let app = TestApp::start().await;
    let owner = app.tenant("acme").await.owner;
    Factor::of(&owner).await.disable().await;
    let told = owner.get("/notifications").await.ok();
    let titles: Vec<&str> =
        told["notifications"].as_array().expect("a list").iter().filter_map(|one| one["title"].as_str()).collect();
    assert_eq!(titles, ["Two-step sign-in is off", "Two-step sign-in is on"]);
    let mails = app.database().texts("SELECT kind FROM mails ORDER BY created_at").await;
    assert_eq!(mails, ["second_factor_on", "second_factor_off"]);
}

#[tokio::test]
async fn guesses_are_counted() {
    let app = TestApp::start().await;
    let owner = app.tenant("acme").await.owner;
    let factor = Factor::of(&owner).await;
    for _ in 0..5 {
        switch_off(&owner, PASSWORD, &factor.wrong_code()).await.invalid(&["code"]);
    }
    switch_off(&owner, PASSWORD, &factor.next_code()).await.refused(429, "rate_limited");
}
