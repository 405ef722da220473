//! In process, and over the network: the same.

use std::net::SocketAddr;

use erpmax_client::ApiClient;
use erpmax_client::types::users::Role;
use futures_util::TryStreamExt;

use crate::support::{Node, PASSWORD, register};

#[tokio::test]
async fn both_transports_do_the_same() {
    let node = Node::start().await;
    for (client, company) in [(node.client(), "acme"), (node.client_in_process(), "globex")] {
        register(&client, company).await;
        let tenant = client.tenants().current().await.expect("a tenant");
        assert_eq!(tenant.name, company);
        let users: Vec<_> = client.tenants().users(tenant.id).stream().try_collect().await.expect("a list");
        assert_eq!((users.len(), users[0].role), (1, Role::Owner));
    }
}

#[tokio::test]
async fn the_transport_in_process_hands_on_the_callers_address() {
    let node = Node::start().await;
    let client = node.client_in_process();
    register(&client, "acme").await;
    for (caller, shown) in [("192.0.2.7:50000", "192.0.2.7"), ("[2001:db8:1:2:3::4]:50000", "2001:db8:1:2::/64")] {
        let caller: SocketAddr = caller.parse().expect("an address");
        let transport = node.transport().on_behalf_of(caller);
        let other = ApiClient::builder("http://localhost").transport(transport).build().expect("a client");
        other.auth().login("owner@acme.example", PASSWORD).await.expect("it works");
        let sessions = other.auth().sessions().await.expect("a list").items;
        let current = sessions.iter().find(|session| session.current).expect("it is listed");
        assert_eq!(current.address, shown);
    }
}

#[tokio::test]
async fn the_network_cannot_hand_on_an_address() {
    let node = Node::start().await;
    let client = node.client();
    register(&client, "acme").await;
    let sessions = client.auth().sessions().await.expect("a list").items;
    assert_eq!(sessions[0].address, "127.0.0.1");
}

#[tokio::test]
async fn a_list_is_streamed_page_after_page() {
    let node = Node::start().await;
    let client = node.client_in_process();
    register(&client, "acme").await;
    for _ in 0..6 {
        let other = node.client_in_process();
        other.auth().login("owner@acme.example", PASSWORD).await.expect("it works");
    }
    let page = client.auth().sessions().size(3).await.expect("a page");
    assert_eq!((page.items.len(), page.total, page.pages, page.has_more()), (3, 7, 3, true));
    let last = client.auth().sessions().size(3).page(3).await.expect("a page");
    assert_eq!((last.items.len(), last.has_more()), (1, false));
    let all: Vec<_> = client.auth().sessions().size(3).stream().try_collect().await.expect("all");
    let mut ids: Vec<_> = all.iter().map(|session| session.id).collect();
    ids.dedup();
    assert_eq!(ids.len(), 7);
}

#[test]
fn an_address_that_cannot_be_used_is_told_at_once() {
    for wrong in
        ["", "api.example", "ftp://api.example", "https://", "https://owner:secret@api.example", "https://a/?x=1"]
    {
        assert!(ApiClient::new(wrong).is_err(), "{wrong}");
    }
    for good in
        ["https://api.example", "http://localhost:8000/", "https://api.example/api/v1", "http://[::1]:8000/api/v1/"]
    {
        ApiClient::new(good).expect("it can be used");
    }
}
