//! `GET|POST /sso/erpnext/callback`.

use std::time::Duration;

use axum::http::Method;
use serde_json::{Value, json};

use super::{pass, with_site};
use crate::support::{Answer, Setup, TestApp, TestTenant, Work};

async fn redeem(app: &TestApp, token: &str, key: Option<&str>) -> Answer {
    let mut call = app.call(Method::POST, "/sso/erpnext/callback");
    if let Some(key) = key {
        call = call.header("x-erpmax-site-key", key);
    }
    call.json(&json!({"token": token})).send().await
}

fn refused(answer: Answer) {
    let answer = answer.refused(403, "forbidden");
    assert_eq!((&answer.body["success"], &answer.body["redirect"]), (&json!(false), &"/login".into()));
}

/// A company with a ready site, and that site's key.
async fn with_key(app: &TestApp, name: &str) -> (TestTenant, String) {
    let tenant = app.tenant(name).await;
    tenant.ask_for("create_site").await;
    let mut work = Work::lease(app).await;
    work.complete().await;
    (tenant, work.lease.site.key.clone())
}

#[tokio::test]
async fn a_pass_is_redeemed_once_from_body_or_query() {
    let app = TestApp::start().await;
    let acme = with_site(&app, "acme").await;
    let admin = acme.admin("chief").await;
    let token = pass(&admin).await;
    let answer = redeem(&app, &token, None).await;
    assert_eq!(answer.status(), 200);
    let expected = json!({
        "status": "success",
        "success": true,
        "data": {
            "user": {"id": admin.id, "email": "chief@acme.example", "full_name": "chief@acme.example", "role": "admin"},
            "tenant": {"id": acme.id, "name": "acme", "slug": "acme"},
        },
        "redirect": "/app",
    });
    assert_eq!(answer.body, expected);
    refused(redeem(&app, &token, None).await);
    let token = pass(&admin).await;
    let path = format!("/sso/erpnext/callback?token={token}&redirect=%2Fapp%2Ftodo");
    let answer = app.get(&path).await;
    assert_eq!((answer.status(), &answer.body["redirect"]), (200, &"/app/todo".into()));
    refused(app.get(&path).await);
}

#[tokio::test]
async fn a_bad_and_an_expired_pass_are_refused() {
    let app = TestApp::start().await;
    let acme = with_site(&app, "acme").await;
    for bad in ["", "garbage", &acme.owner.access()] {
        refused(redeem(&app, bad, None).await);
    }
    refused(app.get("/sso/erpnext/callback").await);
    for bad in [json!({}), json!({"token": null}), json!({"token": 7}), json!({"token": "x", "redirect": 7})] {
        refused(app.post("/sso/erpnext/callback", bad).await);
    }
    refused(app.get("/sso/erpnext/callback?token=").await);
    let (early, late) = (pass(&acme.owner).await, pass(&acme.owner).await);
    app.pass(Duration::from_secs(59));
    assert_eq!(redeem(&app, &early, None).await.status(), 200);
    app.pass(Duration::from_secs(1));
    refused(redeem(&app, &late, None).await);
}

#[tokio::test]
async fn parallel_redemptions_let_one_in() {
    let app = TestApp::start().await;
    let acme = with_site(&app, "acme").await;
    let token = pass(&acme.owner).await;
    let answers = futures_util::future::join_all((0..10).map(|_| redeem(&app, &token, None))).await;
    assert_eq!(answers.iter().filter(|answer| answer.status() == 200).count(), 1);
}

#[tokio::test]
async fn a_site_redeems_only_its_own_tenants_passes_and_a_refusal_spends_nothing() {
    let app = TestApp::start().await;
    let ((acme, key), (_, foreign)) = (with_key(&app, "acme").await, with_key(&app, "globex").await);
    let token = pass(&acme.owner).await;
    for bad in [foreign.as_str(), "", "garbage"] {
        refused(redeem(&app, &token, Some(bad)).await);
    }
    assert_eq!(redeem(&app, &token, Some(&key)).await.status(), 200);
}

#[tokio::test]
async fn where_keys_are_required_only_a_legacy_tenants_site_does_without() {
    let app = TestApp::with(|Setup { settings, .. }| settings.require_site_key = true).await;
    let (acme, key) = with_key(&app, "acme").await;
    let token = pass(&acme.owner).await;
    refused(redeem(&app, &token, None).await);
    assert_eq!(redeem(&app, &token, Some(&key)).await.status(), 200);
    app.database().execute("UPDATE tenants SET is_legacy = true").await;
    assert_eq!(redeem(&app, &pass(&acme.owner).await, None).await.status(), 200);
    refused(redeem(&app, &pass(&acme.owner).await, Some("garbage")).await);
}

#[tokio::test]
async fn session_account_membership_and_site_are_checked_again() {
    let app = TestApp::start().await;
    let acme = with_site(&app, "acme").await;
    let member = acme.member("accountant").await;

    let after_logout = pass(&member).await;
    let other = member.login_again().await;
    other.switch_to(&acme.id).await;
    member.post_nothing("/auth/logout").await.ok();
    refused(redeem(&app, &after_logout, None).await);

    let after_leaving = pass(&other).await;
    other.delete(&acme.path(&format!("/users/{}", other.id))).await.ok();
    refused(redeem(&app, &after_leaving, None).await);

    let after_deactivation = pass(&acme.owner).await;
    app.database().execute("UPDATE users SET is_active = false").await;
    refused(redeem(&app, &after_deactivation, None).await);
    app.database().execute("UPDATE users SET is_active = true").await;

    let while_deleted = pass(&acme.owner).await;
    acme.ask_for("delete_site").await;
    let mut work = Work::lease(&app).await;
    refused(redeem(&app, &while_deleted, None).await);
    work.complete().await;
    refused(redeem(&app, &while_deleted, None).await);
    acme.complete("create_site").await;
    refused(redeem(&app, &while_deleted, None).await);
}

#[tokio::test]
async fn the_role_is_that_of_the_moment_of_redemption() {
    let app = TestApp::start().await;
    let acme = with_site(&app, "acme").await;
    let member = acme.member("accountant").await;
    let token = pass(&member).await;
    acme.owner.patch(&acme.path(&format!("/users/{}", member.id)), json!({"role": "admin"})).await.ok();
    assert_eq!(redeem(&app, &token, None).await.body["data"]["user"]["role"], "admin");
}

#[tokio::test]
async fn a_redirect_stays_on_the_site() {
    let app = TestApp::start().await;
    let acme = with_site(&app, "acme").await;
    for (wish, lands) in [
        (json!("/app/todo?x=1"), "/app/todo?x=1"),
        (json!("//evil.example"), "/app"),
        (json!("/\\evil.example"), "/app"),
        (json!("/%2Fevil.example"), "/app"),
        (json!("/%5Cevil.example"), "/app"),
        (json!("https://evil.example"), "/app"),
        (json!("/a\r\nSet-Cookie: x"), "/app"),
        (json!("/%0d%0a"), "/app"),
        (json!(""), "/app"),
        (Value::Null, "/app"),
    ] {
        let token = pass(&acme.owner).await;
        let answer = app.post("/sso/erpnext/callback", json!({"token": token, "redirect": wish})).await;
        assert_eq!((answer.status(), &answer.body["redirect"]), (200, &lands.into()), "{wish}");
    }
}

#[tokio::test]
async fn a_malformed_body_is_refused_as_elsewhere() {
    let app = TestApp::start().await;
    let call = app.call(Method::POST, "/sso/erpnext/callback");
    call.body("token=x").send().await.refused(415, "unsupported_media_type");
    let call = app.call(Method::POST, "/sso/erpnext/callback").header("content-type", "application/json");
    call.body("token=x").send().await.refused(400, "malformed_request");
}

#[tokio::test]
async fn signing_in_is_written_down() {
    let app = TestApp::start().await;
    let acme = with_site(&app, "acme").await;
    redeem(&app, &pass(&acme.owner).await, None).await;
    let actors = app.database().texts("SELECT actor_id FROM audit_events WHERE action = 'sso.login'").await;
    assert_eq!(actors, [acme.owner.id]);
}
