//! `POST /auth/refresh` (contract, traps 1 and 2).

use std::time::Duration;

use axum::http::Method;
use serde_json::{Value, json};

use crate::support::{PASSWORD, Person, TestApp};

const SECOND: Duration = Duration::from_secs(1);
const DAY: Duration = Duration::from_secs(86_400);
const NEARLY_A_DAY: Duration = Duration::from_secs(86_399);

async fn owner(app: &TestApp) -> Person {
    app.tenant("acme").await.owner
}

fn token(data: &Value) -> String {
    data["refresh_token"].as_str().expect("a token").to_owned()
}

#[tokio::test]
async fn a_refresh_token_turns_into_fresh_tokens() {
    let app = TestApp::start().await;
    let owner = owner(&app).await;
    let (access, refresh) = (owner.access(), owner.refresh_token());
    app.pass(SECOND);
    owner.refresh().await.ok();
    assert_ne!((owner.access(), owner.refresh_token()), (access, refresh));
    owner.get("/auth/me").await.ok();
    owner.refresh().await.ok();
}

#[tokio::test]
async fn the_token_of_a_client_within_stays_the_same_and_is_good_within_alone() {
    let app = TestApp::start().await;
    let owner = owner(&app).await;
    let login = app.call(Method::POST, "/auth/login").json(&json!({"email": owner.email, "password": PASSWORD}));
    let first = token(&login.within().send().await.ok());
    let refresh = || app.call(Method::POST, "/auth/refresh").json(&json!({"refresh_token": first}));
    for _ in 0..60 {
        app.pass(DAY);
        assert_eq!(token(&refresh().within().send().await.ok()), first, "it is prolonged by each use");
        refresh().send().await.refused(400, "invalid_grant");
    }
    app.pass(DAY * 30);
    refresh().within().send().await.refused(400, "invalid_grant");
}

#[tokio::test]
async fn a_refused_token_is_400_and_never_401() {
    let app = TestApp::start().await;
    let owner = owner(&app).await;
    for bad in ["", "garbage", &owner.access(), "ert_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"] {
        owner.refresh_with(bad).await.refused(400, "invalid_grant");
        let body = json!({"refresh_token": bad});
        let call = owner.call(Method::POST, "/auth/refresh").json(&body);
        call.send().await.refused(400, "invalid_grant");
    }
    app.post("/auth/refresh", json!({})).await.invalid(&["refresh_token"]);
}

#[tokio::test]
async fn the_expired_bearer_that_the_client_sends_along_does_no_harm() {
    let app = TestApp::start().await;
    let owner = owner(&app).await;
    app.pass(SECOND * 3_600);
    let body = json!({"refresh_token": owner.refresh_token()});
    owner.call(Method::POST, "/auth/refresh").json(&body).send().await.ok();
}

#[tokio::test]
async fn the_same_token_yields_the_same_successor_for_ten_seconds() {
    let app = TestApp::start().await;
    let owner = owner(&app).await;
    let first = owner.refresh_token();
    let second = token(&owner.refresh_with(&first).await.ok());
    let third = token(&owner.refresh_with(&second).await.ok());
    app.pass(SECOND * 9);
    assert_eq!(token(&owner.refresh_with(&first).await.ok()), second);
    assert_eq!(token(&owner.refresh_with(&second).await.ok()), third);
}

#[tokio::test]
async fn a_lost_answer_can_be_asked_for_again_for_two_minutes() {
    let app = TestApp::start().await;
    let owner = owner(&app).await;
    let first = owner.refresh_token();
    let second = token(&owner.refresh_with(&first).await.ok());
    app.pass(SECOND * 118);
    assert_eq!(token(&owner.refresh_with(&first).await.ok()), second);
    owner.refresh_with(&second).await.ok();
}

#[tokio::test]
async fn a_late_reuse_ends_the_family() {
    let app = TestApp::start().await;
    let owner = owner(&app).await;
    let first = owner.refresh_token();
    owner.refresh().await.ok();
    app.pass(SECOND * 121);
    owner.get("/auth/me").await.ok();
    owner.refresh_with(&first).await.refused(400, "invalid_grant");
    // A descendant used right after its family ended.
    owner.get("/auth/me").await.refused(401, "unauthorized");
    owner.refresh().await.refused(400, "invalid_grant");
    let sql = "SELECT change FROM audit_events WHERE action = 'auth.session_ended'";
    assert!(app.database().texts(sql).await[0].contains("refresh_token_reused"));
}

#[tokio::test]
async fn reuse_after_the_successor_was_refreshed_ends_the_family_after_ten_seconds() {
    let app = TestApp::start().await;
    let owner = owner(&app).await;
    let first = owner.refresh_token();
    owner.refresh().await.ok();
    owner.refresh().await.ok();
    app.pass(SECOND * 11);
    owner.refresh_with(&first).await.refused(400, "invalid_grant");
    owner.refresh().await.refused(400, "invalid_grant");
}

#[tokio::test]
async fn an_early_reuse_beside_a_newer_branch_leads_on() {
    let app = TestApp::start().await;
    let member = app.tenant("acme").await.member("accountant").await;
    let old = member.refresh_token();
    member.switch_to(&member.own_tenant.clone()).await;
    app.pass(SECOND * 60);
    member.refresh().await.ok();
    // Another part of the client still holds the token from before the switch.
    let data = member.refresh_with(&old).await.ok();
    member.keep(&data);
    member.get("/auth/me").await.ok();
    member.refresh().await.ok();
}

#[tokio::test]
async fn fifty_parallel_refreshes_end_in_one_successor() {
    let app = TestApp::start().await;
    let owner = owner(&app).await;
    let first = owner.refresh_token();
    let answers = futures_util::future::join_all((0..50).map(|_| owner.refresh_with(&first))).await;
    let mut successors: Vec<String> = answers.into_iter().map(|answer| token(&answer.ok())).collect();
    successors.dedup();
    assert_eq!(successors.len(), 1);
    let kept = app.database().texts("SELECT token_hash FROM refresh_tokens").await;
    assert_eq!(kept.len(), 2);
}

#[tokio::test]
async fn an_unused_refresh_token_lasts_thirty_days() {
    let app = TestApp::start().await;
    let owner = owner(&app).await;
    app.pass(DAY * 29);
    app.pass(NEARLY_A_DAY);
    owner.refresh().await.ok();
    app.pass(DAY * 30);
    owner.refresh().await.refused(400, "invalid_grant");
}

#[tokio::test]
async fn a_session_lasts_ninety_days_at_most() {
    let app = TestApp::start().await;
    let owner = owner(&app).await;
    for _ in 0..3 {
        app.pass(DAY * 29);
        owner.refresh().await.ok();
    }
    app.pass(DAY * 2);
    app.pass(NEARLY_A_DAY);
    owner.refresh().await.ok();
    app.pass(SECOND);
    owner.get("/auth/me").await.refused(401, "unauthorized");
    owner.refresh().await.refused(400, "invalid_grant");
}

#[tokio::test]
async fn tokens_are_kept_hashed() {
    let app = TestApp::start().await;
    let owner = owner(&app).await;
    let kept = app.database().texts("SELECT token_hash || successor_hash FROM refresh_tokens").await;
    let secret = owner.refresh_token().replace("ert_", "");
    assert!(kept.iter().all(|hashes| !hashes.contains(&secret)));
}

#[tokio::test]
async fn the_reuse_of_a_spent_token_ends_the_family_even_after_it_ran_out() {
    let app = TestApp::quiet().await;
    let owner = owner(&app).await;
    let first = owner.refresh_token();
    for _ in 0..2 {
        app.pass(DAY * 20);
        owner.refresh().await.ok();
    }
    owner.get("/auth/me").await.ok();
    owner.refresh_with(&first).await.refused(400, "invalid_grant");
    owner.get("/auth/me").await.refused(401, "unauthorized");
    owner.refresh_with(&owner.refresh_token()).await.refused(400, "invalid_grant");
}

#[tokio::test]
async fn an_unspent_token_that_ran_out_ends_nothing() {
    let app = TestApp::quiet().await;
    let owner = owner(&app).await;
    let first = owner.refresh_token();
    app.pass(DAY * 31);
    owner.refresh_with(&first).await.refused(400, "invalid_grant");
    let ended = app.database().texts("SELECT id FROM sessions WHERE ended_at IS NOT NULL").await;
    assert!(ended.is_empty());
}
