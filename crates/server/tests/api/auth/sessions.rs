//! `GET|DELETE /auth/sessions` and `DELETE /auth/sessions/{id}`.

use axum::http::Method;
use axum::http::header::USER_AGENT;
use serde_json::json;

use crate::support::{PASSWORD, TestApp, random_id};

#[tokio::test]
async fn a_person_sees_where_they_are_signed_in() {
    let app = TestApp::start().await;
    let owner = app.tenant("acme").await.owner;
    let login = json!({"email": owner.email, "password": PASSWORD});
    let agent = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";
    owner.bare(Method::POST, "/auth/login").header(USER_AGENT, agent).json(&login).send().await.ok();
    let answer = owner.get("/auth/sessions").await;
    assert_eq!(answer.body["pagination"]["total"], 2);
    let sessions = answer.ok();
    let (newest, first) = (&sessions[0], &sessions[1]);
    assert_eq!((&newest["device"], &newest["current"]), (&json!("Firefox, Linux"), &json!(false)));
    assert_eq!((&first["id"], &first["current"]), (&json!(owner.session_id().await), &json!(true)));
}

#[tokio::test]
async fn an_ended_session_stops_at_once_and_the_others_go_on() {
    let app = TestApp::start().await;
    let owner = app.tenant("acme").await.owner;
    let (lost, other) = (owner.login_again().await, owner.login_again().await);
    let path = format!("/auth/sessions/{}", lost.session_id().await);
    owner.delete(&path).await.ok();
    lost.get("/auth/me").await.refused(401, "unauthorized");
    lost.refresh().await.refused(400, "invalid_grant");
    other.get("/auth/me").await.ok();
    owner.get("/auth/me").await.ok();
    owner.delete(&path).await.refused(404, "not_found");
}

#[tokio::test]
async fn nobody_ends_the_session_of_another_person() {
    let app = TestApp::start().await;
    let acme = app.tenant("acme").await;
    let member = acme.member("accountant").await;
    for id in [member.session_id().await, random_id(), "no-id".to_owned()] {
        acme.owner.delete(&format!("/auth/sessions/{id}")).await.refused(404, "not_found");
    }
    member.get("/auth/me").await.ok();
}

#[tokio::test]
async fn everything_else_is_signed_out_at_once() {
    let app = TestApp::start().await;
    let owner = app.tenant("acme").await.owner;
    let (phone, tablet) = (owner.login_again().await, owner.login_again().await);
    assert_eq!(owner.delete("/auth/sessions").await.ok(), json!({"ended": 2}));
    for session in [phone, tablet] {
        session.get("/auth/me").await.refused(401, "unauthorized");
    }
    owner.get("/auth/me").await.ok();
    assert_eq!(owner.delete("/auth/sessions").await.ok(), json!({"ended": 0}));
}

#[tokio::test]
async fn ending_the_own_session_is_a_logout() {
    let app = TestApp::start().await;
    let owner = app.tenant("acme").await.owner;
    owner.delete(&format!("/auth/sessions/{}", owner.session_id().await)).await.ok();
    owner.get("/auth/me").await.refused(401, "unauthorized");
}

#[tokio::test]
async fn a_new_device_is_told_of_and_a_known_one_is_not() {
    let app = TestApp::start().await;
    let owner = app.tenant("acme").await.owner;
    let warnings = async || {
        let told = owner.get("/notifications").await.ok();
        let told = told["notifications"].as_array().expect("a list").clone();
        told.iter().filter(|one| one["title"].as_str().is_some_and(|title| title.contains("new device"))).count()
    };
    let login = json!({"email": owner.email, "password": PASSWORD});
    let sign_in =
        async || owner.bare(Method::POST, "/auth/login").header(USER_AGENT, "curl/8").json(&login).send().await.ok();
    sign_in().await;
    assert_eq!(warnings().await, 1);
    sign_in().await;
    assert_eq!(warnings().await, 1);
}
