//! `POST /notifications/{id}/read`.

use super::reader;
use crate::support::{TestApp, random_id};

#[tokio::test]
async fn reading_is_counted_once() {
    let app = TestApp::start().await;
    let owner = reader(&app).await;
    let newest = owner.get("/notifications").await.ok()["notifications"][0].clone();
    let path = format!("/notifications/{}/read", newest["id"].as_str().expect("an id"));
    let read = owner.post_nothing(&path).await.ok();
    assert_eq!(read["id"], newest["id"]);
    assert!(read["read_at"].is_string());
    assert_eq!(owner.post_nothing(&path).await.ok()["read_at"], read["read_at"]);
    assert_eq!(owner.get("/notifications").await.ok()["unread"], 2);
}

#[tokio::test]
async fn a_foreign_one_is_answered_like_one_that_is_not_there() {
    let app = TestApp::start().await;
    let owner = reader(&app).await;
    let newest = owner.get("/notifications").await.ok()["notifications"][0].clone();
    let stranger = app.person("stranger").await;
    for id in [newest["id"].as_str().expect("an id"), &random_id(), "no-id"] {
        stranger.post_nothing(&format!("/notifications/{id}/read")).await.refused(404, "not_found");
    }
    assert_eq!(owner.get("/notifications").await.ok()["unread"], 3);
    app.post(&format!("/notifications/{}/read", random_id()), serde_json::json!({})).await.refused(401, "unauthorized");
}
