//! `DELETE /tenants/{id}/users/{user_id}`.

use crate::support::{Person, TestApp, TestTenant, random_id};

fn path(tenant: &TestTenant, person: &Person) -> String {
    tenant.path(&format!("/users/{}", person.id))
}

#[tokio::test]
async fn admins_remove_users_and_owners_anybody() {
    let app = TestApp::start().await;
    let acme = app.tenant("acme").await;
    let (admin, user) = (acme.admin("chief").await, acme.member("accountant").await);
    user.delete(&path(&acme, &admin)).await.refused(403, "forbidden");
    admin.delete(&path(&acme, &acme.owner)).await.refused(403, "forbidden");
    assert_eq!(admin.delete(&path(&acme, &user)).await.ok(), serde_json::json!({}));
    acme.owner.delete(&path(&acme, &admin)).await.ok();
    admin.get(&acme.path("")).await.refused(404, "not_found");
    let told = user.get("/notifications").await.ok();
    assert!(told["notifications"][0]["message"].as_str().is_some_and(|text| text.contains("acme")), "{told}");
}

#[tokio::test]
async fn an_admin_does_not_remove_another_admin() {
    let app = TestApp::start().await;
    let acme = app.tenant("acme").await;
    let (admin, other) = (acme.admin("chief").await, acme.admin("deputy").await);
    admin.delete(&path(&acme, &other)).await.refused(403, "forbidden");
}

#[tokio::test]
async fn everybody_may_leave_but_the_last_owner() {
    let app = TestApp::start().await;
    let acme = app.tenant("acme").await;
    let (admin, user) = (acme.admin("chief").await, acme.member("accountant").await);
    admin.delete(&path(&acme, &admin)).await.ok();
    user.delete(&path(&acme, &user)).await.ok();
    acme.owner.delete(&path(&acme, &acme.owner)).await.refused(409, "conflict");
    let partner = acme.co_owner("partner").await;
    acme.owner.delete(&path(&acme, &acme.owner)).await.ok();
    partner.delete(&path(&acme, &partner)).await.refused(409, "conflict");
}

#[tokio::test]
async fn who_is_no_member_is_not_found() {
    let app = TestApp::start().await;
    let acme = app.tenant("acme").await;
    let stranger = app.person("stranger").await;
    for id in [&stranger.id, &random_id(), "no-id"] {
        acme.owner.delete(&acme.path(&format!("/users/{id}"))).await.refused(404, "not_found");
    }
    stranger.delete(&path(&acme, &acme.owner)).await.refused(404, "not_found");
    stranger.delete(&path(&acme, &stranger)).await.refused(404, "not_found");
}

#[tokio::test]
async fn who_was_removed_can_be_invited_again() {
    let app = TestApp::start().await;
    let acme = app.tenant("acme").await;
    let user = acme.member("accountant").await;
    acme.owner.delete(&path(&acme, &user)).await.ok();
    acme.invite(&user.email, "admin").await;
    user.get(&acme.path("/users")).await.ok();
}
