//! What sockets say.

use erpmax_core::auth;
use erpmax_core::tenants::invitations;
use erpmax_types::tenants::InviteUser;
use serde_json::json;

use crate::client::Client;
use crate::support::{Node, Person, World};

/// Lets the second company's owner be notified; the notification's id.
async fn notify(node: &Node, inviter: &Person, invited: &str, client: &mut Client) -> String {
    let request = InviteUser { email: format!("owner@{invited}.example"), role: "user".to_owned() };
    invitations::invite(&node.core, &node.admin(inviter).await, &request, None).await.expect("an invitation goes out");
    client.wait_for("notification:new").await["id"].as_str().expect("it has an id").to_owned()
}

#[tokio::test]
async fn a_notification_is_marked_as_read() {
    let world = World::new().await;
    let node = world.node().await;
    let (inviter, invited) = (node.register("acme").await, node.register("globex").await);
    let mut client = Client::connect(&node, &invited).await;
    let id = notify(&node, &inviter, "globex", &mut client).await;
    client.emit("notification_read", &json!({"notification_id": id})).await;
    assert_eq!(client.wait_for("notification_read_confirmed").await["notification_id"], json!(id));
    let page = erpmax_types::envelope::PageRequest::default();
    let listed = erpmax_core::notifications::list(&node.core, &node.signed(&invited).await, page).await;
    assert_eq!(listed.expect("the list is there").0.unread, 0);
}

#[tokio::test]
async fn a_foreign_notification_is_as_unknown_as_none() {
    let world = World::new().await;
    let node = world.node().await;
    let (inviter, invited) = (node.register("acme").await, node.register("globex").await);
    let id = notify(&node, &inviter, "globex", &mut Client::connect(&node, &invited).await).await;
    let mut stranger = Client::connect(&node, &node.register("initech").await).await;
    for id in [id, uuid::Uuid::now_v7().to_string(), "no id".to_owned()] {
        stranger.emit("notification_read", &json!({"notification_id": id})).await;
        let error = stranger.expect("error").await;
        assert_eq!((&error["code"], &error["message"]), (&json!("not_found"), &json!("Not found.")));
    }
}

#[tokio::test]
async fn what_cannot_be_read_is_an_error_and_the_socket_lives_on() {
    let world = World::new().await;
    let node = world.node().await;
    let mut client = Client::connect(&node, &node.register("acme").await).await;
    for argument in [json!({}), json!(7), json!("x"), json!(null), json!({"notification_id": 7}), json!([1, 2])] {
        client.emit("notification_read", &argument).await;
        assert_eq!(client.expect("error").await["code"], "malformed_request", "{argument}");
    }
    client.send("42/ws,[\"notification_read\"]").await;
    assert_eq!(client.expect("error").await["code"], "malformed_request");
    client.emit("unheard_of", &json!({})).await;
    client.emit("ping", &json!({})).await;
    client.expect("pong").await;
}

#[tokio::test]
async fn what_is_said_before_the_server_answered_is_heard() {
    let world = World::new().await;
    let node = world.node().await;
    let owner = node.register("acme").await;
    let mut client = Client::knock(&node, "/ws", json!({"token": owner.token})).await;
    client.emit("notification_read", &json!({"notification_id": "no id"})).await;
    assert_eq!(client.wait_for("error").await["code"], "not_found");
}

#[tokio::test]
async fn nobody_speaks_after_logout() {
    let world = World::new().await;
    let node = world.node().await;
    let owner = node.register("acme").await;
    let mut client = Client::connect(&node, &owner).await;
    auth::logout(&node.core, &node.signed(&owner).await).await.expect("logout works");
    assert_eq!(client.hear().await, crate::client::Heard::Disconnected);
    client.emit("ping", &json!({})).await;
    assert_eq!(client.hear().await, crate::client::Heard::Closed);
}
