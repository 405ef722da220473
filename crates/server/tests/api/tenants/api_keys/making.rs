//! Making, listing and revoking.

use std::time::Duration;

use axum::http::Method;
use serde_json::{Value, json};

use crate::support::{Key, PASSWORD, TestApp, random_id};

const DAY: Duration = Duration::from_secs(86_400);

#[tokio::test]
async fn a_key_is_shown_once_and_kept_as_a_hash_alone() {
    let app = TestApp::start().await;
    let acme = app.tenant("acme").await;
    let path = acme.path("/api-keys");
    let made = acme.owner.post(&path, Key::wish(&app, json!({"networks": ["192.0.2.77/24"]}))).await.created();
    let text = made["key"].as_str().expect("a text");
    assert!(text.starts_with("erpmax_") && text.len() == "erpmax_".len() + 43, "{text}");
    assert_eq!(made["api_key"]["hint"], text[text.len() - 4..]);
    assert_eq!(made["api_key"]["networks"], json!(["192.0.2.0/24"]));

    let listed = acme.owner.get(&path).await;
    assert!(!listed.text.contains(text), "{}", listed.text);
    assert_eq!(listed.ok(), json!([made["api_key"]]));
    for column in app.database().text_columns().await {
        let (table, name) = column.split_once('.').expect("table and column");
        let sql = format!("SELECT {name} FROM {table} WHERE {name} LIKE '%{}%'", &text["erpmax_".len()..]);
        assert!(app.database().texts(&sql).await.is_empty(), "{column} holds the key");
    }
    assert_eq!(app.database().texts("SELECT key_hash FROM api_keys").await, [erpmax_core::hash(text)]);
}

#[tokio::test]
async fn a_repeated_request_makes_one_key_and_answers_the_same() {
    let app = TestApp::start().await;
    let acme = app.tenant("acme").await;
    let call = async |wish: Value| {
        let call = acme.owner.call(Method::POST, &acme.path("/api-keys")).header("idempotency-key", "one");
        call.json(&wish).send().await
    };
    let wish = Key::wish(&app, json!({}));
    let made = call(wish.clone()).await.created();
    assert_eq!(call(wish).await.created(), made);
    call(Key::wish(&app, json!({"name": "Another"}))).await.refused(422, "idempotency_mismatch");
    assert_eq!(acme.owner.get(&acme.path("/api-keys")).await.ok(), json!([made["api_key"]]));
}

#[tokio::test]
async fn what_is_wrong_is_told_at_its_field() {
    let app = TestApp::start().await;
    let acme = app.tenant("acme").await;
    let now = app.now();
    for (field, values) in [
        ("name", vec![json!(""), json!("a\u{202e}b")]),
        ("role", vec![json!("owner"), json!("chief")]),
        ("scopes", vec![json!([]), json!(["jobs:read", "everything"]), json!(["jobs"])]),
        ("expires_at", vec![json!(now), json!(now + DAY * 365 + DAY), json!("tomorrow")]),
        ("networks", vec![json!([]), json!(["localhost"]), json!(["192.0.2.0/33"]), json!(vec!["10.0.0.1"; 101])]),
    ] {
        for value in values {
            let body = Key::wish(&app, json!({field: value}));
            acme.owner.post(&acme.path("/api-keys"), body).await.invalid(&[field]);
        }
    }
    let mut endless = Key::wish(&app, json!({}));
    endless.as_object_mut().expect("an object").remove("expires_at");
    acme.owner.post(&acme.path("/api-keys"), endless).await.invalid(&["expires_at"]);
}

#[tokio::test]
async fn nobody_makes_a_key_that_is_more_than_oneself() {
    let app = TestApp::start().await;
    let acme = app.tenant("acme").await;
    let (admin, user, stranger) =
        (acme.admin("chief").await, acme.member("accountant").await, app.person("stranger").await);
    for role in ["admin", "user"] {
        let body = Key::wish(&app, json!({"role": role}));
        for person in [&acme.owner, &admin] {
            person.post(&acme.path("/api-keys"), body.clone()).await.created();
        }
        user.post(&acme.path("/api-keys"), body.clone()).await.refused(403, "forbidden");
        stranger.post(&acme.path("/api-keys"), body).await.refused(404, "not_found");
    }
    admin.post(&acme.path("/api-keys"), Key::wish(&app, json!({"role": "owner"}))).await.invalid(&["role"]);
    user.get(&acme.path("/api-keys")).await.refused(403, "forbidden");
    stranger.get(&acme.path("/api-keys")).await.refused(404, "not_found");
}

#[tokio::test]
async fn making_one_asks_for_the_password_of_the_last_minutes_and_revoking_does_not() {
    let app = TestApp::start().await;
    let acme = app.tenant("acme").await;
    let key = Key::of(&acme.owner, &acme.id, json!({})).await;
    app.pass(Duration::from_secs(16 * 60));
    acme.owner.refresh().await.ok();
    let body = Key::wish(&app, json!({}));
    acme.owner.post(&acme.path("/api-keys"), body.clone()).await.refused(403, "confirmation_required");
    acme.owner.delete(&acme.path(&format!("/api-keys/{}", key.id))).await.ok();
    acme.owner.post("/auth/confirm", json!({"password": PASSWORD})).await.ok();
    acme.owner.post(&acme.path("/api-keys"), body).await.created();
}

#[tokio::test]
async fn a_company_has_at_most_a_hundred_keys() {
    let app = TestApp::start().await;
    let acme = app.tenant("acme").await;
    let key = Key::of(&acme.owner, &acme.id, json!({})).await;
    let columns = "tenant_id, name, hint, role, scopes, created_by, created_at, expires_at";
    let many = format!(
        "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 99)
         INSERT INTO api_keys (id, key_hash, {columns})
         SELECT CAST(i AS TEXT), CAST(i AS TEXT), {columns} FROM api_keys, n"
    );
    // The ids are never read.
    app.database().execute(&many).await;
    acme.owner.post(&acme.path("/api-keys"), Key::wish(&app, json!({}))).await.refused(409, "conflict");
    acme.owner.delete(&acme.path(&format!("/api-keys/{}", key.id))).await.ok();
    acme.owner.post(&acme.path("/api-keys"), Key::wish(&app, json!({}))).await.created();
}

#[tokio::test]
async fn any_admin_revokes_a_key_and_a_key_of_others_is_not_there() {
    let app = TestApp::start().await;
    let (acme, globex) = (app.tenant("acme").await, app.tenant("globex").await);
    let admin = acme.admin("chief").await;
    let key = Key::of(&acme.owner, &acme.id, json!({})).await;
    let path = |tenant: &str, key: &str| format!("/tenants/{tenant}/api-keys/{key}");
    globex.owner.delete(&path(&globex.id, &key.id)).await.refused(404, "not_found");
    globex.owner.delete(&path(&acme.id, &key.id)).await.refused(404, "not_found");
    admin.delete(&path(&acme.id, &random_id())).await.refused(404, "not_found");
    admin.delete(&path(&acme.id, "key")).await.refused(404, "not_found");
    key.get("/tenants/current").await.ok();
    admin.delete(&path(&acme.id, &key.id)).await.ok();
    key.get("/tenants/current").await.refused(401, "unauthorized");
    admin.delete(&path(&acme.id, &key.id)).await.refused(404, "not_found");
    assert_eq!(admin.get(&acme.path("/api-keys")).await.ok(), json!([]));
}

#[tokio::test]
async fn the_last_use_is_noted_to_the_minute() {
    let app = TestApp::start().await;
    let acme = app.tenant("acme").await;
    let key = Key::of(&acme.owner, &acme.id, json!({})).await;
    let listed = async || acme.owner.get(&acme.path("/api-keys")).await.ok()[0].clone();
    assert_eq!(listed().await["last_used_at"], Value::Null);
    key.get("/tenants/current").await.ok();
    let first = listed().await;
    assert_eq!(first["last_used_address"], key.address.to_string());
    app.pass(Duration::from_secs(30));
    key.call(Method::GET, "/tenants/current").from("192.0.2.1").send().await.ok();
    assert_eq!(listed().await, first);
    app.pass(Duration::from_secs(31));
    key.call(Method::GET, "/tenants/current").from("192.0.2.1").send().await.ok();
    let second = listed().await;
    assert_eq!(second["last_used_address"], "192.0.2.1");
    assert_ne!(second["last_used_at"], first["last_used_at"]);
}

#[tokio::test]
async fn a_call_takes_no_more_statements_than_a_persons() {
    let app = TestApp::quiet().await;
    let acme = app.tenant("acme").await;
    let key = Key::of(&acme.owner, &acme.id, json!({})).await;
    key.get(&acme.path("")).await.ok();
    let before = app.core().store().statements();
    key.get(&acme.path("")).await.ok();
    assert_eq!(app.core().store().statements() - before, 2);
}
