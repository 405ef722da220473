//! `PATCH /tenants/{id}/users/{user_id}`.

use serde_json::json;

use crate::support::{TestApp, random_id};

#[tokio::test]
async fn an_owner_changes_roles_and_it_counts_at_once() {
    let app = TestApp::start().await;
    let acme = app.tenant("acme").await;
    let member = acme.member("accountant").await;
    member.get(&acme.path("/users")).await.refused(403, "forbidden");
    let path = acme.path(&format!("/users/{}", member.id));
    assert_eq!(acme.owner.patch(&path, json!({"role": "admin"})).await.ok()["role"], "admin");
    member.get(&acme.path("/users")).await.ok();
    assert_eq!(acme.owner.patch(&path, json!({"role": "member"})).await.ok()["role"], "user");
    member.get(&acme.path("/users")).await.refused(403, "forbidden");
    let told = member.get("/notifications").await.ok();
    assert_eq!(told["unread"], 3);
}

#[tokio::test]
async fn only_owners_may() {
    let app = TestApp::start().await;
    let acme = app.tenant("acme").await;
    let (admin, user) = (acme.admin("chief").await, acme.member("accountant").await);
    let path = acme.path(&format!("/users/{}", user.id));
    admin.patch(&path, json!({"role": "admin"})).await.refused(403, "forbidden");
    user.patch(&path, json!({"role": "owner"})).await.refused(403, "forbidden");
    app.person("stranger").await.patch(&path, json!({"role": "admin"})).await.refused(404, "not_found");
}

#[tokio::test]
async fn the_last_owner_stays_one() {
    let app = TestApp::start().await;
    let acme = app.tenant("acme").await;
    let path = acme.path(&format!("/users/{}", acme.owner.id));
    acme.owner.patch(&path, json!({"role": "admin"})).await.refused(409, "conflict");
    assert_eq!(acme.owner.patch(&path, json!({"role": "owner"})).await.ok()["role"], "owner");
    acme.co_owner("partner").await;
    assert_eq!(acme.owner.patch(&path, json!({"role": "user"})).await.ok()["role"], "user");
}

#[tokio::test]
async fn two_owners_who_demote_each_other_leave_one() {
    let app = TestApp::start().await;
    let acme = app.tenant("acme").await;
    let partner = acme.co_owner("partner").await;
    let (one, other) = (acme.path(&format!("/users/{}", partner.id)), acme.path(&format!("/users/{}", acme.owner.id)));
    let (first, second) =
        tokio::join!(acme.owner.patch(&one, json!({"role": "user"})), partner.patch(&other, json!({"role": "user"})),);
    let mut statuses = [first.status(), second.status()];
    statuses.sort_unstable();
    assert!(statuses == [200, 403] || statuses == [200, 409], "{statuses:?}");
    let owners =
        app.database().texts("SELECT user_id FROM memberships WHERE role = 'owner' AND is_default = false").await;
    let owners = owners.len() + usize::from(second.status() != 200);
    assert!(owners >= 1);
}

#[tokio::test]
async fn a_foreign_and_an_unknown_person_are_not_found_and_bad_roles_named() {
    let app = TestApp::start().await;
    let acme = app.tenant("acme").await;
    let stranger = app.person("stranger").await;
    for id in [&stranger.id, &random_id(), "no-id"] {
        let path = acme.path(&format!("/users/{id}"));
        acme.owner.patch(&path, json!({"role": "admin"})).await.refused(404, "not_found");
    }
    let path = acme.path(&format!("/users/{}", acme.owner.id));
    acme.owner.patch(&path, json!({"role": "king"})).await.invalid(&["role"]);
    acme.owner.patch(&path, json!({})).await.invalid(&["role"]);
}
