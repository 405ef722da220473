//! `GET /health/live` and `/health/ready`.

use axum::http::Method;

use crate::support::{Answer, Call, TestApp};

async fn get(app: &TestApp, path: &str) -> Answer {
    Call::new(app, Method::GET, path, app.new_address()).send().await
}

#[tokio::test]
async fn a_node_without_its_database_lives_and_is_not_ready() {
    let app = TestApp::start().await;
    assert_eq!((get(&app, "/health/live").await.status(), get(&app, "/health/ready").await.status()), (200, 200));
    app.core().store().close().await;
    assert_eq!(get(&app, "/health/live").await.status(), 200);
    let answer = get(&app, "/health/ready").await.refused(503, "unavailable");
    assert_eq!(answer.body["reason"], "database");
    app.get("/billing/plans").await.refused(503, "unavailable");
}
