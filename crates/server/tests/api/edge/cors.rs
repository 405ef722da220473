//! Who may call from another origin.

use axum::http::Method;

use crate::support::{Answer, Setup, TestApp};

async fn preflight(app: &TestApp, origin: &str) -> Answer {
    let call = app.call(Method::OPTIONS, "/tenants/x").header("origin", origin);
    let call = call.header("access-control-request-method", "PATCH");
    call.header("access-control-request-headers", "authorization,content-type,idempotency-key").send().await
}

async fn allowing(origins: &[&str]) -> TestApp {
    let origins = origins.iter().map(ToString::to_string).collect();
    TestApp::with(|Setup { edge, .. }| edge.cors_origins = origins).await
}

#[tokio::test]
async fn unless_configured_nobody_may() {
    let app = TestApp::start().await;
    assert_eq!(preflight(&app, "https://app.erpmax.com").await.header("access-control-allow-origin"), "");
    let call = app.call(Method::GET, "/billing/plans").header("origin", "https://app.erpmax.com");
    assert_eq!(call.send().await.header("access-control-allow-origin"), "");
}

#[tokio::test]
async fn listed_origins_may_send_and_read_what_the_client_needs() {
    let app = allowing(&["https://app.erpmax.com", "http://localhost:3000"]).await;
    let answer = preflight(&app, "https://app.erpmax.com").await;
    assert_eq!((answer.status(), answer.header("access-control-allow-origin")), (200, "https://app.erpmax.com"));
    for method in ["GET", "POST", "PATCH", "DELETE"] {
        assert!(answer.header("access-control-allow-methods").contains(method));
    }
    for name in ["authorization", "content-type", "idempotency-key"] {
        assert!(answer.header("access-control-allow-headers").contains(name));
    }
    assert_eq!(answer.header("access-control-allow-credentials"), "");
    assert!(answer.header("vary").to_lowercase().contains("origin"));
    for path in ["/billing/plans", "/auth/me", "/nothing"] {
        let call = app.call(Method::GET, path).header("origin", "http://localhost:3000");
        let answer = call.send().await;
        assert_eq!(answer.header("access-control-allow-origin"), "http://localhost:3000", "{path}");
        for name in ["x-request-id", "retry-after"] {
            assert!(answer.header("access-control-expose-headers").contains(name), "{path}");
        }
    }
}

#[tokio::test]
async fn other_origins_may_not() {
    let app = allowing(&["https://app.erpmax.com"]).await;
    for origin in ["https://app.erpmax.com.evil.example", "http://app.erpmax.com", "https://app.erpmax.com:444", "null"]
    {
        assert_eq!(preflight(&app, origin).await.header("access-control-allow-origin"), "", "{origin}");
    }
}

#[tokio::test]
async fn a_star_lets_everybody_in_without_credentials() {
    let app = allowing(&["*"]).await;
    let answer = preflight(&app, "https://anything.example").await;
    assert_eq!(answer.header("access-control-allow-origin"), "*");
    assert_eq!(answer.header("access-control-allow-credentials"), "");
}
