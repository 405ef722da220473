//! Whoever comes back is told what happened meanwhile.

use std::time::Duration;

use erpmax_core::auth;
use erpmax_core::realtime::Audience;
use erpmax_core::tenants::invitations;
use erpmax_types::tenants::InviteUser;
use erpmax_types::users::SwitchTenant;
use serde_json::{Value, json};

use crate::client::Client;
use crate::support::{Node, Person, World};

/// Longer than it takes until it is noted what a session heard.
const NOTED: Duration = Duration::from_millis(2_500);

/// The days that were told, each with the id of its event.
fn days(events: &[(String, Value)]) -> Vec<(i64, String)> {
    let expiring = events.iter().filter(|(name, _)| name == "subscription:expiring");
    expiring.map(|(_, event)| (event["days_left"].as_i64().expect("days"), event["event_id"].to_string())).collect()
}

#[tokio::test]
async fn what_a_node_did_not_tell_before_it_died_is_told_by_the_next_one_once() {
    let world = World::new().await;
    let node = world.node().await;
    let owner = node.register("acme").await;
    let client = Client::connect(&node, &owner).await;
    tokio::time::sleep(NOTED).await;
    node.sockets.abort();
    for left in 1..=3 {
        node.publish(Audience::Tenant(owner.tenant), left).await;
    }
    drop(client);

    let node = world.node().await;
    let mut client = Client::connect(&node, &owner).await;
    node.publish(Audience::Tenant(owner.tenant), 4).await;
    let heard = days(&client.gather().await);
    assert_eq!(heard.iter().map(|(left, _)| *left).collect::<Vec<_>>(), [1, 2, 3, 4]);
}

#[tokio::test]
async fn what_happens_while_a_node_restarts_in_good_order_is_told_afterwards() {
    let world = World::new().await;
    let node = world.node().await;
    let owner = node.register("acme").await;
    let _client = Client::connect(&node, &owner).await;
    node.shutdown.cancel();
    node.sockets.await.expect("it ends well");
    let node = world.node().await;
    node.publish(Audience::User(owner.user), 5).await;
    assert_eq!(Client::connect(&node, &owner).await.expect("subscription:expiring").await["days_left"], 5);
}

#[tokio::test]
async fn a_client_whose_connection_broke_hears_what_others_heard_under_the_same_id() {
    let world = World::new().await;
    let node = world.node().await;
    let (phone, laptop) = (node.register("acme").await, node.login("acme").await);
    let mut watching = Client::connect(&node, &laptop).await;
    drop(Client::connect(&node, &phone).await);
    node.publish(Audience::Member(phone.tenant, phone.user), 6).await;
    let live = watching.expect("subscription:expiring").await;
    assert_eq!(Client::connect(&node, &phone).await.expect("subscription:expiring").await, live);
}

#[tokio::test]
async fn who_said_goodbye_is_not_told_again_what_was_heard_long_before() {
    let world = World::new().await;
    let node = world.node().await;
    let owner = node.register("acme").await;
    let mut client = Client::connect(&node, &owner).await;
    tokio::time::sleep(NOTED).await;
    node.publish(Audience::Tenant(owner.tenant), 1).await;
    client.expect("subscription:expiring").await;
    tokio::time::sleep(2 * NOTED).await;
    client.leave().await;
    tokio::time::sleep(Duration::from_millis(200)).await;
    node.publish(Audience::Tenant(owner.tenant), 2).await;
    let mut client = Client::connect(&node, &owner).await;
    assert_eq!(client.expect("subscription:expiring").await["days_left"], 2);
    client.expect_silence().await;
}

#[tokio::test]
async fn a_session_that_never_had_a_socket_begins_with_the_present() {
    let world = World::new().await;
    let node = world.node().await;
    let owner = node.register("acme").await;
    node.publish(Audience::Tenant(owner.tenant), 1).await;
    Client::connect(&node, &owner).await.expect_silence().await;
}

#[tokio::test]
async fn of_many_missed_events_the_newest_are_told() {
    let world = World::new().await;
    let node = world.node().await;
    let owner = node.register("acme").await;
    drop(Client::connect(&node, &owner).await);
    for left in 0..200 {
        node.publish(Audience::Tenant(owner.tenant), left).await;
    }
    let heard = days(&Client::connect(&node, &owner).await.gather().await);
    assert_eq!(heard.iter().map(|(left, _)| *left).collect::<Vec<_>>(), (50..200).collect::<Vec<_>>());
}

#[tokio::test]
async fn nothing_of_a_tenant_that_was_left_or_of_the_time_before_joining_is_told() {
    let world = World::new().await;
    let node = world.node().await;
    let (acme, globex) = (node.register("acme").await, node.register("globex").await);
    drop(Client::connect(&node, &globex).await);
    node.publish(Audience::Tenant(acme.tenant), 1).await;
    node.publish(Audience::Tenant(globex.tenant), 2).await;
    world.pass(Duration::from_secs(1));
    join(&node, &acme, &globex).await;
    node.publish(Audience::Tenant(globex.tenant), 3).await;
    node.publish(Audience::Tenant(acme.tenant), 4).await;
    node.publish(Audience::User(globex.user), 5).await;
    let mut client = Client::knock(&node, "/ws", json!({"token": globex.token})).await;
    assert_eq!(client.expect("connected").await["tenant_id"], json!(acme.tenant));
    let heard = days(&client.gather().await);
    assert_eq!(heard.iter().map(|(left, _)| *left).collect::<Vec<_>>(), [4, 5]);
}

/// Lets the person of globex join acme and switch to it.
async fn join(node: &Node, acme: &Person, globex: &Person) {
    let request = InviteUser { email: "owner@globex.example".to_owned(), role: "user".to_owned() };
    invitations::invite(&node.core, &node.admin(acme).await, &request, None).await.expect("an invitation goes out");
    let switch = SwitchTenant { tenant_id: acme.tenant.to_string() };
    auth::switch_tenant(&node.core, &node.signed(globex).await, &switch).await.expect("it is switched");
}
