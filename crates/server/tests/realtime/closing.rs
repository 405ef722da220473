//! Sockets that are closed.

use std::time::Duration;

use erpmax_core::audit::Actor;
use erpmax_core::auth;
use erpmax_core::realtime::Audience;
use erpmax_core::tenants::{invitations, members};
use erpmax_server::realtime::RealtimeSettings;
use erpmax_types::tenants::InviteUser;
use erpmax_types::users::SwitchTenant;

use crate::client::{Client, Heard};
use crate::support::{Node, Person, World};

fn sweeping() -> RealtimeSettings {
    RealtimeSettings { sweep: Duration::from_millis(100), ..RealtimeSettings::default() }
}

/// A session of the second person in the first one's company.
async fn join_company(node: &Node, owner: &Person, member: &Person, company: &str) -> Person {
    let request = InviteUser { email: format!("owner@{company}.example"), role: "user".to_owned() };
    invitations::invite(&node.core, &node.admin(owner).await, &request, None).await.expect("an invitation goes out");
    let switch = SwitchTenant { tenant_id: owner.tenant.to_string() };
    let switched = auth::switch_tenant(&node.core, &node.signed(member).await, &switch).await.expect("it is switched");
    node.person(switched.tokens.access_token).await
}

#[tokio::test]
async fn logout_closes_the_sessions_sockets_and_no_others() {
    let world = World::new().await;
    let node = world.node().await;
    let (phone, laptop) = (node.register("acme").await, node.login("acme").await);
    let (mut first, mut second) = (Client::connect(&node, &phone).await, Client::connect(&node, &phone).await);
    let mut other = Client::connect(&node, &laptop).await;
    auth::logout(&node.core, &node.signed(&phone).await).await.expect("logout works");
    node.publish(Audience::User(phone.user), 3).await;
    assert_eq!(first.hear().await, Heard::Disconnected);
    assert_eq!(second.hear().await, Heard::Disconnected);
    assert_eq!(other.expect("subscription:expiring").await["days_left"], 3);
}

#[tokio::test]
async fn removal_from_the_tenant_closes_the_members_sockets_there() {
    let world = World::new().await;
    let node = world.node().await;
    let (owner, member) = (node.register("acme").await, node.register("globex").await);
    let at_home = node.login("globex").await;
    let member = join_company(&node, &owner, &member, "globex").await;
    let (mut there, mut home) = (Client::connect(&node, &member).await, Client::connect(&node, &at_home).await);
    let mut boss = Client::connect(&node, &owner).await;
    let remover = node.signed(&owner).await.member().expect("a member");
    members::remove(&node.core, &remover, &member.user.to_string()).await.expect("removal works");
    assert_eq!(there.hear().await, Heard::Disconnected);
    node.publish(Audience::Tenant(owner.tenant), 3).await;
    node.publish(Audience::User(member.user), 7).await;
    assert_eq!(boss.wait_for("subscription:expiring").await["days_left"], 3);
    assert_eq!(home.wait_for("subscription:expiring").await["days_left"], 7);
}

#[tokio::test]
async fn deactivation_closes_all_sockets_of_the_person() {
    let world = World::new().await;
    let node = world.node().await;
    let (phone, laptop) = (node.register("acme").await, node.login("acme").await);
    let (mut first, mut second) = (Client::connect(&node, &phone).await, Client::connect(&node, &laptop).await);
    auth::deactivate(&node.core, phone.user, Actor::default()).await.expect("deactivation works");
    assert_eq!(first.hear().await, Heard::Disconnected);
    assert_eq!(second.hear().await, Heard::Disconnected);
}

#[tokio::test]
async fn sockets_do_not_outlive_their_session() {
    let world = World::new().await;
    let node = world.node_with(sweeping()).await;
    let mut client = Client::connect(&node, &node.register("acme").await).await;
    client.expect_silence().await;
    world.pass(Duration::from_secs(90 * 86_400));
    assert_eq!(client.hear().await, Heard::Disconnected);
}

#[tokio::test]
async fn an_account_disabled_behind_our_back_loses_its_sockets() {
    let world = World::new().await;
    let node = world.node_with(sweeping()).await;
    let (owner, other) = (node.register("acme").await, node.register("globex").await);
    let (mut client, mut bystander) = (Client::connect(&node, &owner).await, Client::connect(&node, &other).await);
    let mut tx = node.core.store().begin().await.expect("the database answers");
    erpmax_store::users::update_active(&mut tx, owner.user, false, node.core.now()).await.expect("it is disabled");
    tx.commit().await.expect("it is kept");
    assert_eq!(client.hear().await, Heard::Disconnected);
    bystander.expect_silence().await;
}

#[tokio::test]
async fn a_membership_that_ends_behind_our_back_is_no_longer_heard() {
    let world = World::new().await;
    let node = world.node_with(sweeping()).await;
    let owner = node.register("acme").await;
    let mut client = Client::connect(&node, &owner).await;
    let mut tx = node.core.store().begin().await.expect("the database answers");
    erpmax_store::memberships::delete(&mut tx, owner.tenant, owner.user).await.expect("it is ended");
    tx.commit().await.expect("it is kept");
    tokio::time::sleep(Duration::from_millis(500)).await;
    node.publish(Audience::Tenant(owner.tenant), 3).await;
    node.publish(Audience::User(owner.user), 7).await;
    assert_eq!(client.expect("subscription:expiring").await["days_left"], 7);
}

#[tokio::test]
async fn the_end_of_the_node_closes_connections_so_that_clients_come_back() {
    let world = World::new().await;
    let node = world.node().await;
    let owner = node.register("acme").await;
    let mut client = Client::connect(&node, &owner).await;
    node.shutdown.cancel();
    // A client that is disconnected from its namespace would not come back by itself.
    assert_eq!(client.hear().await, Heard::Closed);
    tokio::time::timeout(Duration::from_secs(5), node.sockets).await.expect("it ends soon").expect("it ends well");
    assert!(Client::open(node.address, "en").await.is_err());
}
