//! Against the real control plane.

use std::time::Duration;

use erpmax_client::Error;
use erpmax_client::store::{MemoryStore, TokenStore};
use futures_util::future::join_all;

use crate::support::{Node, PASSWORD, register};

const QUARTER: Duration = Duration::from_secs(16 * 60);

#[tokio::test]
async fn an_expired_access_token_is_not_noticed() {
    let node = Node::start().await;
    let client = node.client();
    register(&client, "acme").await;
    node.pass(QUARTER);
    assert_eq!(client.auth().me().await.expect("it is refreshed").user.email, "owner@acme.example");
}

#[tokio::test]
async fn a_hundred_tasks_with_an_expired_token_all_succeed() {
    let node = Node::start().await;
    let client = node.client_in_process();
    register(&client, "acme").await;
    node.pass(QUARTER);
    let calls = (0..100).map(|_| {
        let client = client.clone();
        tokio::spawn(async move { client.tenants().current().await })
    });
    for call in join_all(calls).await {
        assert_eq!(call.expect("no panic").expect("it is refreshed").name, "acme");
    }
}

#[tokio::test]
async fn signing_out_ends_the_session_and_clears_the_store() {
    let node = Node::start().await;
    let client = node.client();
    register(&client, "acme").await;
    let copy = MemoryStore::default();
    copy.save(&stolen(&client).await).expect("it is kept");
    client.auth().logout().await.expect("it works");
    assert!(!client.auth().is_authenticated().await.expect("the store answers"));
    let error = node.client_with(copy).auth().me().await.expect_err("the session has ended");
    assert!(matches!(error, Error::Unauthorized(_)), "{error:?}");
}

/// The tokens of a sign-in, for somebody who should not have them.
async fn stolen(client: &erpmax_client::ApiClient) -> erpmax_client::types::users::Tokens {
    let me = client.auth().me().await.expect("somebody is signed in");
    client.auth().switch_tenant(me.tenants[0].tenant_id).await.expect("to the same tenant").tokens
}

#[tokio::test]
async fn a_wrong_password_is_told_as_such_though_somebody_is_signed_in() {
    let node = Node::start().await;
    let client = node.client();
    register(&client, "acme").await;
    let error = client.auth().login("owner@acme.example", "wrong-password-1").await.expect_err("it is wrong");
    assert_eq!(error.code(), Some(erpmax_client::types::ErrorCode::InvalidCredentials));
    client.auth().me().await.expect("the sign-in before is untouched");
    client.auth().login("owner@acme.example", PASSWORD).await.expect("the right one works");
}

#[tokio::test]
async fn a_sign_in_ends_the_session_that_it_replaces() {
    let node = Node::start().await;
    let client = node.client();
    register(&client, "acme").await;
    let earlier = client.auth().me().await.expect("somebody is signed in").session_id;
    node.pass(QUARTER);
    client.auth().login("owner@acme.example", PASSWORD).await.expect("the password is right");
    let sessions = client.auth().sessions().await.expect("a page").items;
    assert!(sessions.iter().all(|session| session.id != earlier), "{sessions:?}");
    assert_eq!(sessions.len(), 1);
}

#[tokio::test]
async fn after_a_switch_of_tenants_requests_are_about_the_new_one() {
    let node = Node::start().await;
    let client = node.client();
    register(&client, "acme").await;
    let acme = client.tenants().current().await.expect("a tenant");
    let switched = client.auth().switch_tenant(acme.id).await.expect("one may stay");
    assert_eq!(switched.tenant.id, acme.id);
    assert_eq!(client.tenants().current().await.expect("the new tokens are used").id, acme.id);
}
