//! `POST /auth/login/second-factor`.

use std::time::Duration;

use axum::http::Method;
use erpmax_store::users;
use serde_json::json;

use crate::support::{Answer, Factor, PASSWORD, Person, Setup, TestApp};
use crate::support::{answer, challenge_in};

/// Somebody with a second factor, where wrong codes are counted per account and challenge alone.
async fn patient() -> (TestApp, Person, Factor) {
    let app = TestApp::with(|Setup { settings, .. }| {
        settings.auth.limits.per_account_and_address = 1_000;
        settings.auth.limits.per_address = 1_000;
    })
    .await;
    let owner = app.tenant("acme").await.owner;
    let factor = Factor::of(&owner).await;
    (app, owner, factor)
}

async fn usual() -> (TestApp, Person, Factor) {
    let app = TestApp::start().await;
    let owner = app.tenant("acme").await.owner;
    let factor = Factor::of(&owner).await;
    (app, owner, factor)
}

/// Both steps from an address, with a wrong code.
async fn guess_from(app: &TestApp, factor: &Factor, address: &str) -> Answer {
    let body = json!({"email": "owner@acme.example", "password": PASSWORD});
    let first = app.call(Method::POST, "/auth/login").json(&body).from(address).send().await;
    let challenge = challenge_in(&first.refused(403, "second_factor_required"));
    second_from(app, &challenge, &factor.wrong_code(), address).await
}

async fn second_from(app: &TestApp, challenge: &str, code: &str, address: &str) -> Answer {
    let call = app.call(Method::POST, "/auth/login/second-factor").json(&answer(challenge, code));
    call.from(address).send().await
}

#[tokio::test]
async fn password_and_code_give_what_a_sign_in_gives() {
    let (app, owner, factor) = usual().await;
    let challenge = factor.challenge().await;
    let data = factor.answer(&challenge, &factor.next_code()).await.ok();
    assert_eq!(data["user"]["id"], owner.id.as_str());
    assert_eq!(data["current_tenant"]["id"], owner.own_tenant.as_str());
    Person::signed_in(&app, owner.address, &data).get("/auth/me").await.ok();
    let actions = app.database().texts("SELECT action FROM audit_events ORDER BY at DESC, id DESC LIMIT 2").await;
    assert_eq!(actions, ["auth.login", "auth.password_shown"]);
}

#[tokio::test]
async fn the_seed_client_shows_a_sentence() {
    let (_app, owner, _) = usual().await;
    for (language, sentence) in [("en", "Please enter the code"), ("uk", "введіть")] {
        let body = json!({"email": owner.email, "password": PASSWORD});
        let call = owner.bare(Method::POST, "/auth/login").header("accept-language", language).json(&body);
        let refused = call.send().await.refused(403, "second_factor_required");
        let message = refused.body["error"]["message"].as_str().expect("a text");
        assert!(message.contains(sentence), "{message}");
        // It decodes a map of lists of texts and nothing else.
        assert!(challenge_in(&refused).len() >= 43);
    }
}

#[tokio::test]
async fn a_wrong_password_is_answered_as_without_a_second_factor() {
    let (app, _, factor) = usual().await;
    app.tenant("globex").await;
    let with = factor.password("wrong").await.refused(401, "invalid_credentials");
    let without = json!({"email": "owner@globex.example", "password": "wrong"});
    let without = app.post("/auth/login", without).await.refused(401, "invalid_credentials");
    assert_eq!(with.body, without.body);
    let kept = app.database().texts("SELECT challenge_hash FROM login_challenges").await;
    assert!(kept.is_empty());
}

#[tokio::test]
async fn a_code_is_not_taken_twice() {
    let (app, _, factor) = usual().await;
    let code = factor.next_code();
    factor.answer(&factor.challenge().await, &code).await.ok();
    factor.answer(&factor.challenge().await, &code).await.invalid(&["code"]);
    // Nor an older one that the app showed before it.
    factor.answer(&factor.challenge().await, &factor.code_of(-1)).await.invalid(&["code"]);
    app.pass(Duration::from_secs(31));
    factor.answer(&factor.challenge().await, &factor.code()).await.ok();
}

#[tokio::test]
async fn the_code_of_the_activation_signs_nobody_in() {
    let (_app, _, factor) = usual().await;
    factor.answer(&factor.challenge().await, &factor.code()).await.invalid(&["code"]);
}

#[tokio::test]
async fn a_clock_may_be_a_step_off_and_no_more() {
    let (app, _, factor) = patient().await;
    app.pass(Duration::from_secs(90));
    for off in [-2, 2] {
        factor.answer(&factor.challenge().await, &factor.code_of(off)).await.invalid(&["code"]);
    }
    for off in [-1, 1] {
        factor.answer(&factor.challenge().await, &factor.code_of(off)).await.ok();
    }
}

#[tokio::test]
async fn a_recovery_code_works_once_however_it_is_typed() {
    let (_app, owner, factor) = usual().await;
    let code = &factor.recovery_codes[3];
    let typed = format!(" {} ", code.to_uppercase().replace('-', " "));
    factor.answer(&factor.challenge().await, &typed).await.ok();
    assert_eq!(owner.get("/auth/two-factor").await.ok()["recovery_codes"], 9);
    factor.answer(&factor.challenge().await, code).await.invalid(&["code"]);
    factor.answer(&factor.challenge().await, &factor.recovery_codes[4]).await.ok();
}

#[tokio::test]
async fn a_recovery_code_of_somebody_else_is_wrong() {
    let (app, _, factor) = usual().await;
    let other = Factor::of(&app.tenant("globex").await.owner).await;
    factor.answer(&factor.challenge().await, &other.recovery_codes[0]).await.invalid(&["code"]);
    other.answer(&other.challenge().await, &other.recovery_codes[0]).await.ok();
}

#[tokio::test]
async fn a_challenge_works_once() {
    let (_app, _, factor) = usual().await;
    let challenge = factor.challenge().await;
    factor.answer(&challenge, &factor.next_code()).await.ok();
    factor.answer(&challenge, &factor.next_code()).await.refused(400, "invalid_grant");
}

#[tokio::test]
async fn of_many_right_answers_at_once_one_signs_in() {
    let (app, _, factor) = patient().await;
    let code = factor.next_code();
    let one = factor.challenge().await;
    let [two, three] = [factor.challenge().await, factor.challenge().await];
    let answers = [&one, &one, &two, &three, &one].map(|challenge| factor.answer(challenge, &code));
    let answers = futures_util::future::join_all(answers).await;
    let good = answers.iter().filter(|answer| answer.status() == 200).count();
    assert_eq!(good, 1, "{:?}", answers.iter().map(Answer::status).collect::<Vec<_>>());
    drop(app);
}

#[tokio::test]
async fn a_challenge_ends_after_five_minutes() {
    let (app, _, factor) = usual().await;
    let challenge = factor.challenge().await;
    app.pass(Duration::from_secs(299));
    factor.answer(&challenge, &factor.wrong_code()).await.invalid(&["code"]);
    app.pass(Duration::from_secs(1));
    factor.answer(&challenge, &factor.next_code()).await.refused(400, "invalid_grant");
}

#[tokio::test]
async fn a_challenge_is_its_persons_and_its_addresss_own() {
    let (app, owner, factor) = patient().await;
    let other = Factor::of(&app.tenant("globex").await.owner).await;
    let challenge = factor.challenge().await;
    // Somebody else's code does not open it, from wherever.
    second_from(&app, &challenge, &other.next_code(), &owner.address.to_string()).await.invalid(&["code"]);
    second_from(&app, &challenge, &factor.next_code(), "192.0.2.77").await.refused(400, "invalid_grant");
    factor.answer(&challenge, &factor.next_code()).await.ok();
}

#[tokio::test]
async fn a_challenge_ends_with_the_password_that_it_was_given_for() {
    let (app, owner, factor) = usual().await;
    let challenge = factor.challenge().await;
    let sql = format!("UPDATE users SET password_hash = 'another' WHERE id = '{}'", owner.id);
    app.database().execute(&sql).await;
    factor.answer(&challenge, &factor.next_code()).await.refused(400, "invalid_grant");
}

#[tokio::test]
async fn no_session_begins_beside_a_change_of_the_password() {
    let (app, owner, factor) = usual().await;
    let (challenge, code) = (factor.challenge().await, factor.next_code());
    let mut tx = app.core().store().begin().await.expect("the database answers");
    let id = owner.id.parse().expect("an id");
    let user = users::lock(&mut tx, id).await.expect("it is locked").expect("an account");
    users::replace_password(&mut tx, id, &user.password_hash, "another", app.now()).await.expect("it is replaced");
    let change = async {
        tokio::time::sleep(Duration::from_millis(300)).await;
        tx.commit().await.expect("it is kept");
    };
    let (answer, ()) = tokio::join!(factor.answer(&challenge, &code), change);
    answer.refused(400, "invalid_grant");
}

#[tokio::test]
async fn a_closed_account_is_told_so() {
    let (app, owner, factor) = usual().await;
    let challenge = factor.challenge().await;
    app.disable(&owner).await;
    factor.answer(&challenge, &factor.next_code()).await.refused(403, "account_disabled");
}

#[tokio::test]
async fn five_wrong_codes_end_a_challenge() {
    let (_app, _, factor) = patient().await;
    let challenge = factor.challenge().await;
    for _ in 0..5 {
        factor.answer(&challenge, &factor.wrong_code()).await.invalid(&["code"]);
    }
    factor.answer(&challenge, &factor.next_code()).await.refused(400, "invalid_grant");
    factor.answer(&factor.challenge().await, &factor.next_code()).await.ok();
}

#[tokio::test]
async fn codes_cannot_be_guessed_over_many_challenges_from_one_address() {
    let (app, _, factor) = usual().await;
    for _ in 0..5 {
        guess_from(&app, &factor, "192.0.2.1").await.invalid(&["code"]);
    }
    let refused = guess_from(&app, &factor, "192.0.2.1").await.refused(429, "rate_limited");
    assert!(refused.retry_after() > 800, "{}", refused.retry_after());
}

#[tokio::test]
async fn codes_cannot_be_guessed_over_many_challenges_and_addresses() {
    let (app, _, factor) = usual().await;
    for (round, pause) in [900, 1_800, 3_600].into_iter().enumerate() {
        for host in 0..10 {
            guess_from(&app, &factor, &format!("192.0.{round}.{host}")).await.invalid(&["code"]);
        }
        let refused = guess_from(&app, &factor, "198.51.100.1").await.refused(429, "rate_limited");
        assert!((pause - 2..=pause + 1).contains(&refused.retry_after()), "{} is not {pause}", refused.retry_after());
        // Whoever signed in from there before is not shut out by it.
        factor.answer(&factor.challenge().await, &factor.next_code()).await.ok();
        app.pass(Duration::from_secs(pause + 1));
    }
}

#[tokio::test]
async fn a_burst_over_many_challenges_guesses_no_more_often() {
    let (app, _, factor) = usual().await;
    let mut challenges = Vec::new();
    for _ in 0..20 {
        let body = json!({"email": "owner@acme.example", "password": PASSWORD});
        let first = app.call(Method::POST, "/auth/login").json(&body).from("192.0.2.1").send().await;
        challenges.push(challenge_in(&first));
    }
    let wrong = factor.wrong_code();
    let burst = challenges.iter().map(|challenge| second_from(&app, challenge, &wrong, "192.0.2.1"));
    let answers = futures_util::future::join_all(burst).await;
    assert_eq!(answers.iter().filter(|answer| answer.status() == 422).count(), 5);
    assert_eq!(answers.iter().filter(|answer| answer.status() == 429).count(), 15);
}

#[tokio::test]
async fn a_right_password_does_not_forgive_wrong_codes() {
    let (_app, _, factor) = usual().await;
    for _ in 0..5 {
        factor.answer(&factor.challenge().await, &factor.wrong_code()).await.invalid(&["code"]);
    }
    factor.answer(&factor.challenge().await, &factor.next_code()).await.refused(429, "rate_limited");
}

#[tokio::test]
async fn what_is_no_challenge_is_refused_without_a_401() {
    let (_app, owner, _) = usual().await;
    let body = answer("nothing", "123456");
    owner.bare(Method::POST, "/auth/login/second-factor").json(&body).send().await.refused(400, "invalid_grant");
    owner.post("/auth/login/second-factor", body).await.refused(400, "invalid_grant");
    owner.post("/auth/login/second-factor", answer("", " ")).await.invalid(&["challenge", "code"]);
}
