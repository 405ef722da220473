//! A company that lets in only members with a second factor.

use axum::http::Method;
use serde_json::{Value, json};

use crate::support::{Answer, Factor, PASSWORD, Person, TestApp, TestTenant};

async fn set(person: &Person, acme: &TestTenant, settings: Value) -> Answer {
    person.patch(&acme.path(""), json!({"settings": settings})).await
}

/// A company whose owner has one, and requires it.
async fn strict(app: &TestApp) -> (TestTenant, Factor) {
    let acme = app.tenant("acme").await;
    let factor = Factor::of(&acme.owner).await;
    let kept = set(&acme.owner, &acme, json!({"require_second_factor": true})).await.ok();
    assert_eq!(kept["settings"]["require_second_factor"], true);
    (acme, factor)
}

#[tokio::test]
async fn members_without_one_are_kept_out_until_they_have_one() {
    let app = TestApp::start().await;
    let acme = app.tenant("acme").await;
    let (admin, member) = (acme.admin("chief").await, acme.member("accountant").await);
    let _factor = Factor::of(&acme.owner).await;
    set(&acme.owner, &acme, json!({"require_second_factor": true})).await.ok();
    for path in [acme.path(""), "/tenants/current".to_owned(), "/billing/subscription".to_owned()] {
        acme.owner.get(&path).await.ok();
        for person in [&admin, &member] {
            let refused = person.get(&path).await.refused(403, "second_factor_required");
            assert!(refused.body["error"].get("details").is_none(), "there is nothing to answer: {}", refused.text);
        }
    }
    member.post_nothing("/sso/erpnext/token").await.refused(403, "second_factor_required");
    for path in ["/auth/me", "/auth/two-factor", "/tenants", "/notifications"] {
        member.get(path).await.ok();
    }
    Factor::of(&member).await;
    member.get(&acme.path("")).await.ok();
    member.switch_to(&member.own_tenant.clone()).await;
    member.get("/tenants/current").await.ok();
}

#[tokio::test]
async fn other_companies_of_the_same_person_stay_open() {
    let app = TestApp::start().await;
    let acme = app.tenant("acme").await;
    let member = acme.member("accountant").await;
    let _factor = Factor::of(&acme.owner).await;
    set(&acme.owner, &acme, json!({"require_second_factor": true})).await.ok();
    member.get(&format!("/tenants/{}", member.own_tenant)).await.ok();
    app.person("stranger").await.get(&acme.path("")).await.refused(404, "not_found");
}

#[tokio::test]
async fn only_an_owner_with_one_switches_it() {
    let app = TestApp::start().await;
    let acme = app.tenant("acme").await;
    let admin = acme.admin("chief").await;
    set(&acme.owner, &acme, json!({"require_second_factor": true})).await.refused(403, "second_factor_required");
    for person in [&acme.owner, &admin] {
        Factor::of(person).await;
    }
    set(&admin, &acme, json!({"require_second_factor": true})).await.refused(403, "forbidden");
    set(&acme.owner, &acme, json!({"require_second_factor": true})).await.ok();
    set(&admin, &acme, json!({"require_second_factor": false})).await.refused(403, "forbidden");
    set(&admin, &acme, json!({"require_second_factor": true, "language": "uk"})).await.ok();
    for bad in [json!("yes"), json!(1), Value::Null] {
        set(&acme.owner, &acme, json!({"require_second_factor": bad})).await.invalid(&["settings"]);
    }
    set(&acme.owner, &acme, json!({"require_second_factor": false})).await.ok();
}

#[tokio::test]
async fn a_client_that_does_not_know_of_it_does_not_switch_it_off() {
    let app = TestApp::start().await;
    let (acme, _factor) = strict(&app).await;
    let kept = set(&acme.owner, &acme, json!({"language": "uk"})).await.ok();
    assert_eq!(kept["settings"], json!({"language": "uk", "require_second_factor": true}));
}

#[tokio::test]
async fn who_switches_the_own_one_off_is_kept_out() {
    let app = TestApp::start().await;
    let (acme, factor) = strict(&app).await;
    factor.disable().await;
    acme.owner.get(&acme.path("")).await.refused(403, "second_factor_required");
    Factor::of(&acme.owner).await;
    acme.owner.get(&acme.path("")).await.ok();
}

#[tokio::test]
async fn the_check_takes_no_statement_of_its_own() {
    let app = TestApp::quiet().await;
    let (acme, _factor) = strict(&app).await;
    let before = app.core().store().statements();
    acme.owner.get(&acme.path("")).await.ok();
    assert_eq!(app.core().store().statements() - before, 2);
}

#[tokio::test]
async fn signing_in_still_works_so_that_one_can_be_set_up() {
    let app = TestApp::start().await;
    let acme = app.tenant("acme").await;
    let member = acme.member("accountant").await;
    let _factor = Factor::of(&acme.owner).await;
    set(&acme.owner, &acme, json!({"require_second_factor": true})).await.ok();
    let body = json!({"email": member.email, "password": PASSWORD});
    app.call(Method::POST, "/auth/login").json(&body).send().await.ok();
    member.post("/auth/switch-tenant", json!({"tenant_id": acme.id})).await.ok();
}
