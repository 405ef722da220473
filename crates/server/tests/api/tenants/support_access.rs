//! `GET /tenants/{id}/support-access`, ending one, and whether support is let in.

use serde_json::{Value, json};

use crate::support::{TestApp, TestTenant};

async fn with_site(app: &TestApp) -> TestTenant {
    let acme = app.tenant("acme").await;
    acme.complete("create_site").await;
    acme
}

#[tokio::test]
async fn owners_and_admins_see_who_of_support_was_in_and_why() {
    let app = TestApp::start().await;
    let (acme, operator) = (with_site(&app).await, app.operator("chief").await);
    let (admin, user, stranger) =
        (acme.admin("deputy").await, acme.member("clerk").await, app.person("stranger").await);
    let (first, second) = (operator.enter(&acme, 5).await, operator.enter(&acme, 60).await);
    let path = acme.path("/support-access");
    for person in [&acme.owner, &admin] {
        let seen = person.get(&path).await.ok();
        assert_eq!(seen, json!([second["access"], first["access"]]));
        assert_eq!(
            (&seen[0]["operator_name"], &seen[0]["reason"]),
            (&json!("chief@chief.example"), &json!("Ticket 4711"))
        );
    }
    user.get(&path).await.refused(403, "forbidden");
    stranger.get(&path).await.refused(404, "not_found");
}

#[tokio::test]
async fn only_an_owner_ends_one_and_once() {
    let app = TestApp::start().await;
    let (acme, operator) = (with_site(&app).await, app.operator("chief").await);
    let admin = acme.admin("deputy").await;
    let started = operator.enter(&acme, 5).await;
    let path = acme.path(&format!("/support-access/{}", started["access"]["id"].as_str().expect("an id")));
    admin.delete(&path).await.refused(403, "forbidden");
    let ended = acme.owner.delete(&path).await.ok();
    assert!(ended["ended_at"].is_string(), "{ended}");
    assert_eq!(acme.owner.delete(&path).await.ok(), ended, "it stays as it is");
    let trail = acme.owner.get(&acme.path("/audit?action=tenants.end_support_access")).await.ok();
    assert_eq!(trail.as_array().map(Vec::len), Some(1), "{trail}");
    acme.owner.delete(&acme.path("/support-access/nonsense")).await.refused(404, "not_found");
}

#[tokio::test]
async fn only_an_owner_forbids_it_and_a_client_that_does_not_know_of_it_changes_nothing() {
    let app = TestApp::start().await;
    let (acme, operator) = (with_site(&app).await, app.operator("chief").await);
    let admin = acme.admin("deputy").await;
    let set = async |person: &crate::support::Person, settings: Value| {
        person.patch(&acme.path(""), json!({"settings": settings})).await
    };
    set(&admin, json!({"allow_support_access": false})).await.refused(403, "forbidden");
    for bad in [json!("no"), json!(0), Value::Null] {
        set(&acme.owner, json!({"allow_support_access": bad})).await.invalid(&["settings"]);
    }
    let kept = set(&acme.owner, json!({"allow_support_access": false})).await.ok();
    assert_eq!(kept["settings"]["allow_support_access"], false);
    let kept = set(&admin, json!({"language": "uk"})).await.ok();
    assert_eq!(kept["settings"], json!({"language": "uk", "allow_support_access": false}));
    set(&admin, json!({"allow_support_access": true})).await.refused(403, "forbidden");
    let body = json!({"reason": "Ticket", "minutes": 5});
    let path = format!("/operator/tenants/{}/access", acme.id);
    operator.post(&path, body.clone()).await.refused(403, "support_access_forbidden");
    set(&acme.owner, json!({"allow_support_access": true})).await.ok();
    operator.post(&path, body).await.ok();
}
