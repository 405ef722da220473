//! `POST /notifications/read-all`.

use serde_json::json;

use super::reader;
use crate::support::TestApp;

#[tokio::test]
async fn all_own_ones_are_read_and_no_others() {
    let app = TestApp::start().await;
    let owner = reader(&app).await;
    let globex = app.tenant("globex").await;
    globex.fail("create_site").await;
    assert_eq!(owner.post_nothing("/notifications/read-all").await.ok(), json!({"marked": 3}));
    assert_eq!(owner.post_nothing("/notifications/read-all").await.ok(), json!({"marked": 0}));
    assert_eq!(owner.get("/notifications").await.ok()["unread"], 0);
    assert_eq!(globex.owner.get("/notifications").await.ok()["unread"], 1);
    app.post("/notifications/read-all", json!({})).await.refused(401, "unauthorized");
}
