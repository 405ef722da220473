//! `GET /provisioning/jobs/{id}`, and how a job moves.

use std::time::Duration;

use erpmax_types::runner::Wish;
use serde_json::{Value, json};

use crate::support::{TestApp, Work, random_id};

#[tokio::test]
async fn every_member_sees_how_far_a_job_is() {
    let app = TestApp::start().await;
    let acme = app.tenant("acme").await;
    let user = acme.member("accountant").await;
    let job = acme.ask_for("create_site").await;
    let path = format!("/provisioning/jobs/{}", job["id"].as_str().expect("an id"));
    let mut work = Work::lease(&app).await;
    assert_eq!(work.begin("database", 20).await, Wish::Continue);
    let shown = user.get(&path).await.ok();
    assert_eq!(
        (&shown["status"], &shown["progress"], &shown["step"]),
        (&"running".into(), &json!(20), &"database".into())
    );
    assert!(shown["started_at"].is_string() && shown["message"].is_string());
    assert_eq!(shown["completed_at"], Value::Null);
    work.done("database", 40).await;
    work.complete().await;
    let shown = user.get(&path).await.ok();
    assert_eq!(
        (&shown["status"], &shown["progress"], &shown["error"]),
        (&"completed".into(), &json!(100), &Value::Null)
    );
    assert!(shown["completed_at"].is_string());
}

#[tokio::test]
async fn progress_never_goes_down() {
    let app = TestApp::start().await;
    let acme = app.tenant("acme").await;
    let job = acme.ask_for("create_site").await;
    let path = format!("/provisioning/jobs/{}", job["id"].as_str().expect("an id"));
    let progress = async || acme.owner.get(&path).await.ok()["progress"].as_i64().expect("an integer");
    let mut work = Work::lease(&app).await;
    work.begin("database", 50).await;
    assert_eq!(progress().await, 50);
    for percent in [30, 10, 60, 20, 255] {
        app.pass(Duration::from_secs(2));
        work.progress("database", percent).await;
        assert!((50..=99).contains(&progress().await));
    }
    work.done("database", 10).await;
    work.begin("apps", 5).await;
    assert_eq!(progress().await, 99);
    let mut last = 0;
    for emission in app.emissions().await {
        let news = serde_json::to_value(&emission.news).expect("news are JSON");
        if let Some(now) = news.pointer("/event/payload/progress").and_then(Value::as_i64) {
            assert!(now >= last, "{news}");
            last = now;
        }
    }
}

#[tokio::test]
async fn a_foreign_an_unknown_and_no_id_are_answered_alike() {
    let app = TestApp::start().await;
    let (acme, globex) = (app.tenant("acme").await, app.tenant("globex").await);
    let job = globex.ask_for("create_site").await;
    let foreign = job["id"].as_str().expect("an id");
    for rest in ["", "/retry", "/cancel"] {
        let mut bodies = Vec::new();
        for id in [foreign, &random_id(), "no-id"] {
            let path = format!("/provisioning/jobs/{id}{rest}");
            let answer =
                if rest.is_empty() { acme.owner.get(&path).await } else { acme.owner.post_nothing(&path).await };
            bodies.push(answer.refused(404, "not_found").body);
        }
        bodies.dedup();
        assert_eq!(bodies.len(), 1, "{rest}");
    }
}

#[tokio::test]
async fn a_job_of_another_own_tenant_is_shown_only_there() {
    let app = TestApp::start().await;
    let acme = app.tenant("acme").await;
    let member = acme.member("accountant").await;
    let job = acme.ask_for("create_site").await;
    let path = format!("/provisioning/jobs/{}", job["id"].as_str().expect("an id"));
    member.get(&path).await.ok();
    member.switch_to(&member.own_tenant.clone()).await;
    member.get(&path).await.refused(404, "not_found");
}
