//! Against a server that refuses what it should not.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use erpmax_client::store::{MemoryStore, TokenStore};
use erpmax_client::types::proof::VerifyEmail;
use erpmax_client::{ApiClient, Error, SessionEnd};
use futures_util::future::join_all;
use serde_json::json;

use crate::support::{Hostile, Play, Seen, envelope, refusal, signed_in, tokens};

/// What happens to whoever tries to refresh; everything else is 401.
async fn refusing(refresh: fn() -> Play) -> Hostile {
    Hostile::start(move |seen| if seen.is_refresh() { refresh() } else { refusal(401, "token_expired") }).await
}

fn fresh() -> Play {
    envelope(&json!(tokens("new")))
}

/// A client of somebody who is signed in with `old`, and how often it was told of the end.
fn client(hostile: &Hostile, store: Arc<dyn TokenStore>) -> (ApiClient, Arc<AtomicUsize>) {
    let told = Arc::<AtomicUsize>::default();
    let count = told.clone();
    let builder = hostile.builder().shared_token_store(store).on_session_end(move |end| {
        assert_eq!(end, SessionEnd::Refused);
        count.fetch_add(1, Ordering::SeqCst);
    });
    (builder.build().expect("a client"), told)
}

#[tokio::test]
async fn a_hundred_tasks_with_an_expired_token_make_one_refresh() {
    let hostile = Hostile::start(|seen: &Seen| match seen.token() {
        _ if seen.is_refresh() => fresh(),
        Some("new") => envelope(&json!({"marked": 1})),
        _ => refusal(401, "token_expired"),
    });
    let hostile = hostile.await;
    let client = hostile.builder().token_store(signed_in("old")).build().expect("a client");
    let calls = (0..100).map(|_| {
        let client = client.clone();
        tokio::spawn(async move { client.notifications().read_all().await })
    });
    for call in join_all(calls).await {
        call.expect("no panic").expect("it is refreshed");
    }
    assert_eq!(hostile.refreshes(), 1);
}

#[tokio::test]
async fn a_link_is_opened_with_the_sign_in_and_fresh_tokens() {
    let hostile = Hostile::start(|seen: &Seen| match seen.token() {
        _ if seen.is_refresh() => fresh(),
        Some("new") => envelope(&json!({"email": "owner@acme.example", "ended": 0})),
        _ => refusal(401, "token_expired"),
    });
    let hostile = hostile.await;
    let client = hostile.builder().token_store(signed_in("old")).build().expect("a client");
    let verify = VerifyEmail { token: "of-a-link".to_owned(), password: None, new_password: None };
    client.auth().verify_email(&verify).await.expect("the fresh token is shown");
    assert_eq!(hostile.refreshes(), 1);
}

#[tokio::test]
async fn a_link_is_opened_without_a_sign_in_where_there_is_none() {
    let hostile = Hostile::start(|seen: &Seen| match seen.token() {
        None => envelope(&json!({"email": "owner@acme.example", "ended": 0})),
        Some(_) => refusal(401, "token_expired"),
    });
    let hostile = hostile.await;
    let client = hostile.builder().token_store(MemoryStore::default()).build().expect("a client");
    let verify = VerifyEmail { token: "of-a-link".to_owned(), password: None, new_password: None };
    client.auth().verify_email(&verify).await.expect("it asks for no sign-in");
    assert_eq!(hostile.seen().len(), 1);
}

#[tokio::test]
async fn a_server_that_says_401_for_ever_is_asked_twice() {
    let hostile = refusing(fresh).await;
    let (client, told) = client(&hostile, Arc::new(signed_in("old")));
    let error = client.auth().me().await.expect_err("it is refused");
    assert!(matches!(error, Error::Unauthorized(_)), "{error:?}");
    assert_eq!((hostile.refreshes(), hostile.seen().len()), (1, 3));
    assert_eq!(told.load(Ordering::SeqCst), 0, "the session can be refreshed, so it has not ended");
}

#[tokio::test]
async fn a_refused_refresh_clears_the_store_and_is_told_once() {
    for refresh in
        [|| refusal(401, "unauthorized"), || refusal(400, "invalid_grant"), || refusal(403, "account_disabled")]
    {
        let hostile = refusing(refresh).await;
        let store = Arc::new(signed_in("old"));
        let (client, told) = client(&hostile, store.clone());
        let calls = (0..20).map(async |_| client.auth().me().await);
        for outcome in join_all(calls).await {
            let error = outcome.expect_err("it is refused");
            assert!(matches!(error, Error::Unauthorized(_)), "{error:?}");
        }
        assert_eq!((hostile.refreshes(), told.load(Ordering::SeqCst)), (1, 1));
        assert!(store.load().expect("it answers").is_none());
        client.auth().me().await.expect_err("nobody is signed in");
        assert_eq!((hostile.refreshes(), told.load(Ordering::SeqCst)), (1, 1));
    }
}

#[tokio::test]
async fn a_refresh_that_fails_keeps_the_sign_in_and_is_tried_once_a_request() {
    let plays: [fn() -> Play; 6] = [
        || refusal(500, "internal"),
        || Play::Answer(200, "content-type: application/json\r\n", "garbage".to_owned()),
        || Play::Answer(200, "content-type: text/html\r\n", "<h1>Welcome to the hotel</h1>".to_owned()),
        || Play::Answer(401, "content-type: text/html\r\n", "<h1>Proxy</h1>".to_owned()),
        || Play::Raw("HTTP/1.1 200 OK\r\ncontent-length: 500\r\n\r\n{\"status\":\"succ".to_owned()),
        || Play::Close,
    ];
    for refresh in plays {
        let hostile = refusing(refresh).await;
        let store = Arc::new(signed_in("old"));
        let (client, told) = client(&hostile, store.clone());
        client.billing().cancel(&nothing()).await.expect_err("it cannot be refreshed");
        assert_eq!((hostile.refreshes(), told.load(Ordering::SeqCst)), (1, 0));
        assert!(store.load().expect("it answers").is_some(), "nobody said that it has ended");
    }
}

#[tokio::test]
async fn reading_is_repeated_until_a_refresh_succeeds() {
    let refreshes = AtomicUsize::new(0);
    let hostile = Hostile::start(move |seen: &Seen| match seen.token() {
        _ if seen.is_refresh() && refreshes.fetch_add(1, Ordering::SeqCst) < 2 => Play::Close,
        _ if seen.is_refresh() => fresh(),
        Some("new") => envelope(&json!({"valid": true})),
        _ => refusal(401, "token_expired"),
    });
    let hostile = hostile.await;
    let (client, told) = client(&hostile, Arc::new(signed_in("old")));
    let error = client.auth().me().await.expect_err("this is no account");
    assert!(matches!(error, Error::Unexpected { status: 200, .. }), "it was answered in the end: {error:?}");
    assert_eq!((hostile.refreshes(), told.load(Ordering::SeqCst)), (3, 0));
}

fn nothing() -> erpmax_client::types::billing::CancelSubscription {
    erpmax_client::types::billing::CancelSubscription { reason: None, cancel_at_period_end: true }
}

#[tokio::test]
async fn all_who_wait_for_a_refresh_that_fails_share_its_failure() {
    let hostile = refusing(|| Play::Late(Duration::from_millis(500), 500)).await;
    let (client, _) = client(&hostile, Arc::new(signed_in("old")));
    for outcome in join_all((0..20).map(async |_| client.notifications().read_all().await)).await {
        let error = outcome.expect_err("it cannot be refreshed");
        assert!(matches!(error, Error::Server(_)), "{error:?}");
    }
    assert_eq!(hostile.refreshes(), 1);
}

#[tokio::test]
async fn nobody_signed_in_makes_no_refresh() {
    let hostile = refusing(fresh).await;
    let (client, told) = client(&hostile, Arc::new(MemoryStore::default()));
    client.auth().me().await.expect_err("nobody is signed in");
    client.auth().refresh().await.expect_err("nobody is signed in");
    assert_eq!((hostile.refreshes(), told.load(Ordering::SeqCst)), (0, 0));
}

#[tokio::test]
async fn signing_in_sends_no_token_along_and_a_401_is_a_wrong_password() {
    let hostile = refusing(fresh).await;
    let (client, _) = client(&hostile, Arc::new(signed_in("old")));
    client.auth().login("owner@acme.example", "wrong").await.expect_err("it is wrong");
    let seen = hostile.seen();
    assert_eq!((seen.len(), seen[0].token()), (1, None));
}

#[tokio::test]
async fn whoever_gives_up_waiting_does_not_stop_the_refresh() {
    let hostile = Hostile::start(|seen: &Seen| match seen.token() {
        _ if seen.is_refresh() => fresh(),
        Some("new") => envelope(&json!({"marked": 1})),
        _ => refusal(401, "token_expired"),
    });
    let hostile = hostile.await;
    let store = Arc::new(signed_in("old"));
    let client = hostile.builder().shared_token_store(store.clone()).build().expect("a client");
    for _ in 0..50 {
        let _ = tokio::time::timeout(Duration::from_micros(300), client.notifications().read_all()).await;
    }
    client.notifications().read_all().await.expect("it goes on");
    assert_eq!(hostile.refreshes(), 1);
    assert_eq!(store.load().expect("it answers"), Some(tokens("new")));
}

#[tokio::test]
async fn a_redirect_is_not_followed_and_no_token_leaves_the_host() {
    let elsewhere = Hostile::start(|_| envelope(&json!({}))).await;
    let lure =
        format!("HTTP/1.1 307 X\r\nlocation: http://{}/api/v1/auth/me\r\ncontent-length: 0\r\n\r\n", elsewhere.address);
    let hostile = Hostile::start(move |_| Play::Raw(lure.clone())).await;
    let (client, _) = client(&hostile, Arc::new(signed_in("old")));
    let error = client.auth().me().await.expect_err("it is not followed");
    assert!(matches!(error, Error::Unexpected { status: 307, .. }), "{error:?}");
    assert!(error.to_string().contains("127.0.0.1"), "{error}");
    assert!(elsewhere.seen().is_empty());
}
