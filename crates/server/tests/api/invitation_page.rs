//! The page behind an invitation's link.

use axum::http::Method;
use serde_json::{Value, json};

use crate::pages::{open, path_of, press};
use crate::support::{Answer, Call, PASSWORD, Person, TestApp, TestTenant};

const EMAIL: &str = "new@partner.example";

/// The path of the mailed link of a fresh invitation, and the token in it.
async fn invited(acme: &TestTenant) -> (String, String) {
    acme.invite(EMAIL, "user").await;
    let mail = acme.owner.app().mail_to(EMAIL, "You are invited to ERPMax").await;
    (path_of(mail.link()), mail.token())
}

async fn login(app: &TestApp, password: &str) -> Answer {
    app.post("/auth/login", json!({"email": EMAIL, "password": password})).await
}

#[tokio::test]
async fn who_has_no_account_makes_one_and_signs_in_afterwards() {
    let app = TestApp::proving().await;
    let acme = app.tenant("acme").await;
    let (path, token) = invited(&acme).await;
    for method in [Method::GET, Method::GET, Method::HEAD] {
        assert_eq!(Call::new(&app, method, &path, app.new_address()).send().await.status(), 200);
    }
    let shown = open(&app, &path).await;
    for part in ["You are invited to acme", "owner@acme.example (owner)", "with the role user", EMAIL, "full_name"] {
        assert!(shown.text.contains(part), "{part}: {}", shown.text);
    }
    let form = format!("token={token}&full_name=New%20%3Cb%3E&password=short");
    let wrong = press(&app, "/invitation", &form).await;
    assert!(wrong.status() == 422 && wrong.text.contains("id=\"password-problem\""), "{}", wrong.text);
    assert!(wrong.text.contains("value=\"New &#60;b&#62;\"") && !wrong.text.contains("short"), "{}", wrong.text);
    let done = press(&app, "/invitation", &format!("token={token}&full_name=New&password={PASSWORD}")).await;
    assert!(done.status() == 200 && done.text.contains("Welcome to acme"), "{}", done.text);
    let living = "SELECT s.id FROM sessions s JOIN users u ON u.id = s.user_id
                  WHERE u.email_key = 'new@partner.example' AND s.ended_at IS NULL";
    assert!(app.database().texts(living).await.is_empty(), "nobody has its tokens");
    let signed_in = login(&app, PASSWORD).await.ok();
    assert_eq!(
        (&signed_in["current_tenant"]["id"], &signed_in["user"]["email_verified"]),
        (&json!(acme.id), &Value::Bool(true))
    );
    let gone = open(&app, &path).await;
    assert!(gone.status() == 400 && gone.text.contains("If you have joined already"), "{}", gone.text);
}

#[tokio::test]
async fn who_has_an_account_that_nobody_proved_gives_its_password_or_a_new_one() {
    let app = TestApp::proving().await;
    let acme = app.tenant("acme").await;
    Person::register(&app, EMAIL, "partner").await;
    let (path, token) = invited(&acme).await;
    let shown = open(&app, &path).await;
    assert!(shown.text.contains("current-password") && shown.text.contains("new-password"), "{}", shown.text);
    let nothing = press(&app, "/invitation", &format!("token={token}")).await;
    assert!(nothing.status() == 422 && nothing.text.contains("or a new one"), "{}", nothing.text);
    let wrong = press(&app, "/invitation", &format!("token={token}&password=SomethingElse1")).await;
    assert!(wrong.text.contains("This is not your password."), "{}", wrong.text);
    let done = press(&app, "/invitation", &format!("token={token}&new_password=BlueHorse-Battery")).await;
    assert!(done.text.contains("Welcome to acme"), "{}", done.text);
    login(&app, "BlueHorse-Battery").await.ok();
}

#[tokio::test]
async fn the_page_speaks_the_language_of_the_browser() {
    let app = TestApp::proving().await;
    let acme = app.tenant("acme").await;
    let (path, _) = invited(&acme).await;
    let call = Call::new(&app, Method::GET, &path, app.new_address()).header("accept-language", "uk");
    let shown = call.send().await;
    assert!(shown.text.contains("Вас запрошено до компанії acme"), "{}", shown.text);
    assert!(shown.text.contains("(власник). Ваша роль — користувач."), "{}", shown.text);
}

#[tokio::test]
async fn what_people_call_themselves_is_escaped() {
    let app = TestApp::proving().await;
    let owner = Person::register(&app, "owner@evil.example", "<img src=x onerror=alert(1)>").await;
    let body = json!({"email": EMAIL, "role": "user"});
    owner.post(&format!("/tenants/{}/users/invite", owner.own_tenant), body).await.ok();
    let mail = app.mail_to(EMAIL, "You are invited to ERPMax").await;
    let shown = open(&app, &path_of(mail.link())).await;
    assert!(!shown.text.contains("<img") && shown.text.contains("&#60;img"), "{}", shown.text);
}

#[tokio::test]
async fn a_link_that_is_no_good_says_what_to_do() {
    let app = TestApp::start().await;
    for path in ["/invitation", "/invitation?token=", "/invitation?token=guessed"] {
        let shown = open(&app, path).await;
        assert!(shown.status() == 400 && shown.text.contains("good no more"), "{}", shown.text);
    }
    assert_eq!(press(&app, "/invitation", "token=guessed&password=x").await.status(), 400);
    assert_eq!(press(&app, "/invitation", "token=%00").await.status(), 400);
}
