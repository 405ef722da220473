//! `POST /tenants/{id}/users/invite` (contract, trap 13).

use std::time::Duration;

use axum::http::Method;
use serde_json::{Value, json};

use crate::support::{Person, Setup, TestApp, TestTenant};

async fn role_in(acme: &TestTenant, email: &str) -> Option<String> {
    let members = acme.owner.get(&acme.path("/users")).await.ok();
    let member = members.as_array().expect("a list").iter().find(|member| member["email"] == email)?;
    member["role"].as_str().map(ToOwned::to_owned)
}

fn without_what_differs(mut invitation: Value) -> Value {
    for name in ["id", "email", "created_at", "expires_at", "link"] {
        assert!(invitation[name].is_string(), "{name}");
        invitation[name] = Value::Null;
    }
    invitation
}

#[tokio::test]
async fn a_proven_account_joins_at_once_and_is_told() {
    let app = TestApp::start().await;
    let (acme, guest) = (app.tenant("acme").await, app.person("guest").await);
    acme.invite("Guest@GUEST.example", "user").await;
    assert_eq!(role_in(&acme, "guest@guest.example").await.as_deref(), Some("user"));
    let me = guest.get("/auth/me").await.ok();
    assert_eq!(me["current_tenant"]["id"], guest.own_tenant);
    let default = me["tenants"].as_array().expect("a list").iter().find(|tenant| tenant["is_default"] == true);
    assert_eq!(default.map(|tenant| &tenant["tenant_id"]), Some(&guest.own_tenant.as_str().into()));
    let told = guest.get("/notifications").await.ok();
    assert_eq!(told["unread"], 1);
    assert!(told["notifications"][0]["message"].as_str().is_some_and(|text| text.contains("acme")));
}

#[tokio::test]
async fn an_unknown_address_joins_when_it_registers() {
    let app = TestApp::start().await;
    let acme = app.tenant("acme").await;
    acme.invite("new@partner.example", "admin").await;
    assert_eq!(role_in(&acme, "new@partner.example").await, None);
    let partner = Person::register(&app, "New@partner.example", "partner").await;
    assert_eq!(role_in(&acme, "New@partner.example").await.as_deref(), Some("admin"));
    assert_eq!(partner.get("/tenants").await.ok().as_array().map(Vec::len), Some(2));
}

#[tokio::test]
async fn the_answer_does_not_tell_whether_there_is_an_account() {
    let app = TestApp::start().await;
    let acme = app.tenant("acme").await;
    app.person("known").await;
    let known = acme.invite("known@known.example", "user").await;
    let unknown = acme.invite("unknown@known.example", "user").await;
    assert_eq!(without_what_differs(known), without_what_differs(unknown));
}

#[tokio::test]
async fn an_invitation_that_ran_out_makes_no_member() {
    let app = TestApp::start().await;
    let acme = app.tenant("acme").await;
    acme.invite("late@partner.example", "user").await;
    app.pass(Duration::from_secs(7 * 86_400));
    let late = Person::register(&app, "late@partner.example", "partner").await;
    assert_eq!(late.get("/tenants").await.ok().as_array().map(Vec::len), Some(1));
}

#[tokio::test]
async fn a_second_invitation_takes_the_place_of_the_first() {
    let app = TestApp::start().await;
    let acme = app.tenant("acme").await;
    for role in ["admin", "user", "admin", "user"] {
        acme.invite("new@partner.example", role).await;
    }
    Person::register(&app, "new@partner.example", "partner").await;
    assert_eq!(role_in(&acme, "new@partner.example").await.as_deref(), Some("user"));
}

#[tokio::test]
async fn an_unproven_account_waits_in_production() {
    let app = TestApp::with(|Setup { settings, payments, .. }| {
        settings.environment = erpmax_core::Environment::Production;
        *payments = false;
    })
    .await;
    let (acme, guest) = (app.tenant("acme").await, app.person("guest").await);
    acme.invite(&guest.email, "user").await;
    assert_eq!(role_in(&acme, &guest.email).await, None);
    assert_eq!(guest.get("/tenants").await.ok().as_array().map(Vec::len), Some(1));
}

#[tokio::test]
async fn the_plans_limit_counts_members_and_waiting_invitations() {
    let app = TestApp::start().await;
    let acme = app.tenant("acme").await;
    acme.member("accountant").await;
    acme.invite("waiting@acme.example", "user").await;
    let invite =
        async |email: &str| acme.owner.post(&acme.path("/users/invite"), json!({"email": email, "role": "user"})).await;
    invite("fourth@acme.example").await.refused(403, "plan_limit_reached");
    invite("waiting@acme.example").await.ok();
    app.pass(Duration::from_secs(7 * 86_400));
    acme.owner.refresh().await.ok();
    invite("fourth@acme.example").await.ok();
}

#[tokio::test]
async fn a_member_is_not_invited_again() {
    let app = TestApp::start().await;
    let acme = app.tenant("acme").await;
    let member = acme.member("accountant").await;
    let body = json!({"email": member.email.to_uppercase(), "role": "admin"});
    acme.owner.post(&acme.path("/users/invite"), body).await.refused(409, "already_a_member");
    assert_eq!(role_in(&acme, &member.email).await.as_deref(), Some("user"));
}

#[tokio::test]
async fn nobody_grants_a_role_above_the_own() {
    let app = TestApp::start().await;
    let acme = app.tenant("acme").await;
    let (admin, user) = (acme.admin("chief").await, acme.member("accountant").await);
    let body = |role: &str| json!({"email": "b@x.example", "role": role});
    let path = acme.path("/users/invite");
    user.post(&path, body("user")).await.refused(403, "forbidden");
    user.post(&path, body("admin")).await.refused(403, "forbidden");
    admin.post(&path, body("owner")).await.refused(403, "forbidden");
    acme.owner.post(&path, body("owner")).await.invalid(&["role"]);
    app.person("stranger").await.post(&path, body("user")).await.refused(404, "not_found");
    app.post(&path, body("user")).await.refused(401, "unauthorized");
}

#[tokio::test]
async fn only_an_owner_invites_admins() {
    let app = TestApp::start().await;
    let acme = app.tenant("acme").await;
    let admin = acme.admin("chief").await;
    let body = json!({"email": "b@x.example", "role": "admin"});
    admin.post(&acme.path("/users/invite"), body.clone()).await.refused(403, "forbidden");
    assert_eq!(
        app.database().texts("SELECT id FROM invitations WHERE role = 'admin' AND accepted_at IS NULL").await.len(),
        0
    );
    assert_eq!(acme.owner.post(&acme.path("/users/invite"), body).await.ok()["role"], "admin");
}

#[tokio::test]
async fn an_admin_invites_and_member_is_another_word_for_user() {
    let app = TestApp::start().await;
    let acme = app.tenant("acme").await;
    let admin = acme.admin("chief").await;
    let body = json!({"email": "b@x.example", "role": "member"});
    assert_eq!(admin.post(&acme.path("/users/invite"), body).await.ok()["role"], "user");
}

#[tokio::test]
async fn bad_fields_are_named() {
    let app = TestApp::start().await;
    let acme = app.tenant("acme").await;
    let path = acme.path("/users/invite");
    acme.owner.post(&path, json!({"email": "nobody", "role": "king"})).await.invalid(&["email", "role"]);
    acme.owner.post(&path, json!({"role": "user"})).await.invalid(&["email"]);
    acme.owner.post(&path, json!({"email": "b@x.example"})).await.invalid(&["role"]);
}

#[tokio::test]
async fn an_idempotency_key_gives_the_same_answer_once() {
    let app = TestApp::start().await;
    let acme = app.tenant("acme").await;
    let call = async |key: &str, email: &str| {
        let body = json!({"email": email, "role": "user"});
        let call = acme.owner.call(Method::POST, &acme.path("/users/invite")).header("idempotency-key", key);
        call.json(&body).send().await
    };
    let first = call("one", "guest@x.example").await;
    Person::register(&app, "guest@x.example", "guest").await;
    // Without the key this would be 409 now.
    assert_eq!(call("one", "guest@x.example").await.ok(), first.ok());
    call("one", "other@x.example").await.refused(422, "idempotency_mismatch");
    call("two", "guest@x.example").await.refused(409, "already_a_member");
    call("", "guest@x.example").await.invalid(&["Idempotency-Key"]);
    call(&"x".repeat(256), "guest@x.example").await.invalid(&["Idempotency-Key"]);
}

#[tokio::test]
async fn an_idempotency_key_is_kept_a_day_per_person_and_route() {
    let app = TestApp::start().await;
    let acme = app.tenant("acme").await;
    let admin = acme.admin("chief").await;
    let call = async |person: &Person, path: &str, body: &Value| {
        person.call(Method::POST, path).header("idempotency-key", "one").json(body).send().await
    };
    let path = acme.path("/users/invite");
    let body = json!({"email": "guest@x.example", "role": "user"});
    let first = call(&acme.owner, &path, &body).await.ok();
    assert_ne!(call(&admin, &path, &body).await.ok()["id"], first["id"]);
    call(&acme.owner, "/provisioning/jobs", &json!({"job_type": "create_site"})).await.created();
    app.pass(Duration::from_secs(86_400));
    acme.owner.refresh().await.ok();
    assert_ne!(call(&acme.owner, &path, &body).await.ok()["id"], first["id"]);
}
