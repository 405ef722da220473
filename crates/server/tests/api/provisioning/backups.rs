//! `/backups`.

use std::time::Duration;

use axum::http::Method;
use erpmax_types::runner::Outcome;
use serde_json::{Value, json};

use crate::support::{PASSWORD, Person, TestApp, TestTenant, Work};

/// A company whose site was saved once; the archive.
async fn saved(app: &TestApp) -> (TestTenant, Value) {
    let acme = app.tenant("acme").await;
    acme.complete("create_site").await;
    acme.ask_for("backup_site").await;
    Work::lease(app).await.complete_with_archive("acme").await;
    let backup = acme.owner.get("/backups").await.ok()[0].clone();
    (acme, backup)
}

fn link_path(backup: &Value) -> String {
    format!("/backups/{}/download", backup["id"].as_str().expect("an id"))
}

/// The path of a fresh link, below the API.
async fn link(owner: &Person, backup: &Value) -> String {
    let link = owner.post_nothing(&link_path(backup)).await.ok();
    link["url"].as_str().and_then(|url| url.split_once("/api/v1")).expect("a link into the API").1.to_owned()
}

#[tokio::test]
async fn an_archive_is_listed_and_fetched_once() {
    let app = TestApp::start().await;
    let (acme, backup) = saved(&app).await;
    assert_eq!(
        (&backup["bytes"], &backup["sha256"], &backup["is_last"]),
        (&json!(4), &json!("sha256 acme"), &json!(false))
    );
    let path = link(&acme.owner, &backup).await;
    let answer = app.get(&path).await;
    assert_eq!((answer.status(), answer.text.as_str()), (200, "acme"));
    assert_eq!(answer.header("content-type"), "application/gzip");
    assert_eq!(answer.header("content-length"), "4");
    let name = answer.header("content-disposition").to_owned();
    assert!(name.starts_with("attachment; filename=\"acme-2027-01-15"), "{name}");
    app.get(&path).await.refused(404, "not_found");
}

#[tokio::test]
async fn only_an_owner_whose_password_was_just_shown_gets_a_link() {
    let app = TestApp::start().await;
    let (acme, backup) = saved(&app).await;
    let (admin, user) = (acme.admin("admin").await, acme.member("user").await);
    for member in [&admin, &user] {
        assert_eq!(member.get("/backups").await.ok()[0]["id"], backup["id"]);
        member.post_nothing(&link_path(&backup)).await.refused(403, "forbidden");
    }
    app.pass(Duration::from_secs(16 * 60));
    let owner = acme.owner.login_again().await;
    app.pass(Duration::from_secs(14 * 60));
    owner.post_nothing(&link_path(&backup)).await.ok();
    app.pass(Duration::from_secs(2 * 60));
    owner.refresh().await;
    owner.post_nothing(&link_path(&backup)).await.refused(403, "confirmation_required");
    owner.post("/auth/confirm", json!({"password": PASSWORD})).await.ok();
    owner.post_nothing(&link_path(&backup)).await.ok();
}

#[tokio::test]
async fn a_link_ends_with_its_time_its_session_and_its_role() {
    let app = TestApp::start().await;
    let (acme, backup) = saved(&app).await;
    let late = link(&acme.owner, &backup).await;
    app.pass(Duration::from_secs(10 * 60 + 1));
    app.get(&late).await.refused(404, "not_found");
    let session = acme.owner.login_again().await;
    let signed_out = link(&session, &backup).await;
    session.post_nothing("/auth/logout").await.ok();
    app.get(&signed_out).await.refused(404, "not_found");
    let other = acme.co_owner("second").await;
    let demoted = link(&other, &backup).await;
    app.database().execute(&format!("UPDATE memberships SET role = 'admin' WHERE user_id = '{}'", other.id)).await;
    app.get(&demoted).await.refused(404, "not_found");
}

#[tokio::test]
async fn the_last_archive_outlives_its_site() {
    let app = TestApp::start().await;
    let acme = app.tenant("acme").await;
    acme.complete("create_site").await;
    acme.ask_for("delete_site").await;
    Work::lease(&app).await.complete_with_archive("last").await;
    let backup = acme.owner.get("/backups").await.ok()[0].clone();
    assert_eq!(backup["is_last"], true);
    let path = link(&acme.owner, &backup).await;
    assert_eq!(app.get(&path).await.text, "last");
}

#[tokio::test]
async fn a_file_that_is_gone_or_lies_elsewhere_is_not_handed_out() {
    let app = TestApp::start().await;
    let (acme, backup) = saved(&app).await;
    for file in ["backups/gone.tar.gz", "../acme.tar.gz", "/etc/passwd", ""] {
        app.database().execute(&format!("UPDATE backups SET file = '{file}'")).await;
        acme.owner.post_nothing(&link_path(&backup)).await.refused(503, "unavailable");
    }
}

#[tokio::test]
async fn what_is_no_archive_is_not_listed_as_one() {
    let app = TestApp::start().await;
    let acme = app.tenant("acme").await;
    acme.complete("create_site").await;
    acme.complete("backup_site").await;
    acme.ask_for("backup_site").await;
    let mut work = Work::lease(&app).await;
    work.finish(Outcome::Completed { result: Some("saved".to_owned()) }).await;
    assert_eq!(acme.owner.get("/backups").await.ok(), json!([]));
    let call = acme.owner.call(Method::POST, "/backups/no-id/download");
    call.send().await.refused(404, "not_found");
}
