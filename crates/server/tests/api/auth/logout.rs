//! `POST /auth/logout`.

use crate::support::TestApp;

#[tokio::test]
async fn access_and_refresh_tokens_stop_working_at_once() {
    let app = TestApp::start().await;
    let acme = app.tenant("acme").await;
    let (owner, other) = (&acme.owner, acme.owner.login_again().await);
    assert_eq!(owner.post_nothing("/auth/logout").await.ok(), serde_json::json!({}));
    owner.get("/auth/me").await.refused(401, "unauthorized");
    owner.get("/tenants/current").await.refused(401, "unauthorized");
    owner.post_nothing("/auth/logout").await.refused(401, "unauthorized");
    owner.refresh().await.refused(400, "invalid_grant");
    other.get("/auth/me").await.ok();
    other.refresh().await.ok();
}

#[tokio::test]
async fn only_somebody_signed_in_can_sign_out() {
    let app = TestApp::start().await;
    app.post("/auth/logout", serde_json::json!({})).await.refused(401, "unauthorized");
}

#[tokio::test]
async fn spent_refresh_tokens_stop_working_too() {
    let app = TestApp::start().await;
    let owner = app.tenant("acme").await.owner;
    let first = owner.refresh_token();
    owner.refresh().await.ok();
    owner.post_nothing("/auth/logout").await.ok();
    owner.refresh_with(&first).await.refused(400, "invalid_grant");
}
