//! Several nodes on one database.

use erpmax_core::auth;
use erpmax_core::realtime::Audience;

use crate::client::{Client, Heard};
use crate::support::World;

#[tokio::test]
async fn an_event_of_one_node_reaches_the_sockets_of_the_other() {
    let world = World::new().await;
    let (one, other) = (world.node().await, world.node().await);
    let owner = one.register("acme").await;
    let mut client = Client::connect(&other, &owner).await;
    for days in 1..=5 {
        one.publish(Audience::Tenant(owner.tenant), days).await;
        assert_eq!(client.expect("subscription:expiring").await["days_left"], days);
    }
}

#[tokio::test]
async fn a_logout_at_one_node_closes_the_sockets_at_the_other() {
    let world = World::new().await;
    let (one, other) = (world.node().await, world.node().await);
    let owner = one.register("acme").await;
    let mut client = Client::connect(&other, &owner).await;
    auth::logout(&one.core, &one.signed(&owner).await).await.expect("logout works");
    assert_eq!(client.hear().await, Heard::Disconnected);
}

#[tokio::test]
async fn what_happened_before_a_node_began_is_not_told_by_it() {
    let world = World::new().await;
    let one = world.node().await;
    let owner = one.register("acme").await;
    one.publish(Audience::Tenant(owner.tenant), 1).await;
    let other = world.node().await;
    let mut client = Client::connect(&other, &owner).await;
    one.publish(Audience::Tenant(owner.tenant), 2).await;
    assert_eq!(client.expect("subscription:expiring").await["days_left"], 2);
}
