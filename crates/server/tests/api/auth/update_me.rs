//! `PATCH /auth/me`.

use std::time::Duration;

use serde_json::{Value, json};

use crate::support::{PASSWORD, Person, TestApp};

const CONFIRM: &str = "Confirm your new e-mail address";
const NEW: &str = "head@acme.example";

async fn asked(app: &TestApp) -> (Person, String) {
    let person = app.person("acme").await;
    person.patch("/auth/me", json!({"email": NEW})).await.ok();
    let token = app.mail_to(NEW, CONFIRM).await.token();
    (person, token)
}

fn verify(token: &str) -> Value {
    json!({"token": token, "password": PASSWORD})
}

#[tokio::test]
async fn name_and_language_change_at_once() {
    let app = TestApp::start().await;
    let person = app.person("acme").await;
    let me = person.patch("/auth/me", json!({"full_name": " Head of Acme ", "language": "uk"})).await.ok();
    assert_eq!((&me["full_name"], &me["language"]), (&json!("Head of Acme"), &json!("uk")));
    assert_eq!(person.patch("/auth/me", json!({})).await.ok()["full_name"], "Head of Acme");
    let me = person.get("/auth/me").await.ok();
    assert_eq!((&me["user"]["full_name"], &me["language"]), (&json!("Head of Acme"), &json!("uk")));
    let bad = json!({"full_name": "a\nb", "language": "tlh", "email": "none"});
    person.patch("/auth/me", bad).await.invalid(&["email", "full_name", "language"]);
}

#[tokio::test]
async fn another_address_counts_once_its_link_is_used_and_both_are_told() {
    let app = TestApp::start().await;
    let (person, token) = asked(&app).await;
    assert_eq!(person.get("/auth/me").await.ok()["email"], person.email);
    let told = app.mail_to(&person.email, "Another e-mail address was asked for").await;
    assert!(told.text.contains("h•••@acme.example") && !told.text.contains(NEW), "{}", told.text);
    let proven = app.post("/auth/verify-email", verify(&token)).await.ok();
    assert_eq!(proven, json!({"email": NEW, "ended": 0}));
    let me = person.get("/auth/me").await.ok();
    assert_eq!((&me["email"], &me["email_verified"]), (&json!(NEW), &json!(true)));
    let changed = "Your e-mail address was changed";
    let (old, new) = (app.mail_to(&person.email, changed).await, app.mail_to(NEW, changed).await);
    assert!(!old.text.contains(NEW) && new.text.contains(NEW), "{}", old.text);
    app.post("/auth/login", json!({"email": person.email, "password": PASSWORD}))
        .await
        .refused(401, "invalid_credentials");
    app.post("/auth/login", json!({"email": NEW, "password": PASSWORD})).await.ok();
}

#[tokio::test]
async fn another_address_needs_the_password_shown_in_the_last_minutes() {
    let app = TestApp::start().await;
    let person = app.person("acme").await;
    app.pass(Duration::from_secs(15 * 60));
    person.refresh().await.ok();
    person.patch("/auth/me", json!({"full_name": "Head"})).await.ok();
    person.patch("/auth/me", json!({"email": NEW})).await.refused(403, "confirmation_required");
    person.post("/auth/confirm", json!({"password": PASSWORD})).await.ok();
    person.patch("/auth/me", json!({"email": NEW})).await.ok();
}

#[tokio::test]
async fn whoever_gets_the_link_by_mistake_cannot_use_it() {
    let app = TestApp::start().await;
    let (person, token) = asked(&app).await;
    let stranger = app.person("globex").await;
    stranger.post("/auth/verify-email", json!({"token": token})).await.invalid(&["password"]);
    let takeover = json!({"token": token, "new_password": "BlueHorse-Battery"});
    app.post("/auth/verify-email", takeover).await.invalid(&["password"]);
    assert_eq!(person.get("/auth/me").await.ok()["email"], person.email);
    person.post("/auth/verify-email", json!({"token": token})).await.ok();
    assert_eq!(person.get("/auth/me").await.ok()["email"], NEW);
}

#[tokio::test]
async fn a_taken_address_is_told_at_the_proof_and_not_before() {
    let app = TestApp::start().await;
    let (person, token) = asked(&app).await;
    let taken = Person::register(&app, NEW, "Head").await;
    let other = app.person("globex").await;
    let answers = [
        other.patch("/auth/me", json!({"email": NEW})).await.ok(),
        other.patch("/auth/me", json!({"email": "free@acme.example"})).await.ok(),
    ];
    assert_eq!(answers[0]["email"], answers[1]["email"]);
    app.post("/auth/verify-email", verify(&token)).await.refused(409, "email_taken");
    assert_eq!(person.get("/auth/me").await.ok()["email"], person.email);
    assert_eq!(taken.get("/auth/me").await.ok()["email"], NEW);
}

#[tokio::test]
async fn links_to_the_old_address_are_good_no_more() {
    let app = TestApp::start().await;
    let (person, token) = asked(&app).await;
    let reset = app.plant_token(&person, "reset").await;
    app.post("/auth/verify-email", verify(&token)).await.ok();
    let body = json!({"token": reset, "new_password": "BlueHorse-Battery"});
    app.post("/auth/password/reset", body).await.refused(400, "invalid_token");
    let late = app.plant_token(&person, "reset").await;
    let body = json!({"token": late, "new_password": "BlueHorse-Battery"});
    app.post("/auth/password/reset", body).await.refused(400, "invalid_token");
}

#[tokio::test]
async fn another_password_ends_the_request_and_a_newer_request_the_older() {
    let app = TestApp::start().await;
    let (person, first) = asked(&app).await;
    person.patch("/auth/me", json!({"email": "chief@acme.example"})).await.ok();
    let second = app.mail_to("chief@acme.example", CONFIRM).await.token();
    app.post("/auth/verify-email", verify(&first)).await.refused(400, "invalid_token");
    let change = json!({"current_password": PASSWORD, "new_password": "BlueHorse-Battery"});
    person.post("/auth/password/change", change).await.ok();
    person.post("/auth/verify-email", json!({"token": second})).await.refused(400, "invalid_token");
}

#[tokio::test]
async fn letters_to_new_addresses_are_limited() {
    let app = TestApp::start().await;
    let person = app.person("acme").await;
    for number in 0..5 {
        person.patch("/auth/me", json!({"email": format!("head{number}@acme.example")})).await.ok();
    }
    person.patch("/auth/me", json!({"email": NEW, "full_name": "Other"})).await.refused(429, "rate_limited");
    assert_ne!(person.get("/auth/me").await.ok()["full_name"], "Other");
}
