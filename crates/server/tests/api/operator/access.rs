//! `POST /operator/tenants/{id}/access` and what ends it.

use std::time::Duration;

use axum::http::Method;
use serde_json::{Value, json};

use crate::support::{Answer, TestApp, TestOperator, TestTenant, Work};

/// A company with a ready site, and that site's key.
async fn with_site(app: &TestApp) -> (TestTenant, String) {
    let acme = app.tenant("acme").await;
    acme.ask_for("create_site").await;
    let mut work = Work::lease(app).await;
    work.complete().await;
    (acme, work.lease.site.key.clone())
}

async fn redeem(app: &TestApp, started: &Value, key: &str) -> Answer {
    let call = app.call(Method::POST, "/sso/erpnext/callback").header("x-erpmax-site-key", key);
    call.json(&json!({"token": started["sso"]["token"]})).send().await
}

/// Whether the site hears that the temporary user may stay.
async fn may_stay(app: &TestApp, started: &Value, key: &str) -> bool {
    let path = format!("/sso/erpnext/support-access/{}", id(started));
    let answer = app.call(Method::GET, &path).header("x-erpmax-site-key", key).send().await;
    if answer.status() == 200 {
        assert_eq!(answer.body["data"], json!({"valid_until": started["access"]["until"]}));
        return true;
    }
    answer.refused(404, "not_found");
    false
}

fn id(started: &Value) -> &str {
    started["access"]["id"].as_str().expect("an id")
}

fn path(acme: &TestTenant) -> String {
    format!("/operator/tenants/{}/access", acme.id)
}

#[tokio::test]
async fn an_operator_signs_in_as_a_named_temporary_user() {
    let app = TestApp::start().await;
    let ((acme, key), operator) = (with_site(&app).await, app.operator("chief").await);
    let started = operator.enter(&acme, 30).await;
    assert_eq!(started["access"]["reason"], "Ticket 4711");
    assert!(started["sso"]["sso_url"].as_str().is_some_and(|url| url.contains("/api/method/erpmax.sso.login?token=")));
    let answer = redeem(&app, &started, &key).await;
    assert_eq!(answer.status(), 200, "{}", answer.text);
    let (user, short) = (&answer.body["data"]["user"], id(&started).rsplit('-').next().expect("a part"));
    assert_eq!(
        *user,
        json!({"id": id(&started), "email": format!("support+{short}@localhost"),
            "full_name": "Support (chief@chief.example)", "role": "admin"})
    );
    assert_eq!(answer.body["data"]["valid_until"], started["access"]["until"]);
    assert!(!answer.text.contains(&operator.id) && !answer.text.contains("Administrator"), "{}", answer.text);
    assert_eq!(redeem(&app, &started, &key).await.status(), 403, "once");
    let trail = acme.owner.get(&acme.path("/audit?action=sso.login")).await.ok();
    assert_eq!((&trail[0]["target"], &trail[0]["actor"]["user_id"]), (&json!(id(&started)), &json!(operator.id)));
}

#[tokio::test]
async fn the_owners_are_told_at_once_and_nobody_else() {
    let app = TestApp::start().await;
    let ((acme, _), operator) = (with_site(&app).await, app.operator("chief").await);
    let (admin, co_owner) = (acme.admin("deputy").await, acme.co_owner("partner").await);
    let reason = "Ticket <b>4711</b> https://evil.example";
    operator.post(&path(&acme), json!({"reason": reason, "minutes": 60})).await.ok();
    for owner in [&acme.owner, &co_owner] {
        let told = owner.get("/notifications").await.ok();
        let newest = &told["notifications"][0];
        assert_eq!(newest["title"], "Support looks into your site");
        assert!(
            newest["message"].as_str().is_some_and(|text| text.contains("chief@chief.example") && text.contains("60"))
        );
        let mail = app.mail_to(&owner.email, "Support looks into your site").await;
        assert!(!mail.text.contains("evil.example") && !mail.html.contains("<b>4711"), "{}", mail.text);
    }
    let told = admin.get("/notifications").await.ok();
    assert!(!told.to_string().contains("Support looks"), "{told}");
    assert!(app.mails_to(&admin.email).iter().all(|mail| mail.subject != "Support looks into your site"));
}

#[tokio::test]
async fn what_is_asked_is_checked() {
    let app = TestApp::start().await;
    let ((acme, _), operator) = (with_site(&app).await, app.operator("chief").await);
    for (reason, minutes, wrong) in
        [("", 5, "reason"), ("a\nb", 5, "reason"), ("Ticket", 0, "minutes"), ("Ticket", 61, "minutes")]
    {
        operator.post(&path(&acme), json!({"reason": reason, "minutes": minutes})).await.invalid(&[wrong]);
    }
    operator.post(&path(&acme), json!({"reason": "x".repeat(501), "minutes": 5})).await.invalid(&["reason"]);
    operator.post(&path(&acme), json!({"reason": "Ticket", "minutes": -1})).await.invalid(&["minutes"]);
    let globex = app.tenant("globex").await;
    let body = json!({"reason": "Ticket", "minutes": 5});
    operator.post(&path(&globex), body).await.refused(409, "site_missing");
    let told = globex.owner.get("/notifications").await.ok();
    assert_eq!(told["notifications"], json!([]), "nothing came of it");
}

#[tokio::test]
async fn the_same_key_is_the_same_access_with_a_fresh_way_in() {
    let app = TestApp::start().await;
    let ((acme, key), operator) = (with_site(&app).await, app.operator("chief").await);
    let again = async |reason: &str| {
        let call = operator.call(Method::POST, &path(&acme)).header("idempotency-key", "k1");
        call.json(&json!({"reason": reason, "minutes": 5})).send().await
    };
    let (first, second) = (again("Ticket").await.ok(), again("Ticket").await.ok());
    assert_eq!(first["access"], second["access"]);
    assert_ne!(first["sso"]["token"], second["sso"]["token"]);
    assert_eq!(redeem(&app, &second, &key).await.status(), 200);
    again("Another ticket").await.refused(422, "idempotency_mismatch");
    let kept = app.database().texts("SELECT answer FROM idempotency_keys").await;
    assert!(kept.iter().all(|answer| !answer.contains("token")), "a way in is not kept: {kept:?}");
    acme.owner.delete(&acme.path(&format!("/support-access/{}", id(&first)))).await.ok();
    again("Ticket").await.refused(409, "conflict");
}

#[tokio::test]
async fn it_ends_by_itself_after_its_minutes() {
    let app = TestApp::start().await;
    let ((acme, key), operator) = (with_site(&app).await, app.operator("chief").await);
    let started = operator.enter(&acme, 1).await;
    assert!(may_stay(&app, &started, &key).await);
    app.pass(Duration::from_secs(60));
    assert!(!may_stay(&app, &started, &key).await);
    assert_eq!(redeem(&app, &started, &key).await.status(), 403);
}

/// What ends an access at once.
async fn ends(end: impl AsyncFn(&TestApp, &TestTenant, &TestOperator, &str)) {
    let app = TestApp::start().await;
    let ((acme, key), operator) = (with_site(&app).await, app.operator("chief").await);
    let (inside, outside) = (operator.enter(&acme, 60).await, operator.enter(&acme, 60).await);
    assert_eq!(redeem(&app, &inside, &key).await.status(), 200);
    assert!(may_stay(&app, &inside, &key).await);
    for started in [&inside, &outside] {
        end(&app, &acme, &operator, id(started)).await;
    }
    assert!(!may_stay(&app, &inside, &key).await);
    assert_eq!(redeem(&app, &outside, &key).await.status(), 403, "its pass is dead");
}

#[tokio::test]
async fn the_operator_ends_it() {
    ends(async |_, acme, operator, access| {
        let ended = operator.delete(&format!("{}/{access}", path(acme))).await.ok();
        assert_eq!(ended["ended_by"], "chief@chief.example");
    })
    .await;
}

#[tokio::test]
async fn the_owner_ends_it() {
    ends(async |_, acme, _, access| {
        let ended = acme.owner.delete(&acme.path(&format!("/support-access/{access}"))).await.ok();
        assert_eq!(ended["ended_by"], "owner@acme.example");
    })
    .await;
}

#[tokio::test]
async fn the_owner_forbids_it() {
    ends(async |_, acme, operator, _| {
        acme.owner.patch(&acme.path(""), json!({"settings": {"allow_support_access": false}})).await.ok();
        let body = json!({"reason": "Ticket", "minutes": 5});
        operator.post(&path(acme), body).await.refused(403, "support_access_forbidden");
    })
    .await;
}

#[tokio::test]
async fn the_right_of_the_operator_ends() {
    ends(async |app, _, operator, _| {
        let sql = format!("UPDATE users SET is_superuser = false WHERE id = '{}'", operator.id);
        app.database().execute(&sql).await;
    })
    .await;
}

#[tokio::test]
async fn the_account_of_the_operator_is_closed() {
    ends(async |app, _, operator, _| app.disable(operator).await).await;
}

#[tokio::test]
async fn a_site_hears_of_its_own_visitors_only() {
    let app = TestApp::start().await;
    let ((acme, _), operator) = (with_site(&app).await, app.operator("chief").await);
    let globex = app.tenant("globex").await;
    globex.ask_for("create_site").await;
    let mut work = Work::lease(&app).await;
    work.complete().await;
    let started = operator.enter(&acme, 5).await;
    for key in [work.lease.site.key.as_str(), "", "nonsense"] {
        assert!(!may_stay(&app, &started, key).await);
        assert_eq!(redeem(&app, &started, key).await.status(), 403);
    }
    app.get("/sso/erpnext/support-access/nonsense").await.refused(404, "not_found");
}

#[tokio::test]
async fn an_access_is_ended_only_where_it_belongs() {
    let app = TestApp::start().await;
    let ((acme, key), operator) = (with_site(&app).await, app.operator("chief").await);
    let globex = app.tenant("globex").await;
    let started = operator.enter(&acme, 5).await;
    operator.delete(&format!("{}/{}", path(&globex), id(&started))).await.refused(404, "not_found");
    globex.owner.delete(&globex.path(&format!("/support-access/{}", id(&started)))).await.refused(404, "not_found");
    assert!(may_stay(&app, &started, &key).await);
}
