//! `POST /auth/password/reset`.

use std::time::Duration;

use serde_json::{Value, json};

use crate::support::{Answer, Factor, Key, PASSWORD, Person, TestApp};

const SUBJECT: &str = "Choose a new password";
const NEW: &str = "BlueHorse-Battery";

async fn forgotten(app: &TestApp, person: &Person) -> String {
    let before = app.mails_to(&person.email).iter().filter(|mail| mail.subject == SUBJECT).count();
    app.post("/auth/password/forgot", json!({"email": person.email})).await.ok();
    app.mails_about(&person.email, SUBJECT, before + 1).await.pop().expect("a mail").token()
}

async fn reset(app: &TestApp, token: &str) -> Answer {
    app.post("/auth/password/reset", json!({"token": token, "new_password": NEW})).await
}

fn login(person: &Person, password: &str) -> Value {
    json!({"email": person.email, "password": password})
}

#[tokio::test]
async fn the_new_password_counts_every_session_ends_and_the_person_is_told() {
    let app = TestApp::start().await;
    let person = app.person("acme").await;
    let other = person.login_again().await;
    let token = forgotten(&app, &person).await;
    assert_eq!(reset(&app, &token).await.ok(), json!({"ended": 2}));
    for session in [&person, &other] {
        session.get("/auth/me").await.refused(401, "unauthorized");
        session.refresh().await.refused(400, "invalid_grant");
    }
    app.post("/auth/login", login(&person, PASSWORD)).await.refused(401, "invalid_credentials");
    app.post("/auth/login", login(&person, NEW)).await.ok();
    app.mail_to(&person.email, "Your password was changed").await;
    reset(&app, &token).await.refused(400, "invalid_token");
}

#[tokio::test]
async fn a_password_that_is_no_good_leaves_the_link_good() {
    let app = TestApp::start().await;
    let person = app.person("acme").await;
    let token = forgotten(&app, &person).await;
    for bad in ["short", &person.email, "Password123"] {
        let body = json!({"token": token, "new_password": bad});
        app.post("/auth/password/reset", body).await.invalid(&["new_password"]);
    }
    person.get("/auth/me").await.ok();
    reset(&app, &token).await.ok();
}

#[tokio::test]
async fn a_link_is_good_for_half_an_hour() {
    let app = TestApp::start().await;
    let person = app.person("acme").await;
    let token = forgotten(&app, &person).await;
    app.pass(Duration::from_secs(30 * 60));
    reset(&app, &token).await.refused(400, "invalid_token");
    person.post("/auth/login", login(&person, PASSWORD)).await.ok();
}

#[tokio::test]
async fn a_newer_link_another_password_and_a_closed_account_end_it() {
    let app = TestApp::start().await;
    let person = app.person("acme").await;
    let (older, newer) = (forgotten(&app, &person).await, forgotten(&app, &person).await);
    reset(&app, &older).await.refused(400, "invalid_token");
    let change = json!({"current_password": PASSWORD, "new_password": "GreenHorse-Battery"});
    person.post("/auth/password/change", change).await.ok();
    reset(&app, &newer).await.refused(400, "invalid_token");
    let newest = forgotten(&app, &person).await;
    app.disable(&person).await;
    reset(&app, &newest).await.refused(400, "invalid_token");
}

#[tokio::test]
async fn a_link_to_prove_an_address_sets_no_password() {
    let app = TestApp::proving().await;
    let person = app.person("acme").await;
    let token = app.mail_to(&person.email, "Confirm your e-mail address").await.token();
    reset(&app, &token).await.refused(400, "invalid_token");
    person.get("/auth/me").await.ok();
}

#[tokio::test]
async fn a_second_factor_stays_in_force() {
    let app = TestApp::start().await;
    let person = app.person("acme").await;
    let factor = Factor::of(&person).await;
    let begun = factor.challenge().await;
    reset(&app, &forgotten(&app, &person).await).await.ok();
    app.post("/auth/login", login(&person, NEW)).await.refused(403, "second_factor_required");
    factor.answer(&begun, &factor.code_of(1)).await.refused(400, "invalid_grant");
}

#[tokio::test]
async fn it_proves_the_address_and_a_first_proof_ends_what_was_set_up_before() {
    let app = TestApp::proving().await;
    let globex = app.tenant("globex").await;
    globex.invite("acme@acme.example", "user").await;
    let attacker = app.person("acme").await;
    Factor::of(&attacker).await;
    let key = Key::of(&attacker, &attacker.own_tenant, json!({})).await;
    key.get("/tenants/current").await.ok();
    let verification = app.mail_to(&attacker.email, "Confirm your e-mail address").await.token();
    reset(&app, &forgotten(&app, &attacker).await).await.ok();
    attacker.get("/auth/me").await.refused(401, "unauthorized");
    key.get("/tenants/current").await.refused(401, "unauthorized");
    let data = app.post("/auth/login", login(&attacker, NEW)).await.ok();
    assert_eq!(data["user"]["email_verified"], true);
    assert_eq!(data["tenants"].as_array().map(Vec::len), Some(2));
    let late = json!({"token": verification, "password": NEW});
    app.post("/auth/verify-email", late).await.refused(400, "invalid_token");
}

#[tokio::test]
async fn of_many_who_use_a_link_at_once_exactly_one_wins() {
    let app = TestApp::start().await;
    let person = app.person("acme").await;
    let token = forgotten(&app, &person).await;
    let answers = futures_util::future::join_all((0..10).map(|_| reset(&app, &token))).await;
    let won = answers.iter().filter(|answer| answer.status() == 200).count();
    let lost = answers.iter().filter(|answer| answer.code() == "invalid_token").count();
    assert_eq!((won, lost), (1, 9), "{answers:?}");
}
