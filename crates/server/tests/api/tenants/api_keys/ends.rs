//! What ends a key, at its next request.

use std::time::Duration;

use serde_json::json;

use crate::support::{Factor, Key, PASSWORD, TestApp};

#[tokio::test]
async fn a_key_ends_at_its_time() {
    let app = TestApp::start().await;
    let acme = app.tenant("acme").await;
    let expires_at = app.now() + Duration::from_secs(3_600);
    let key = Key::of(&acme.owner, &acme.id, json!({"expires_at": expires_at})).await;
    app.pass(Duration::from_secs(3_500));
    key.get("/tenants/current").await.ok();
    app.pass(Duration::from_secs(100));
    key.get("/tenants/current").await.refused(401, "unauthorized");
}

#[tokio::test]
async fn a_key_ends_with_its_makers_membership_and_does_not_come_back_with_it() {
    let app = TestApp::start().await;
    let acme = app.tenant("acme").await;
    let admin = acme.admin("chief").await;
    let keys = [Key::of(&admin, &acme.id, json!({})).await, Key::of(&admin, &acme.id, json!({"role": "user"})).await];
    acme.owner.delete(&acme.path(&format!("/users/{}", admin.id))).await.ok();
    for key in &keys {
        key.get("/tenants/current").await.refused(401, "unauthorized");
    }
    acme.invite(&admin.email, "admin").await;
    admin.get(&acme.path("")).await.ok();
    for key in &keys {
        key.get("/tenants/current").await.refused(401, "unauthorized");
    }
    let trail = acme.owner.get(&acme.path("/audit?action=members.remove")).await.ok();
    assert_eq!(trail[0]["change"]["ended_api_keys"].as_array().map(Vec::len), Some(2), "{trail}");
}

#[tokio::test]
async fn a_key_ends_when_its_maker_is_no_longer_what_it_is() {
    let app = TestApp::start().await;
    let acme = app.tenant("acme").await;
    let admin = acme.admin("chief").await;
    let (above, alike) =
        (Key::of(&admin, &acme.id, json!({})).await, Key::of(&admin, &acme.id, json!({"role": "user"})).await);
    let path = acme.path(&format!("/users/{}", admin.id));
    acme.owner.patch(&path, json!({"role": "user"})).await.ok();
    above.get("/tenants/current").await.refused(401, "unauthorized");
    alike.get("/tenants/current").await.ok();
    acme.owner.patch(&path, json!({"role": "admin"})).await.ok();
    above.get("/tenants/current").await.refused(401, "unauthorized");
}

#[tokio::test]
async fn membership_and_role_are_looked_at_again_with_each_request() {
    let app = TestApp::start().await;
    let acme = app.tenant("acme").await;
    let admin = acme.admin("chief").await;
    let key = Key::of(&admin, &acme.id, json!({})).await;
    let of_admin = format!("WHERE tenant_id = '{}' AND user_id = '{}'", acme.id, admin.id);
    app.database().execute(&format!("UPDATE memberships SET role = 'user' {of_admin}")).await;
    key.get("/tenants/current").await.refused(401, "unauthorized");
    app.database().execute(&format!("DELETE FROM memberships {of_admin}")).await;
    key.get("/tenants/current").await.refused(401, "unauthorized");
}

#[tokio::test]
async fn a_key_of_a_closed_account_opens_nothing() {
    let app = TestApp::start().await;
    let acme = app.tenant("acme").await;
    let admin = acme.admin("chief").await;
    let key = Key::of(&admin, &acme.id, json!({})).await;
    app.disable(&admin).await;
    key.get("/tenants/current").await.refused(401, "unauthorized");
}

#[tokio::test]
async fn signing_out_and_another_password_leave_keys_alone() {
    let app = TestApp::start().await;
    let acme = app.tenant("acme").await;
    let key = Key::of(&acme.owner, &acme.id, json!({})).await;
    let change = json!({"current_password": PASSWORD, "new_password": "AnotherPass456"});
    acme.owner.post("/auth/password/change", change).await.ok();
    acme.owner.post_nothing("/auth/logout").await.ok();
    key.get("/tenants/current").await.ok();
}

#[tokio::test]
async fn a_company_that_requires_a_second_factor_requires_it_of_makers_too() {
    let app = TestApp::start().await;
    let acme = app.tenant("acme").await;
    let admin = acme.admin("chief").await;
    let (with, without) = (Key::of(&acme.owner, &acme.id, json!({})).await, Key::of(&admin, &acme.id, json!({})).await);
    let _factor = Factor::of(&acme.owner).await;
    acme.owner.patch(&acme.path(""), json!({"settings": {"require_second_factor": true}})).await.ok();
    with.get("/tenants/current").await.ok();
    without.get("/tenants/current").await.refused(403, "second_factor_required");
    Factor::of(&admin).await;
    without.get("/tenants/current").await.ok();
}
