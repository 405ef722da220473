//! `PATCH /tenants/{id}`.

use serde_json::{Value, json};

use crate::support::{Answer, TestApp};

#[tokio::test]
async fn what_the_body_does_not_name_stays() {
    let app = TestApp::start().await;
    let acme = app.tenant("acme").await;
    let settings = json!({"language": "uk", "timezone": "Europe/Kyiv", "country": "UA", "currency": "UAH", "own": [1]});
    let data = acme.owner.patch(&acme.path(""), json!({"settings": settings})).await.ok();
    assert_eq!((&data["name"], &data["settings"]), (&"acme".into(), &settings));
    let data = acme.owner.patch(&acme.path(""), json!({"name": " Acme Trading "})).await.ok();
    assert_eq!((&data["name"], &data["settings"]), (&"Acme Trading".into(), &settings));
    assert_eq!(data["slug"], "acme");
    assert!(data["updated_at"].as_str() > data["created_at"].as_str());
    assert_eq!(acme.owner.get("/tenants/current").await.ok(), data);
}

#[tokio::test]
async fn an_admin_may_and_a_user_may_not() {
    let app = TestApp::start().await;
    let acme = app.tenant("acme").await;
    let (admin, user) = (acme.admin("chief").await, acme.member("accountant").await);
    admin.patch(&acme.path(""), json!({"name": "New"})).await.ok();
    user.patch(&acme.path(""), json!({"name": "Newer"})).await.refused(403, "forbidden");
    user.patch(&acme.path(""), json!({"name": 7})).await.refused(403, "forbidden");
    app.person("stranger").await.patch(&acme.path(""), json!({"name": "Newest"})).await.refused(404, "not_found");
}

#[tokio::test]
async fn slug_status_and_rights_cannot_be_set() {
    let app = TestApp::start().await;
    let acme = app.tenant("acme").await;
    let body = json!({"slug": "api", "status": "active", "is_superuser": true, "id": "1", "is_legacy": true});
    let data = acme.owner.patch(&acme.path(""), body).await.ok();
    assert_eq!(
        (&data["slug"], &data["status"], &data["id"]),
        (&"acme".into(), &"pending".into(), &acme.id.as_str().into())
    );
    assert_eq!(acme.owner.get("/auth/me").await.ok()["is_superuser"], false);
}

#[tokio::test]
async fn settings_are_bounded_and_known_keys_have_a_type() {
    let app = TestApp::start().await;
    let acme = app.tenant("acme").await;
    let set =
        async |settings: Value| -> Answer { acme.owner.patch(&acme.path(""), json!({"settings": settings})).await };
    for bad in [
        json!({"language": "xx"}),
        json!({"language": 7}),
        json!({"timezone": "../etc"}),
        json!({"country": "Ukraine"}),
        json!({"currency": "hryvnia"}),
        json!({"text": "x".repeat(16 * 1024)}),
        json!({"a": {"b": {"c": {"d": {}}}}}),
        json!([1]),
        json!("text"),
    ] {
        set(bad).await.invalid(&["settings"]);
    }
    set(json!({"a": {"b": {"c": {"d": 1}}}})).await.ok();
    set(json!({})).await.ok();
}

#[tokio::test]
async fn a_bad_name_is_refused() {
    let app = TestApp::start().await;
    let acme = app.tenant("acme").await;
    for name in ["", " ", "a\u{2028}b", "a\u{0}b", &"x".repeat(141)] {
        acme.owner.patch(&acme.path(""), json!({"name": name})).await.invalid(&["name"]);
    }
    acme.owner.patch(&acme.path(""), json!({"name": "я".repeat(140)})).await.ok();
}
