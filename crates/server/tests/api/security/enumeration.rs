//! Who has an account is told by no answer and by no time.

use std::time::{Duration, Instant};

use axum::http::Method;
use erpmax_core::{Environment, HashingSettings};
use serde_json::{Value, json};

use crate::support::{Person, Setup, TestApp};

/// Requests of each kind, in turn, so that whatever else the machine does slows both.
const TRIES: usize = 200;
/// How far the two medians may be apart.
const TOLERANCE: f64 = 1.2;
/// A difference that is there is there each time; one of chance is not.
const ROUNDS: usize = 3;

/// A control plane in which hashing takes as long as everything else together, and nobody is turned away.
async fn app() -> TestApp {
    TestApp::with(|Setup { settings, payments, .. }| {
        settings.environment = Environment::Production;
        settings.auth.hashing =
            HashingSettings { threads: 1, queue: 64, memory_kib: 4_096, iterations: 1, parallelism: 1 };
        let limits = &mut settings.auth.limits;
        (limits.per_account_and_address, limits.per_address, limits.per_account) = (100_000, 100_000, 100_000);
        *payments = false;
    })
    .await
}

/// How long each of two requests takes, as its median.
async fn medians(mut known: impl AsyncFnMut(usize), mut unknown: impl AsyncFnMut(usize)) -> (Duration, Duration) {
    let (mut of_known, mut of_unknown) = (Vec::new(), Vec::new());
    for number in 0..TRIES {
        let begin = Instant::now();
        known(number).await;
        of_known.push(begin.elapsed());
        let begin = Instant::now();
        unknown(number).await;
        of_unknown.push(begin.elapsed());
    }
    of_known.sort();
    of_unknown.sort();
    (of_known[TRIES / 2], of_unknown[TRIES / 2])
}

/// Checks that the same time is taken for what is there and for what is not.
async fn take_the_same_time(mut known: impl AsyncFnMut(usize), mut unknown: impl AsyncFnMut(usize)) {
    let mut seen = Vec::new();
    for _ in 0..ROUNDS {
        let (known, unknown) = medians(&mut known, &mut unknown).await;
        let ratio = known.as_secs_f64() / unknown.as_secs_f64();
        if (TOLERANCE.recip()..TOLERANCE).contains(&ratio) {
            return;
        }
        seen.push((known, unknown));
    }
    panic!("the medians for known and unknown differ each time: {seen:?}");
}

async fn refused_login(app: &TestApp, email: &str) -> Value {
    let body = json!({"email": email, "password": "wrong password"});
    app.call(Method::POST, "/auth/login").json(&body).send().await.refused(401, "invalid_credentials").body
}

#[tokio::test]
async fn a_refused_sign_in_takes_as_long_for_an_unknown_address_as_for_a_known_one() {
    let app = app().await;
    app.tenant("acme").await;
    let (known, unknown) = ("owner@acme.example", "nobody@acme.example");
    assert_eq!(refused_login(&app, known).await, refused_login(&app, unknown).await);
    let ask = async |email: &str| {
        refused_login(&app, email).await;
    };
    take_the_same_time(async |_| ask(known).await, async |_| ask(unknown).await).await;
}

/// As long as an address is not proven, its account and its absence are the same to an inviter.
#[tokio::test]
async fn an_invitation_takes_as_long_for_an_unknown_address_as_for_an_account() {
    let app = app().await;
    let owner = app.tenant("acme").await.owner;
    app.database().execute("UPDATE plans SET limits = '{}'").await;
    let path = format!("/tenants/{}/users/invite", owner.own_tenant);
    let invite = async |email: String| {
        let call = owner.call(Method::POST, &path);
        let mut answer = call.json(&json!({"email": email, "role": "user"})).send().await.ok();
        for name in ["id", "email", "expires_at", "created_at", "link"] {
            answer.as_object_mut().expect("an object").remove(name);
        }
        answer
    };
    let known = |number: usize| format!("known{number}@acme.example");
    let unknown = |number: usize| format!("unknown{number}@acme.example");
    for number in 0..TRIES {
        Person::register(&app, &known(number), &format!("Known {number}")).await;
    }
    assert_eq!(invite(known(0)).await, invite(unknown(0)).await);
    let ask = async |email: String| {
        // A company invites fewer in an hour.
        app.database().execute("DELETE FROM throttles").await;
        invite(email).await;
    };
    take_the_same_time(async |number| ask(known(number)).await, async |number| ask(unknown(number)).await).await;
}
