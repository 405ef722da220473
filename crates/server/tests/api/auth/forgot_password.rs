//! `POST /auth/password/forgot`: who has an account is told neither in words nor in time.

use std::time::{Duration, Instant};

use axum::http::Method;
use serde_json::json;

use crate::support::{Answer, Person, Setup, TestApp};

const SUBJECT: &str = "Choose a new password";
const TRIES: usize = 200;

async fn forgot(app: &TestApp, email: &str) -> Answer {
    app.post("/auth/password/forgot", json!({"email": email})).await
}

async fn disabled(app: &TestApp) -> Person {
    let person = app.person("globex").await;
    app.disable(&person).await;
    person
}

#[tokio::test]
async fn known_unknown_and_disabled_are_answered_alike_and_the_known_one_gets_a_mail() {
    let app = TestApp::start().await;
    let (known, disabled) = (app.person("acme").await, disabled(&app).await);
    let answers = [
        forgot(&app, "Acme@ACME.example").await,
        forgot(&app, &disabled.email).await,
        forgot(&app, "nobody@nowhere.example").await,
    ];
    for answer in &answers {
        assert_eq!((answer.status(), answer.text.as_str()), (200, answers[0].text.as_str()));
        let names: Vec<_> = answer.headers.keys().collect();
        assert_eq!(names, answers[0].headers.keys().collect::<Vec<_>>());
    }
    let mail = app.mail_to(&known.email, SUBJECT).await;
    assert!(mail.link().contains("/reset-password?token="), "{}", mail.link());
    let waiting = "SELECT id FROM work WHERE queue = 'forgotten_password'";
    while !app.database().texts(waiting).await.is_empty() {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert!(app.mails_to(&disabled.email).is_empty() && app.mails_to("nobody@nowhere.example").is_empty());
}

#[tokio::test]
async fn what_is_no_address_is_refused_at_its_field() {
    let app = TestApp::quiet().await;
    forgot(&app, "no address").await.invalid(&["email"]);
}

#[tokio::test]
async fn known_and_unknown_are_limited_alike_and_the_last_link_stays_good() {
    let app = TestApp::start().await;
    let known = app.person("acme").await;
    for email in [known.email.as_str(), "nobody@nowhere.example"] {
        for _ in 0..20 {
            forgot(&app, email).await.ok();
        }
    }
    let last = app.mails_about(&known.email, SUBJECT, 1).await.pop().expect("a mail").token();
    let all = app.database().texts("SELECT name FROM throttles WHERE name LIKE 'letters/reset/account/%'").await;
    assert_eq!(all.len(), 2);
    let reset = json!({"token": last, "new_password": "BlueHorse-Battery"});
    // Of links written one after another while the test looked, only the newest is good.
    if app.post("/auth/password/reset", reset).await.status() != 200 {
        let newest = app.mails_to(&known.email).pop().expect("a mail").token();
        app.post("/auth/password/reset", json!({"token": newest, "new_password": "BlueHorse-Battery"})).await.ok();
    }
    assert!(app.mails_to(&known.email).iter().filter(|mail| mail.subject == SUBJECT).count() <= 5);
}

#[tokio::test]
async fn an_address_that_asks_too_often_has_to_wait_whoever_it_asks_for() {
    let app = TestApp::with(|Setup { settings, .. }| settings.auth.limits.letters_per_address = 3).await;
    let known = app.person("acme").await;
    for emails in [[known.email.as_str(); 4], ["nobody@nowhere.example"; 4]] {
        let address = app.new_address().to_string();
        let mut answers = Vec::new();
        for email in emails {
            let call = app.call(Method::POST, "/auth/password/forgot").json(&json!({"email": email}));
            answers.push(call.from(&address).send().await);
        }
        let refused = answers.pop().expect("four").refused(429, "rate_limited");
        assert!(refused.retry_after() > 3_000);
        assert!(answers.iter().all(|answer| answer.status() == 200));
    }
}

#[tokio::test]
async fn known_unknown_and_disabled_take_the_same_time() {
    let app = TestApp::with(|Setup { settings, .. }| {
        settings.auth.limits.letters_per_account = u32::MAX;
        settings.auth.limits.letters_per_address = u32::MAX;
    })
    .await;
    let emails = [app.person("acme").await.email, disabled(&app).await.email, "nobody@nowhere.example".to_owned()];
    let mut times = [const { Vec::new() }; 3];
    for round in 0..TRIES {
        // In turn, and each as often behind each other: what one leaves behind for the worker weighs on all alike.
        for place in 0..3 {
            let whose = if round % 2 == 0 { place } else { 2 - place };
            let begun = Instant::now();
            forgot(&app, &emails[(whose + round) % 3]).await.ok();
            times[(whose + round) % 3].push(begun.elapsed());
        }
    }
    let medians = times.map(|mut times| {
        times.sort();
        times[times.len() / 2]
    });
    let (shortest, longest) = (medians.iter().min().expect("three"), medians.iter().max().expect("three"));
    assert!(*longest < *shortest * 2, "{medians:?}");
}
