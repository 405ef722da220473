//! What is bounded.

use std::time::Duration;

use erpmax_core::realtime::Audience;
use erpmax_server::realtime::RealtimeSettings;
use serde_json::json;

use crate::client::{Client, Heard};
use crate::support::World;

#[tokio::test]
async fn a_session_has_so_many_sockets_and_no_more() {
    let world = World::new().await;
    let node = world.node_with(RealtimeSettings { max_per_session: 2, ..RealtimeSettings::default() }).await;
    let (phone, laptop) = (node.register("acme").await, node.login("acme").await);
    let first = Client::connect(&node, &phone).await;
    let _second = Client::connect(&node, &phone).await;
    let mut third = Client::knock(&node, "/ws", json!({"token": phone.token})).await;
    assert_eq!(third.expect("error").await["code"], "rate_limited");
    assert_eq!(third.hear().await, Heard::Disconnected);
    Client::connect(&node, &laptop).await;
    drop(first);
    tokio::time::sleep(Duration::from_millis(200)).await;
    Client::connect(&node, &phone).await;
}

#[tokio::test]
async fn a_node_has_so_many_connections_and_no_more() {
    let world = World::new().await;
    let node = world.node_with(RealtimeSettings { max_connections: 2, ..RealtimeSettings::default() }).await;
    let owner = node.register("acme").await;
    let first = Client::connect(&node, &owner).await;
    let _second = Client::connect(&node, &owner).await;
    assert!(Client::open(node.address, "en").await.is_err());
    drop(first);
    tokio::time::sleep(Duration::from_millis(200)).await;
    Client::connect(&node, &owner).await;
}

#[tokio::test]
async fn too_much_at_once_ends_the_connection() {
    let world = World::new().await;
    let node = world.node().await;
    let mut client = Client::connect(&node, &node.register("acme").await).await;
    client.emit("ping", &json!("x".repeat(65_000))).await;
    client.expect("pong").await;
    client.emit("ping", &json!("x".repeat(66_000))).await;
    assert_eq!(client.hear().await, Heard::Closed);
}

#[tokio::test]
async fn a_socket_that_does_not_read_is_dropped_and_nobody_waits_for_it() {
    let world = World::new().await;
    let node = world.node_with(RealtimeSettings { max_connections: 2, ..RealtimeSettings::default() }).await;
    let owner = node.register("acme").await;
    let sleeper = Client::connect(&node, &owner).await;
    let mut reader = Client::connect(&node, &owner).await;
    let error = "x".repeat(8192);
    for number in 0..2000 {
        let event = erpmax_types::events::Event::PaymentReceived {
            amount: erpmax_types::billing::Amount::from_minor(number, "UAH"),
            currency: error.clone(),
        };
        node.publish_news(Audience::Tenant(owner.tenant), erpmax_core::realtime::News::Event(event)).await;
        let heard = reader.expect("payment:received").await;
        assert_eq!(heard["currency"].as_str().map(str::len), Some(8192));
    }
    // Its place is free again, though it never hung up.
    Client::connect(&node, &owner).await;
    drop(sleeper);
}

#[tokio::test]
async fn whoever_floods_without_reading_is_dropped() {
    let world = World::new().await;
    let node = world.node().await;
    let mut client = Client::connect(&node, &node.register("acme").await).await;
    let flood = async {
        loop {
            client.emit("ping", &json!("x".repeat(1024))).await;
        }
    };
    let ended = std::panic::AssertUnwindSafe(flood);
    let ended = futures_util::FutureExt::catch_unwind(ended);
    assert!(tokio::time::timeout(Duration::from_secs(20), ended).await.expect("it ends").is_err());
}
