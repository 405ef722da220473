//! `GET /notifications`.

use serde_json::json;

use super::reader;
use crate::support::TestApp;

#[tokio::test]
async fn a_person_sees_the_own_ones_newest_first_with_the_number_of_unread_ones() {
    let app = TestApp::start().await;
    let owner = reader(&app).await;
    let answer = owner.get("/notifications?size=2").await;
    assert_eq!(answer.body["pagination"], json!({"total": 3, "page": 1, "size": 2, "pages": 2}));
    let data = answer.ok();
    assert_eq!(data["unread"], 3);
    let list = data["notifications"].as_array().expect("a list");
    assert_eq!(list.len(), 2);
    assert!(list[0]["created_at"].as_str() > list[1]["created_at"].as_str());
    for name in ["id", "title", "message", "type", "created_at"] {
        assert!(list[0][name].is_string(), "{name}");
    }
    let past = owner.get("/notifications?page=9").await.ok();
    assert_eq!((&past["notifications"], &past["unread"]), (&json!([]), &json!(3)));
}

#[tokio::test]
async fn others_see_nothing_of_them() {
    let app = TestApp::start().await;
    reader(&app).await;
    let stranger = app.person("stranger").await;
    assert_eq!(stranger.get("/notifications").await.ok(), json!({"notifications": [], "unread": 0}));
    stranger.get("/notifications?size=x").await.invalid(&["size"]);
    app.get("/notifications").await.refused(401, "unauthorized");
}
