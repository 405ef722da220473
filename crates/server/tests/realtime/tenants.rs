//! Who hears which tenant.

use erpmax_core::auth;
use erpmax_core::realtime::Audience;
use erpmax_core::tenants::{invitations, members};
use erpmax_store::tenants;
use erpmax_types::tenants::InviteUser;
use erpmax_types::users::SwitchTenant;
use serde_json::json;

use crate::client::{Client, Heard};
use crate::support::{Node, Person, World};

async fn invite(node: &Node, owner: &Person, company: &str) {
    let request = InviteUser { email: format!("owner@{company}.example"), role: "user".to_owned() };
    invitations::invite(&node.core, &node.admin(owner).await, &request, None).await.expect("an invitation goes out");
}

async fn switch(node: &Node, person: &Person, tenant: erpmax_types::TenantId) {
    let switch = SwitchTenant { tenant_id: tenant.to_string() };
    auth::switch_tenant(&node.core, &node.signed(person).await, &switch).await.expect("it is switched");
}

#[tokio::test]
async fn each_audience_hears_its_own() {
    let world = World::new().await;
    let node = world.node().await;
    let (acme, globex) = (node.register("acme").await, node.register("globex").await);
    let (mut one, mut other) = (Client::connect(&node, &acme).await, Client::connect(&node, &globex).await);
    let audiences = [
        Audience::Tenant(acme.tenant),
        Audience::User(acme.user),
        Audience::Member(acme.tenant, acme.user),
        Audience::Session(acme.session),
    ];
    for (days, audience) in (1..).zip(audiences) {
        node.publish(audience, days).await;
        assert_eq!(one.expect("subscription:expiring").await["days_left"], days);
    }
    for audience in [Audience::Member(globex.tenant, acme.user), Audience::Member(acme.tenant, globex.user)] {
        node.publish(audience, 30).await;
    }
    one.expect_silence().await;
    other.expect_silence().await;
}

#[tokio::test]
async fn switching_the_tenant_moves_the_sessions_sockets() {
    let world = World::new().await;
    let node = world.node().await;
    let (acme, globex) = (node.register("acme").await, node.register("globex").await);
    invite(&node, &acme, "globex").await;
    node.create_site(&acme).await;
    let mut client = Client::connect(&node, &globex).await;
    let second = node.login("globex").await;
    let mut stays = Client::connect(&node, &second).await;

    switch(&node, &globex, acme.tenant).await;
    assert_eq!(client.expect("status:update").await["tenant_id"], json!(acme.tenant));
    node.publish(Audience::Tenant(globex.tenant), 1).await;
    node.publish(Audience::Tenant(acme.tenant), 2).await;
    assert_eq!(client.expect("subscription:expiring").await["days_left"], 2);
    assert_eq!(stays.expect("subscription:expiring").await["days_left"], 1);
}

#[tokio::test]
async fn switching_to_a_tenant_that_requires_a_second_factor_closes_the_sessions_sockets() {
    let world = World::new().await;
    let node = world.node().await;
    let (acme, globex) = (node.register("acme").await, node.register("globex").await);
    invite(&node, &acme, "globex").await;
    let mut tx = node.core.store().begin().await.expect("the database answers");
    tenants::update_requires_second_factor(&mut tx, acme.tenant, true).await.expect("it is required");
    tx.commit().await.expect("it is kept");
    let mut client = Client::connect(&node, &globex).await;
    switch(&node, &globex, acme.tenant).await;
    node.publish(Audience::Tenant(acme.tenant), 1).await;
    loop {
        match client.hear().await {
            Heard::Disconnected => break,
            heard => assert!(!format!("{heard:?}").contains("subscription:expiring"), "{heard:?}"),
        }
    }
}

#[tokio::test]
async fn nothing_is_lost_between_the_switch_and_what_follows_at_once() {
    let world = World::new().await;
    let node = world.node().await;
    let (acme, globex) = (node.register("acme").await, node.register("globex").await);
    invite(&node, &acme, "globex").await;
    let mut client = Client::connect(&node, &globex).await;
    switch(&node, &globex, acme.tenant).await;
    for days in 1..=20 {
        node.publish(Audience::Tenant(acme.tenant), days).await;
    }
    for days in 1..=20 {
        assert_eq!(client.expect("subscription:expiring").await["days_left"], days);
    }
}

#[tokio::test]
async fn nothing_is_lost_between_the_greeting_and_what_follows_at_once() {
    let world = World::new().await;
    let node = world.node().await;
    let acme = node.register("acme").await;
    let mut client = Client::connect(&node, &acme).await;
    node.publish(Audience::Tenant(acme.tenant), 1).await;
    assert_eq!(client.expect("subscription:expiring").await["days_left"], 1);
}

#[tokio::test]
async fn a_reconnect_with_the_old_token_hears_the_present_tenant() {
    let world = World::new().await;
    let node = world.node().await;
    let (acme, globex) = (node.register("acme").await, node.register("globex").await);
    invite(&node, &acme, "globex").await;
    switch(&node, &globex, acme.tenant).await;
    let mut client = Client::knock(&node, "/ws", json!({"token": globex.token})).await;
    assert_eq!(client.expect("connected").await["tenant_id"], json!(acme.tenant));
    node.publish(Audience::Tenant(acme.tenant), 2).await;
    assert_eq!(client.expect("subscription:expiring").await["days_left"], 2);
}

#[tokio::test]
async fn somebody_who_lost_the_tenant_still_hears_what_concerns_the_person() {
    let world = World::new().await;
    let node = world.node().await;
    let (acme, globex) = (node.register("acme").await, node.register("globex").await);
    invite(&node, &acme, "globex").await;
    switch(&node, &globex, acme.tenant).await;
    let remover = node.signed(&acme).await.member().expect("a member");
    members::remove(&node.core, &remover, &globex.user.to_string()).await.expect("removal works");
    let mut client = Client::knock(&node, "/ws", json!({"token": globex.token})).await;
    assert_eq!(client.expect("connected").await["tenant_id"], json!(null));
    node.publish(Audience::Tenant(acme.tenant), 1).await;
    node.publish(Audience::User(globex.user), 2).await;
    assert_eq!(client.wait_for("subscription:expiring").await["days_left"], 2);
}
