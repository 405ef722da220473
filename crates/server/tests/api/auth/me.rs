//! `GET /auth/me`.

use serde_json::Value;

use crate::support::TestApp;

#[tokio::test]
async fn the_account_is_nested_and_flat() {
    let app = TestApp::start().await;
    let acme = app.tenant("acme").await;
    let data = acme.owner.get("/auth/me").await.ok();
    assert_eq!(data["user"]["id"], acme.owner.id);
    for (name, value) in data["user"].as_object().expect("an object") {
        assert_eq!(&data[name], value, "{name}");
    }
    assert_eq!(data["tenants"][0]["tenant_name"], "acme");
    assert_eq!(data["current_tenant"]["id"], acme.id);
    assert!(data["session_id"].is_string());
}

#[tokio::test]
async fn who_was_removed_still_sees_the_account_and_the_other_tenants() {
    let app = TestApp::start().await;
    let acme = app.tenant("acme").await;
    let member = acme.member("accountant").await;
    acme.owner.delete(&acme.path(&format!("/users/{}", member.id))).await.ok();
    let data = member.get("/auth/me").await.ok();
    assert_eq!(data["current_tenant"], Value::Null);
    assert_eq!(data["tenants"].as_array().map(Vec::len), Some(1));
}
