//! What is where, by host.

use axum::http::Method;

use crate::support::TestApp;

#[tokio::test]
async fn the_control_plane_answers_to_its_own_names_only() {
    let app = TestApp::start().await;
    for (host, status) in [
        ("LOCALHOST:8000", 200),
        ("127.0.0.1:8000", 200),
        ("[::1]", 200),
        ("evil.example", 404),
        ("localhost.evil.example", 404),
    ] {
        let request = axum::extract::Request::get("/api/v1/billing/plans").header("host", host);
        let request = request.body(axum::body::Body::empty()).expect("a request");
        assert_eq!(app.send(request, app.new_address()).await.status(), status, "{host}");
    }
}

#[tokio::test]
async fn the_api_is_not_served_on_a_site() {
    let app = TestApp::start().await;
    let request = axum::extract::Request::builder().method(Method::GET).uri("/api/v1/billing/plans");
    let request = request.header("host", "acme.localhost").body(axum::body::Body::empty()).expect("a request");
    assert_eq!(app.send(request, app.new_address()).await.status(), 404);
}
