//! What a key leaves behind: entries of the audit trail, and answers kept for its repeated requests.

use axum::http::Method;
use serde_json::{Value, json};

use crate::support::{Answer, Key, TestApp};

#[tokio::test]
async fn the_trail_names_the_key_and_who_made_it() {
    let app = TestApp::start().await;
    let acme = app.tenant("acme").await;
    let key = Key::of(&acme.owner, &acme.id, json!({"name": "Scanner", "scopes": ["tenant:write"]})).await;
    let change = json!({"settings": {"language": "uk"}});
    key.call(Method::PATCH, &acme.path("")).json(&change).send().await.ok();
    acme.owner.delete(&acme.path(&format!("/api-keys/{}", key.id))).await.ok();

    let trail = acme.owner.get(&acme.path("/audit")).await.ok();
    let of = |action: &str| {
        let found = trail.as_array().expect("a list").iter().find(|event| event["action"] == action);
        found.unwrap_or_else(|| panic!("{action} is missing: {trail}")).clone()
    };
    let update = of("tenants.update");
    assert_eq!(update["api_key"], json!({"id": key.id, "name": "Scanner"}));
    assert_eq!(update["actor"]["user_id"], acme.owner.id);
    assert_eq!((&update["session_id"], &update["address"]), (&Value::Null, &json!(key.address.to_string())));
    for action in ["api_keys.create", "api_keys.revoke"] {
        let event = of(action);
        assert_eq!((&event["target"], &event["api_key"]), (&json!(key.id), &Value::Null));
        assert_eq!(event["change"]["name"], "Scanner");
        assert!(event["session_id"].is_string());
    }
    assert_eq!(of("api_keys.create")["change"]["scopes"], json!(["tenant:write"]));
    let table = acme.owner.get(&acme.path("/audit.csv")).await.text;
    assert!(table.contains(&format!(",{},Scanner,", key.id)), "{table}");
}

#[tokio::test]
async fn repeated_requests_of_a_key_and_of_its_maker_are_told_apart() {
    let app = TestApp::start().await;
    let acme = app.tenant("acme").await;
    app.database().execute("UPDATE plans SET limits = '{}'").await;
    let keys = [Key::of(&acme.owner, &acme.id, json!({})).await, Key::of(&acme.owner, &acme.id, json!({})).await];
    let once = async |bearer: &str, email: &str| -> Answer {
        let call = app.call(Method::POST, &acme.path("/users/invite")).bearer(bearer).header("idempotency-key", "1");
        call.json(&json!({"email": email, "role": "user"})).send().await
    };
    let bearers = [keys[0].text.clone(), keys[1].text.clone(), acme.owner.access()];
    let mut answers = Vec::new();
    for (number, bearer) in bearers.iter().enumerate() {
        answers.push(once(bearer, &format!("guest{number}@globex.example")).await.ok());
    }
    for (number, bearer) in bearers.iter().enumerate() {
        assert_eq!(once(bearer, &format!("guest{number}@globex.example")).await.ok(), answers[number]);
        once(bearer, "somebody@globex.example").await.refused(422, "idempotency_mismatch");
    }
}
