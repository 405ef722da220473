//! `POST /sso/erpnext/token`, and `/sso/token`.

use serde_json::json;

use super::with_site;
use crate::support::{TestApp, Work};

#[tokio::test]
async fn every_member_gets_a_pass_into_the_site() {
    let app = TestApp::start().await;
    let acme = with_site(&app, "acme").await;
    for person in [&acme.owner, &acme.admin("chief").await, &acme.member("accountant").await] {
        for path in ["/sso/erpnext/token", "/sso/token"] {
            let data = person.post_nothing(path).await.ok();
            let token = data["token"].as_str().expect("a token");
            assert_eq!(token.len(), 43);
            let site = format!("http://acme.localhost:{}", app.address().port());
            assert_eq!(data["sso_url"], format!("{site}/api/method/erpmax.sso.login?token={token}"));
            assert!(data["expires_at"].is_string());
        }
    }
    let kept = app.database().texts("SELECT token_hash FROM sso_tokens").await;
    assert_eq!(kept.len(), 6);
}

#[tokio::test]
async fn without_a_ready_site_there_is_no_pass() {
    let app = TestApp::start().await;
    let acme = app.tenant("acme").await;
    let refused = async || acme.owner.post_nothing("/sso/erpnext/token").await.refused(409, "site_missing");
    refused().await;
    acme.ask_for("create_site").await;
    refused().await;
    let mut work = Work::lease(&app).await;
    refused().await;
    work.complete().await;
    acme.owner.post_nothing("/sso/erpnext/token").await.ok();
    acme.ask_for("delete_site").await;
    let mut work = Work::lease(&app).await;
    refused().await;
    work.complete().await;
    refused().await;
}

#[tokio::test]
async fn nobody_gets_one_without_a_token() {
    let app = TestApp::start().await;
    app.post("/sso/erpnext/token", json!({})).await.refused(401, "unauthorized");
    app.post("/sso/token", json!({})).await.refused(401, "unauthorized");
}
