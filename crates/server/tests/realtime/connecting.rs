//! Who is let in.

use std::time::Duration;

use erpmax_core::auth;
use erpmax_core::tenants::api_keys;
use erpmax_types::api_keys::{CreateApiKey, Scope};
use serde_json::json;

use crate::client::{Client, Heard};
use crate::support::World;

#[tokio::test]
async fn both_namespaces_let_a_person_in() {
    let world = World::new().await;
    let node = world.node().await;
    let owner = node.register("acme").await;
    for namespace in ["/ws", "/"] {
        let mut client = Client::knock(&node, namespace, json!({"token": owner.token})).await;
        let connected = client.expect("connected").await;
        assert_eq!(connected["user_id"], json!(owner.user));
        assert_eq!(connected["tenant_id"], json!(owner.tenant));
        assert!(connected["message"].is_string());
    }
}

#[tokio::test]
async fn whoever_shows_no_good_token_is_told_so_and_disconnected() {
    let world = World::new().await;
    let node = world.node().await;
    for auth in [json!({}), json!({"token": ""}), json!({"token": "a.b.c"}), json!({"token": 7}), json!([])] {
        let mut client = Client::knock(&node, "/ws", auth.clone()).await;
        let error = client.expect("error").await;
        assert_eq!(error["code"], "unauthorized", "{auth}");
        assert_eq!(error["message"], "Please sign in.");
        assert_eq!(client.hear().await, Heard::Disconnected);
    }
}

#[tokio::test]
async fn a_connection_on_which_nobody_was_let_in_is_closed_soon() {
    let world = World::new().await;
    let node = world.node().await;
    let mut client = Client::knock(&node, "/ws", json!({})).await;
    client.expect("error").await;
    assert_eq!(client.hear().await, Heard::Disconnected);
    assert_eq!(client.hear().await, Heard::Closed);
}

#[tokio::test]
async fn a_refusal_speaks_the_language_of_the_handshake() {
    let world = World::new().await;
    let node = world.node().await;
    let mut client = Client::knock_in("uk-UA,uk;q=0.9", &node, "/ws", json!({})).await;
    let message = client.expect("error").await["message"].to_string();
    assert!(message.contains('і') || message.contains('у'), "{message}");
}

#[tokio::test]
async fn the_handshake_accepts_an_expired_token_until_it_is_a_day_old() {
    let world = World::new().await;
    let node = world.node().await;
    let owner = node.register("acme").await;
    world.pass(Duration::from_secs(23 * 3600));
    Client::connect(&node, &owner).await;
    world.pass(Duration::from_secs(3600));
    let mut late = Client::knock(&node, "/ws", json!({"token": owner.token})).await;
    assert_eq!(late.expect("error").await["code"], "token_expired");
    assert_eq!(late.hear().await, Heard::Disconnected);
}

#[tokio::test]
async fn a_token_of_an_ended_session_is_refused() {
    let world = World::new().await;
    let node = world.node().await;
    let owner = node.register("acme").await;
    auth::logout(&node.core, &node.signed(&owner).await).await.expect("logout works");
    let mut client = Client::knock(&node, "/ws", json!({"token": owner.token})).await;
    assert_eq!(client.expect("error").await["code"], "unauthorized");
    assert_eq!(client.hear().await, Heard::Disconnected);
}

#[tokio::test]
async fn an_api_key_is_refused() {
    let world = World::new().await;
    let node = world.node().await;
    let owner = node.register("acme").await;
    let request = CreateApiKey {
        name: "Scanner".to_owned(),
        role: "admin".to_owned(),
        scopes: Scope::ALL.iter().map(ToString::to_string).collect(),
        expires_at: node.core.now() + Duration::from_secs(3_600),
        networks: None,
    };
    let made = api_keys::create(&node.core, &node.admin(&owner).await, &request, None).await.expect("a key can be had");
    let mut client = Client::knock(&node, "/ws", json!({"token": made.key})).await;
    assert_eq!(client.expect("error").await["code"], "unauthorized");
    assert_eq!(client.hear().await, Heard::Disconnected);
}

#[tokio::test]
async fn a_disabled_account_is_refused() {
    let world = World::new().await;
    let node = world.node().await;
    let owner = node.register("acme").await;
    let mut tx = node.core.store().begin().await.expect("the database answers");
    erpmax_store::users::update_active(&mut tx, owner.user, false, node.core.now()).await.expect("it is disabled");
    tx.commit().await.expect("it is kept");
    let mut client = Client::knock(&node, "/ws", json!({"token": owner.token})).await;
    assert_eq!(client.expect("error").await["code"], "account_disabled");
}
