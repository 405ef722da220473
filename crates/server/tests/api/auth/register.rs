//! `POST /auth/register`.

use std::time::Duration;

use axum::http::Method;
use serde_json::{Value, json};

use crate::support::{Answer, Setup, TestApp};

fn body() -> Value {
    json!({"email": "owner@acme.example", "password": "SecurePass123", "full_name": "Owner", "company_name": "Acme"})
}

async fn with(app: &TestApp, field: &str, value: &str) -> Answer {
    let mut body = body();
    body[field] = json!(value);
    app.post("/auth/register", body).await
}

#[tokio::test]
async fn a_registration_gives_account_company_trial_and_session() {
    let app = TestApp::start().await;
    let data = app.post("/auth/register", body()).await.created();
    assert_eq!(data["user"]["email"], "owner@acme.example");
    assert_eq!(data["user"]["is_superuser"], false);
    assert_eq!(data["user"]["email_verified"], true);
    assert!(data["user"].get("password_hash").is_none());
    assert_eq!(data["tenants"][0]["role"], "owner");
    assert_eq!(data["tenants"][0]["is_default"], true);
    assert_eq!(data["current_tenant"]["slug"], "acme");
    assert_eq!(data["current_tenant"]["status"], "pending");
    assert_eq!(data["current_tenant"]["erpnext_site_url"], Value::Null);
    let token = data["access_token"].as_str().expect("a token");
    let subscription = app.call(Method::GET, "/billing/subscription").bearer(token).send().await.ok();
    assert_eq!(subscription["status"], "trial");
    let audit = app.database().texts("SELECT action FROM audit_events").await;
    assert_eq!(audit, ["auth.register"]);
}

#[tokio::test]
async fn a_missing_field_is_named() {
    let app = TestApp::start().await;
    for field in ["email", "password", "full_name", "company_name"] {
        let mut body = body();
        body.as_object_mut().expect("an object").remove(field);
        app.post("/auth/register", body).await.invalid(&[field]);
        let mut body = self::body();
        body[field] = json!(7);
        app.post("/auth/register", body).await.invalid(&[field]);
    }
}

#[tokio::test]
async fn all_bad_fields_are_named_at_once() {
    let app = TestApp::start().await;
    let body = json!({"email": "nobody", "password": "short", "full_name": " ", "company_name": "a\nb"});
    app.post("/auth/register", body).await.invalid(&["company_name", "email", "full_name", "password"]);
}

#[tokio::test]
async fn passwords_that_guessing_starts_with_are_refused() {
    let app = TestApp::start().await;
    for password in ["Password123", "owner@acme.example", "aaaaaaaaaa", "1234567", &"x".repeat(129)] {
        with(&app, "password", password).await.invalid(&["password"]);
    }
    with(&app, "password", &"correct horse battery ".repeat(5)).await.created();
}

#[tokio::test]
async fn names_are_kept_composed_and_without_overrides() {
    let app = TestApp::start().await;
    with(&app, "full_name", "Owner\u{202e}").await.invalid(&["full_name"]);
    with(&app, "company_name", &"x".repeat(141)).await.invalid(&["company_name"]);
    let data = with(&app, "company_name", "  Кафе\u{301} Київ ").await.created();
    assert_eq!(data["current_tenant"]["name"], "Кафе\u{301} Київ");
    assert_eq!(data["current_tenant"]["slug"].as_str().map(|slug| slug.starts_with("kafe")), Some(true));
}

#[tokio::test]
async fn a_taken_address_is_told_whatever_its_case() {
    let app = TestApp::start().await;
    app.post("/auth/register", body()).await.created();
    with(&app, "email", "Owner@ACME.example").await.refused(409, "email_taken");
}

#[tokio::test]
async fn companies_of_one_name_get_different_slugs() {
    let app = TestApp::start().await;
    app.post("/auth/register", body()).await.created();
    let second = with(&app, "email", "other@acme.example").await.created();
    assert_eq!(second["current_tenant"]["slug"], "acme-2");
}

#[tokio::test]
async fn rights_cannot_be_registered() {
    let app = TestApp::start().await;
    let mut body = body();
    body["is_superuser"] = json!(true);
    body["slug"] = json!("api");
    body["status"] = json!("active");
    let data = app.post("/auth/register", body).await.created();
    assert_eq!(data["user"]["is_superuser"], false);
    assert_eq!(data["current_tenant"]["slug"], "acme");
    assert_eq!(data["current_tenant"]["status"], "pending");
}

#[tokio::test]
async fn an_expired_bearer_beside_a_registration_does_no_harm() {
    let app = TestApp::start().await;
    let call = app.call(Method::POST, "/auth/register").bearer("expired").json(&body());
    call.send().await.created();
}

#[tokio::test]
async fn thirty_registrations_an_hour_are_let_through_per_address() {
    let app = TestApp::start().await;
    let register = async |number: u32, address: &str| {
        let mut body = body();
        body["email"] = json!(format!("owner{number}@acme.example"));
        app.call(Method::POST, "/auth/register").json(&body).from(address).send().await
    };
    for number in 0..30 {
        register(number, "192.0.2.1").await.created();
    }
    let refused = register(30, "192.0.2.1").await.refused(429, "rate_limited");
    assert!((3_590..=3_601).contains(&refused.retry_after()));
    register(31, "192.0.2.2").await.created();
    app.pass(Duration::from_secs(3_601));
    register(32, "192.0.2.1").await.created();
}

#[tokio::test]
async fn ipv6_addresses_are_counted_by_network() {
    let app = TestApp::with(|Setup { settings, .. }| settings.auth.limits.registrations_per_hour = 1).await;
    let register = async |email: &str, address: &str| {
        let mut body = body();
        body["email"] = json!(email);
        app.call(Method::POST, "/auth/register").json(&body).from(address).send().await
    };
    register("a@acme.example", "2001:db8::1").await.created();
    register("b@acme.example", "2001:db8::2").await.refused(429, "rate_limited");
    register("c@acme.example", "2001:db8:0:1::1").await.created();
}

#[tokio::test]
async fn in_production_an_address_is_not_proven_by_registering() {
    let app = TestApp::with(|Setup { settings, payments, .. }| {
        settings.environment = erpmax_core::Environment::Production;
        *payments = false;
    })
    .await;
    let data = app.post("/auth/register", body()).await.created();
    assert_eq!(data["user"]["email_verified"], false);
}

#[tokio::test]
async fn passwords_are_hashed_with_argon2id_at_full_strength() {
    let app =
        TestApp::with(|Setup { settings, .. }| settings.auth.hashing = erpmax_core::HashingSettings::default()).await;
    app.post("/auth/register", body()).await.created();
    let hashes = app.database().texts("SELECT password_hash FROM users").await;
    assert!(hashes[0].starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hashes:?}");
}
