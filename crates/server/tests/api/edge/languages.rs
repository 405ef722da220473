//! The language of sentences is that of `Accept-Language`.

use axum::http::Method;
use serde_json::json;

use crate::support::TestApp;

#[tokio::test]
async fn refusals_speak_ukrainian_and_english() {
    let app = TestApp::start().await;
    for (wish, tag, sentence) in [
        ("uk", "uk", "Не знайдено."),
        ("uk-UA,uk;q=0.9,en;q=0.8", "uk", "Не знайдено."),
        ("fr, en;q=0.5, uk;q=0.4", "en", "Not found."),
        ("", "en", "Not found."),
        ("garbage;;q=x", "en", "Not found."),
    ] {
        let call = app.call(Method::GET, "/nothing").header("accept-language", wish);
        let answer = call.send().await;
        assert_eq!(answer.header("content-language"), tag, "{wish}");
        assert_eq!((answer.body["error"]["message"].as_str(), answer.code()), (Some(sentence), "not_found"), "{wish}");
    }
}

#[tokio::test]
async fn details_are_in_the_same_language() {
    let app = TestApp::start().await;
    let call = app.call(Method::POST, "/auth/register").header("accept-language", "uk");
    let body = json!({"email": "x", "password": "short", "full_name": "", "company_name": "Acme"});
    let answer = call.json(&body).send().await;
    let details = &answer.body["error"]["details"];
    assert_eq!(details["email"][0], "Це не електронна адреса.");
    assert_eq!(details["password"][0], "Щонайменше символів: 8.");
    assert_eq!(details["full_name"][0], "Це поле обов’язкове.");
}

#[tokio::test]
async fn notifications_are_in_the_language_of_the_registration() {
    let app = TestApp::start().await;
    let acme = app.tenant("acme").await;
    let call = app.call(Method::POST, "/auth/register").header("accept-language", "uk");
    let body = json!({"email": "guest@guest.example", "password": "SecurePass123", "full_name": "Гість",
        "company_name": "Гість"});
    let data = call.json(&body).send().await.created();
    assert_eq!(data["current_tenant"]["settings"]["language"], "uk");
    acme.invite("guest@guest.example", "user").await;
    let token = data["access_token"].as_str().expect("a token");
    let told = app.call(Method::GET, "/notifications").bearer(token).send().await.ok();
    let message = told["notifications"][0]["message"].as_str().expect("a text");
    assert!(message.chars().any(|letter| ('а'..='я').contains(&letter)), "{message}");
}
