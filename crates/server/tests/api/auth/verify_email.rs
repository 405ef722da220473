//! `POST /auth/verify-email`, and the letter that leads there.

use std::time::Duration;

use axum::http::Method;
use serde_json::{Value, json};

use crate::support::{Answer, Factor, PASSWORD, Person, TestApp};

const SUBJECT: &str = "Confirm your e-mail address";
const NEW: &str = "BlueHorse-Battery";
const DAY: u64 = 86_400;

async fn newcomer(app: &TestApp) -> (Person, String) {
    let person = app.person("acme").await;
    let token = app.mail_to(&person.email, SUBJECT).await.token();
    (person, token)
}

async fn verify(app: &TestApp, body: Value) -> Answer {
    app.post("/auth/verify-email", body).await
}

async fn is_proven(person: &Person) -> bool {
    person.get("/auth/me").await.ok()["email_verified"] == true
}

#[tokio::test]
async fn the_link_and_the_password_prove_an_address_and_invitations_are_accepted() {
    let app = TestApp::proving().await;
    let globex = app.tenant("globex").await;
    globex.invite("acme@acme.example", "user").await;
    let (person, token) = newcomer(&app).await;
    assert!(!is_proven(&person).await);
    assert_eq!(person.get("/tenants").await.ok().as_array().map(Vec::len), Some(1));
    let proven = verify(&app, json!({"token": token, "password": PASSWORD})).await.ok();
    assert_eq!(proven, json!({"email": person.email, "ended": 0}));
    assert!(is_proven(&person).await);
    assert_eq!(person.get("/tenants").await.ok().as_array().map(Vec::len), Some(2));
}

#[tokio::test]
async fn a_session_of_the_account_is_proof_enough_and_one_of_another_is_none() {
    let app = TestApp::proving().await;
    let (person, token) = newcomer(&app).await;
    let stranger = app.person("globex").await;
    stranger.post("/auth/verify-email", json!({"token": token})).await.invalid(&["password"]);
    person.post("/auth/verify-email", json!({"token": token})).await.ok();
    assert!(is_proven(&person).await && !is_proven(&stranger).await);
}

#[tokio::test]
async fn a_token_alone_proves_nothing_and_is_not_spent() {
    let app = TestApp::proving().await;
    let (person, token) = newcomer(&app).await;
    verify(&app, json!({"token": token})).await.invalid(&["password"]);
    verify(&app, json!({"token": token, "password": "", "new_password": ""})).await.invalid(&["password"]);
    verify(&app, json!({"token": token, "password": "SomethingElse1"})).await.invalid(&["password"]);
    verify(&app, json!({"token": token, "new_password": "short"})).await.invalid(&["new_password"]);
    verify(&app, json!({"token": token, "new_password": person.email})).await.invalid(&["new_password"]);
    assert!(!is_proven(&person).await);
    verify(&app, json!({"token": token, "password": PASSWORD})).await.ok();
}

#[tokio::test]
async fn a_token_that_is_no_good_is_refused_alike_whatever_is_wrong_with_it() {
    let app = TestApp::proving().await;
    let (person, token) = newcomer(&app).await;
    let reset = app.plant_token(&person, "reset").await;
    let expired = app.plant_token(&person, "verify").await;
    let hash = erpmax_core::hash(&expired);
    app.database().execute(&format!("UPDATE mail_tokens SET expires_at = 1 WHERE token_hash = '{hash}'")).await;
    verify(&app, json!({"token": token, "password": PASSWORD})).await.ok();
    let mut texts = Vec::new();
    for bad in [token.as_str(), &reset, &expired, "", "guessed", &erpmax_core::random_token(), &"x".repeat(9_000)] {
        // With and without a session: never 401, which would make clients refresh.
        texts.push(verify(&app, json!({"token": bad, "password": PASSWORD})).await.refused(400, "invalid_token").text);
        person.post("/auth/verify-email", json!({"token": bad})).await.refused(400, "invalid_token");
    }
    assert!(texts.iter().all(|text| *text == texts[0]), "{texts:?}");
}

#[tokio::test]
async fn a_link_is_good_for_a_day() {
    let app = TestApp::proving().await;
    let (_, token) = newcomer(&app).await;
    app.pass(Duration::from_secs(DAY - 5));
    verify(&app, json!({"token": token})).await.invalid(&["password"]);
    app.pass(Duration::from_secs(5));
    verify(&app, json!({"token": token, "password": PASSWORD})).await.refused(400, "invalid_token");
}

#[tokio::test]
async fn a_newer_link_ends_the_older_and_letters_are_limited() {
    let app = TestApp::proving().await;
    let (person, token) = newcomer(&app).await;
    for _ in 0..5 {
        assert_eq!(person.post_nothing("/auth/verify-email/resend").await.ok(), json!({"sent": true}));
    }
    person.post_nothing("/auth/verify-email/resend").await.refused(429, "rate_limited");
    let newest = app.mails_about(&person.email, SUBJECT, 6).await.pop().expect("six").token();
    verify(&app, json!({"token": token, "password": PASSWORD})).await.refused(400, "invalid_token");
    verify(&app, json!({"token": newest, "password": PASSWORD})).await.ok();
    assert_eq!(person.post_nothing("/auth/verify-email/resend").await.ok(), json!({"sent": false}));
}

#[tokio::test]
async fn of_many_who_use_a_link_at_once_exactly_one_wins() {
    let app = TestApp::proving().await;
    let (_, token) = newcomer(&app).await;
    let tries = (0..10).map(|_| verify(&app, json!({"token": token, "new_password": NEW})));
    let answers = futures_util::future::join_all(tries).await;
    let won = answers.iter().filter(|answer| answer.status() == 200).count();
    let lost = answers.iter().filter(|answer| answer.code() == "invalid_token").count();
    assert_eq!((won, lost), (1, 9), "{answers:?}");
}

#[tokio::test]
async fn guessing_the_password_beside_a_link_is_limited_like_sign_ins() {
    let app = TestApp::proving().await;
    let (person, token) = newcomer(&app).await;
    let guess = async || {
        let call = person.bare(Method::POST, "/auth/verify-email");
        call.json(&json!({"token": token, "password": "SomethingElse1"})).send().await
    };
    for _ in 0..5 {
        guess().await.invalid(&["password"]);
    }
    guess().await.refused(429, "rate_limited");
}

#[tokio::test]
async fn what_somebody_set_up_with_a_foreign_address_ends_when_its_owner_proves_it() {
    let app = TestApp::proving().await;
    let (confederate, token) = newcomer(&app).await;
    verify(&app, json!({"token": token, "password": PASSWORD})).await.ok();
    let attacker = Person::register(&app, "victim@globex.example", "Globex").await;
    let factor = Factor::of(&attacker).await;
    let users = format!("/tenants/{}/users", attacker.own_tenant);
    let invite = |email: &str| json!({"email": email, "role": "admin"});
    attacker.post(&format!("{users}/invite"), invite(&confederate.email)).await.ok();
    attacker.post(&format!("{users}/invite"), invite("later@evil.example")).await.ok();
    attacker.patch("/auth/me", json!({"email": "mine@evil.example"})).await.ok();
    let challenge = factor.challenge().await;
    confederate.get(&users).await.ok();

    let token = app.mail_to("victim@globex.example", SUBJECT).await.token();
    let proven = verify(&app, json!({"token": token, "new_password": NEW})).await.ok();
    assert_eq!(proven["ended"], 1);
    attacker.get("/auth/me").await.refused(401, "unauthorized");
    attacker.refresh().await.refused(400, "invalid_grant");
    let login = |password: &str| json!({"email": "victim@globex.example", "password": password});
    app.post("/auth/login", login(PASSWORD)).await.refused(401, "invalid_credentials");
    factor.answer(&challenge, &factor.code_of(1)).await.refused(400, "invalid_grant");
    let change = app.mail_to("mine@evil.example", "Confirm your new e-mail address").await.token();
    verify(&app, json!({"token": change, "password": PASSWORD})).await.refused(400, "invalid_token");
    confederate.get(&users).await.refused(404, "not_found");

    let address = app.new_address();
    let victim = app.post("/auth/login", login(NEW)).await.ok();
    let victim = Person::signed_in(&app, address, &victim);
    assert!(is_proven(&victim).await);
    assert_eq!(victim.get("/auth/two-factor").await.ok()["is_active"], false);
    assert_eq!(victim.get(&users).await.ok().as_array().map(Vec::len), Some(1));
    let late = Person::register(&app, "later@evil.example", "Evil").await;
    let token = app.mail_to(&late.email, SUBJECT).await.token();
    late.post("/auth/verify-email", json!({"token": token})).await.ok();
    assert_eq!(late.get("/tenants").await.ok().as_array().map(Vec::len), Some(1));
}

#[tokio::test]
async fn a_site_waits_for_the_proof_where_there_is_a_mail_server() {
    let app = TestApp::with(|setup| {
        setup.payments = false;
        setup.send_mails();
    })
    .await;
    let acme = app.tenant("acme").await;
    let order = json!({"job_type": "create_site"});
    acme.owner.post("/provisioning/jobs", order.clone()).await.refused(403, "email_not_verified");
    let token = app.plant_token(&acme.owner, "verify").await;
    acme.owner.post("/auth/verify-email", json!({"token": token})).await.ok();
    acme.owner.post("/provisioning/jobs", order).await.created();
}

#[tokio::test]
async fn where_addresses_count_as_proven_nobody_is_asked() {
    let app = TestApp::start().await;
    let acme = app.tenant("acme").await;
    assert!(is_proven(&acme.owner).await);
    assert_eq!(acme.owner.post_nothing("/auth/verify-email/resend").await.ok(), json!({"sent": false}));
    acme.ask_for("create_site").await;
    assert!(app.mails_to(&acme.owner.email).is_empty());
}

#[tokio::test]
async fn links_come_from_the_settings_and_never_from_a_request() {
    let app = TestApp::proving().await;
    let body =
        json!({"email": "owner@acme.example", "password": PASSWORD, "full_name": "Owner", "company_name": "Acme"});
    let call = app.call(Method::POST, "/auth/register").json(&body);
    let call = call.header("x-forwarded-host", "evil.example").header("forwarded", "host=evil.example;proto=https");
    call.header("origin", "https://evil.example").send().await.created();
    let forgot = app.call(Method::POST, "/auth/password/forgot").json(&json!({"email": "owner@acme.example"}));
    forgot.header("x-forwarded-host", "evil.example").send().await.ok();
    let own = format!("http://localhost:{}/", app.address().port());
    for subject in [SUBJECT, "Choose a new password"] {
        let mail = app.mail_to("owner@acme.example", subject).await;
        assert!(mail.link().starts_with(&own), "{}", mail.link());
        assert!(!mail.text.contains("evil") && !mail.html.contains("evil"));
    }
}
