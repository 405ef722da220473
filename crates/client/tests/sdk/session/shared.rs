//! Several clients with one store, as two terminals have it.

use std::sync::Arc;
use std::time::Duration;

use erpmax_client::store::{MemoryStore, StoreError, StoreLock, TokenStore};
use erpmax_client::types::users::Tokens;
use erpmax_client::{ApiClient, SessionEnd};
use futures_util::future::join_all;
use serde_json::json;
use tempfile::TempDir;

use crate::support::{Hostile, Play, Seen, envelope, refusal, signed_in, tokens};

/// A store as processes share it: with a lock file.
struct Shared {
    tokens: Arc<MemoryStore>,
    folder: Arc<TempDir>,
}

impl TokenStore for Shared {
    fn load(&self) -> Result<Option<Tokens>, StoreError> {
        self.tokens.load()
    }

    fn save(&self, tokens: &Tokens) -> Result<(), StoreError> {
        self.tokens.save(tokens)
    }

    fn clear(&self) -> Result<(), StoreError> {
        self.tokens.clear()
    }

    fn try_lock(&self) -> Result<Option<StoreLock>, StoreError> {
        StoreLock::try_file(&self.folder.path().join("tokens.lock"))
    }
}

fn clients(hostile: &Hostile, number: usize) -> Vec<ApiClient> {
    let (tokens, folder) = (Arc::new(signed_in("old")), Arc::new(TempDir::new().expect("a folder")));
    let client = |_| {
        let store = Shared { tokens: tokens.clone(), folder: folder.clone() };
        hostile.builder().token_store(store).build().expect("a client")
    };
    (0..number).map(client).collect()
}

fn expired_until_refreshed(seen: &Seen) -> Play {
    match seen.token() {
        _ if seen.is_refresh() => envelope(&json!(tokens("new"))),
        Some("new") => envelope(&json!({"marked": 1})),
        _ => refusal(401, "token_expired"),
    }
}

#[tokio::test]
async fn ten_processes_with_an_expired_token_make_one_refresh() {
    let hostile = Hostile::start(expired_until_refreshed).await;
    let calls = clients(&hostile, 10).into_iter().map(|client| async move { client.notifications().read_all().await });
    for outcome in join_all(calls).await {
        outcome.expect("it is refreshed");
    }
    assert_eq!(hostile.refreshes(), 1);
}

#[tokio::test]
async fn signing_out_in_one_process_signs_the_other_out() {
    let hostile = Hostile::start(|seen: &Seen| {
        if seen.path.ends_with("/logout") { envelope(&json!({})) } else { refusal(401, "unauthorized") }
    });
    let hostile = hostile.await;
    let store = Arc::new(signed_in("old"));
    let (sender, told) = std::sync::mpsc::channel();
    let first = hostile.builder().shared_token_store(store.clone()).build().expect("a client");
    let second = hostile
        .builder()
        .shared_token_store(store)
        .on_session_end(move |end| sender.send(end).expect("the test listens"));
    let second = second.build().expect("a client");
    assert!(second.auth().is_authenticated().await.expect("the store answers"));
    first.auth().logout().await.expect("it works");
    second.auth().me().await.expect_err("nobody is signed in");
    assert_eq!(told.try_iter().collect::<Vec<_>>(), [SessionEnd::SignedOutElsewhere]);
    assert_eq!(hostile.refreshes(), 0);
}

#[tokio::test]
async fn a_store_that_another_process_holds_is_waited_for() {
    let hostile = Hostile::start(expired_until_refreshed).await;
    let (tokens, folder) = (Arc::new(signed_in("old")), Arc::new(TempDir::new().expect("a folder")));
    let other = Shared { tokens: tokens.clone(), folder: folder.clone() };
    let client = hostile.builder().token_store(Shared { tokens, folder }).build().expect("a client");
    let lock = other.try_lock().expect("it can be locked").expect("nobody holds it");
    let waiting = tokio::spawn(async move { client.notifications().read_all().await });
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert!(!waiting.is_finished());
    assert_eq!(hostile.refreshes(), 0);
    drop(lock);
    waiting.await.expect("no panic").expect("it is refreshed");
}
