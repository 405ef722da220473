//! What is kept on disk says nothing, and what signs out leaves nothing.

use std::fs;
use std::path::Path;
use std::time::Duration;

use erpmax_client::store::{self, FileStore, TokenStore};
use tempfile::TempDir;

use crate::support::{Node, register, tokens};

/// Everything in a folder.
fn files(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let entries = fs::read_dir(folder).expect("the folder is there").map(|entry| entry.expect("an entry"));
    entries
        .map(|entry| (entry.file_name().to_string_lossy().into_owned(), fs::read(entry.path()).expect("a file")))
        .collect()
}

fn holds(bytes: &[u8], text: &str) -> bool {
    bytes.windows(text.len()).any(|window| window == text.as_bytes())
}

#[tokio::test]
async fn no_token_is_on_disk_and_signing_out_leaves_nothing() {
    let node = Node::start().await;
    let folder = TempDir::new().expect("a folder");
    let path = folder.path().join("kept/tokens");
    let client = node.client_with(FileStore::new(&path));
    register(&client, "acme").await;
    let tenant = client.tenants().current().await.expect("a tenant");
    let tokens = client.auth().switch_tenant(tenant.id).await.expect("to the same").tokens;
    let kept = files(path.parent().expect("a folder"));
    assert_eq!(kept.len(), 3, "the tokens, the key and the lock");
    for (name, bytes) in &kept {
        for secret in [&tokens.access_token, &tokens.refresh_token, "refresh_token", "eyJ"] {
            assert!(!holds(bytes, secret), "{secret} is in {name}");
        }
    }
    // Another process, another quarter of an hour.
    node.pass(Duration::from_secs(16 * 60));
    node.client_with(FileStore::new(&path)).auth().me().await.expect("it is signed in too");
    client.auth().logout().await.expect("it works");
    let left: Vec<_> = files(path.parent().expect("a folder")).into_iter().map(|(name, _)| name).collect();
    assert_eq!(left, ["tokens.lock"]);
}

#[cfg(unix)]
#[test]
fn only_the_owner_can_read_what_is_kept() {
    use std::os::unix::fs::PermissionsExt;

    let folder = TempDir::new().expect("a folder");
    let path = folder.path().join("kept/tokens");
    FileStore::new(&path).save(&tokens("old")).expect("it is kept");
    let mode = |path: &Path| fs::metadata(path).expect("it is there").permissions().mode() & 0o777;
    assert_eq!(
        (mode(&path), mode(&path.with_extension("key")), mode(path.parent().expect("a folder"))),
        (0o600, 0o600, 0o700)
    );
}

#[test]
fn a_file_opens_with_its_own_key_alone() {
    let folder = TempDir::new().expect("a folder");
    let path = folder.path().join("tokens");
    FileStore::with_key(&path, [1; 32]).save(&tokens("old")).expect("it is kept");
    assert_eq!(FileStore::with_key(&path, [1; 32]).load().expect("it answers"), Some(tokens("old")));
    assert_eq!(FileStore::with_key(&path, [2; 32]).load().expect("it answers"), None);
    assert_eq!(FileStore::new(&path).load().expect("it answers"), None);
    assert_eq!(files(folder.path()).len(), 1, "a given key is not written");
}

#[test]
fn a_damaged_file_is_no_sign_in_and_no_obstacle() {
    let folder = TempDir::new().expect("a folder");
    let store = FileStore::new(folder.path().join("tokens"));
    store.save(&tokens("old")).expect("it is kept");
    let whole = fs::read(folder.path().join("tokens")).expect("a file");
    for end in [0, 10, 24, whole.len() - 1] {
        fs::write(folder.path().join("tokens"), &whole[..end]).expect("it is damaged");
        assert_eq!(store.load().expect("it answers"), None, "{end}");
    }
    store.save(&tokens("new")).expect("it is kept");
    assert_eq!(store.load().expect("it answers"), Some(tokens("new")));
    store.clear().expect("it is forgotten");
    store.clear().expect("twice is as good as once");
    assert_eq!(store.load().expect("it answers"), None);
}

#[test]
fn servers_do_not_share_a_sign_in() {
    let folder = TempDir::new().expect("a folder");
    let best = |server| store::best(server, folder.path());
    best("https://stores.test.example").save(&tokens("one")).expect("it is kept");
    assert_eq!(best("https://stores.test.example/").load().expect("it answers"), Some(tokens("one")));
    assert_eq!(best("https://stores.test.example:8443").load().expect("it answers"), None);
    best("https://stores.test.example").clear().expect("it is forgotten");
}
