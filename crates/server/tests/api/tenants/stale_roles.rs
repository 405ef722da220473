//! A role that is taken away after a request was let in and before it takes effect counts no longer.

use erpmax_core::access::{self, Member};
use erpmax_core::auth::keys;
use erpmax_core::tenants::{invitations, members};
use erpmax_types::ErrorCode;
use erpmax_types::tenants::{InviteUser, UpdateRole};
use serde_json::json;

use crate::support::{Person, TestApp, TestTenant};

/// Lets a request of the person in.
async fn let_in(app: &TestApp, acme: &TestTenant, person: &Person) -> Member {
    let claims = keys::verify(app.core(), &person.access()).await.expect("a good token");
    let tenant = acme.id.parse().expect("an id");
    access::member_of(app.core(), &claims, tenant, "192.0.2.1").await.expect("a member")
}

async fn demote(acme: &TestTenant, person: &Person) {
    let path = acme.path(&format!("/users/{}", person.id));
    acme.owner.patch(&path, json!({"role": "user"})).await.ok();
}

fn refused<T>(result: erpmax_core::Result<T>) -> ErrorCode {
    result.err().expect("it is refused").code()
}

#[tokio::test]
async fn who_is_no_longer_owner_changes_no_roles() {
    let app = TestApp::quiet().await;
    let acme = app.tenant("acme").await;
    let partner = acme.co_owner("partner").await;
    let owner = let_in(&app, &acme, &partner).await.owner().expect("an owner");
    demote(&acme, &partner).await;
    let request = UpdateRole { role: "user".to_owned() };
    let result = members::change_role(app.core(), &owner, &acme.owner.id, &request).await;
    assert_eq!(refused(result), ErrorCode::Forbidden);
}

#[tokio::test]
async fn who_is_no_longer_admin_removes_and_invites_nobody() {
    let app = TestApp::quiet().await;
    let acme = app.tenant("acme").await;
    let (chief, user) = (acme.admin("chief").await, acme.member("accountant").await);
    let member = let_in(&app, &acme, &chief).await;
    let admin = let_in(&app, &acme, &chief).await.admin().expect("an admin");
    demote(&acme, &chief).await;
    let request = InviteUser { email: "b@x.example".to_owned(), role: "user".to_owned() };
    assert_eq!(refused(members::remove(app.core(), &member, &user.id).await), ErrorCode::Forbidden);
    assert_eq!(refused(invitations::invite(app.core(), &admin, &request, None).await), ErrorCode::Forbidden);
    members::remove(app.core(), &member, &chief.id).await.expect("leaving is everybody's right");
    assert_eq!(refused(members::remove(app.core(), &member, &user.id).await), ErrorCode::NotFound);
}
