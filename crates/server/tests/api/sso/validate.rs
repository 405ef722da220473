//! `GET /sso/erpnext/validate/{token}`.

use std::time::Duration;

use serde_json::json;

use super::{pass, with_site};
use crate::support::TestApp;

#[tokio::test]
async fn looking_at_a_pass_names_no_user_and_spends_nothing() {
    let app = TestApp::start().await;
    let acme = with_site(&app, "acme").await;
    let token = pass(&acme.owner).await;
    let path = format!("/sso/erpnext/validate/{token}");
    let data = app.get(&path).await.ok();
    let mut names: Vec<&String> = data.as_object().expect("an object").keys().collect();
    names.sort();
    assert_eq!(names, ["created_at", "tenant_id", "valid"]);
    assert_eq!((&data["valid"], &data["tenant_id"]), (&json!(true), &acme.id.as_str().into()));
    app.get(&path).await.ok();
    assert_eq!(app.post("/sso/erpnext/callback", json!({"token": token})).await.status(), 200);
    app.get(&path).await.refused(404, "not_found");
}

#[tokio::test]
async fn a_pass_that_is_not_good_is_not_found() {
    let app = TestApp::start().await;
    let acme = with_site(&app, "acme").await;
    app.get("/sso/erpnext/validate/garbage").await.refused(404, "not_found");
    let token = pass(&acme.owner).await;
    app.pass(Duration::from_secs(60));
    app.get(&format!("/sso/erpnext/validate/{token}")).await.refused(404, "not_found");
    let token = pass(&acme.owner).await;
    acme.owner.post_nothing("/auth/logout").await.ok();
    app.get(&format!("/sso/erpnext/validate/{token}")).await.refused(404, "not_found");
}
