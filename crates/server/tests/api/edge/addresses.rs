//! What holds for every address of the control plane.

use axum::http::Method;

use crate::support::{Call, TestApp};

#[tokio::test]
async fn every_answer_of_the_control_plane_has_a_request_id() {
    let app = TestApp::start().await;
    let addresses = [
        (Method::OPTIONS, "/api/v1/auth/login"),
        (Method::GET, "/api/v1/"),
        (Method::GET, "/health/live"),
        (Method::GET, "/health/ready"),
        (Method::GET, "/openapi.json"),
        (Method::GET, "/docs"),
        (Method::GET, "/docs/"),
        (Method::GET, "/sandbox/checkout/x"),
        (Method::GET, "/nowhere"),
    ];
    for (method, path) in addresses {
        let answer = Call::new(&app, method, path, app.new_address()).send().await;
        assert_eq!(answer.header("x-request-id").len(), 36, "{path}");
    }
}

#[tokio::test]
async fn an_id_that_cannot_be_read_is_answered_like_one_that_is_not_there() {
    let app = TestApp::start().await;
    let acme = app.tenant("acme").await;
    for (method, path) in [
        (Method::GET, "/provisioning/jobs/%FF".to_owned()),
        (Method::POST, "/provisioning/jobs/%FF/retry".to_owned()),
        (Method::POST, "/provisioning/jobs/%FF/cancel".to_owned()),
        (Method::POST, "/notifications/%FF/read".to_owned()),
        (Method::GET, "/sso/erpnext/validate/%FF".to_owned()),
        (Method::POST, "/billing/webhook/%FF".to_owned()),
        (Method::GET, "/tenants/%FF".to_owned()),
        (Method::GET, "/tenants/%FF/users".to_owned()),
        (Method::DELETE, acme.path("/users/%FF")),
    ] {
        acme.owner.call(method, &path).send().await.refused(404, "not_found");
    }
    app.get("/tenants/%FF").await.refused(401, "unauthorized");
}
