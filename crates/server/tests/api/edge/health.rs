//! `GET /health/live` and `/health/ready`.

use axum::http::Method;

use crate::support::{Call, TestApp};

#[tokio::test]
async fn a_node_without_its_database_lives_and_is_not_ready() {
    let app = TestApp::start().await;
    let status = async |path: &str| Call::new(&app, Method::GET, path, app.new_address()).send().await.status();
    assert_eq!((status("/health/live").await, status("/health/ready").await), (200, 200));
    app.core().store().close().await;
    assert_eq!((status("/health/live").await, status("/health/ready").await), (200, 503));
    app.get("/billing/plans").await.refused(500, "internal");
}
