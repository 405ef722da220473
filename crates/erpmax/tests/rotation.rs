//! `erpmax secrets rotate`, while an installation is lived in: nobody is signed out, and it may be killed at any instant.

mod support;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::{Output, Stdio};
use std::time::Duration;

use serde_json::{Value, json};
use support::{LivedIn, Server, command, text, until};

const ENVIRONMENT: [(&str, &str); 1] = [("SANDBOX__STEP_MILLISECONDS", "20")];
/// The instants after its start at which a rotation is killed.
const INSTANTS: [u64; 10] = [2, 5, 10, 20, 35, 50, 80, 150, 400, 1_500];

fn rotation(server: &Server, arguments: &[&str]) -> std::process::Command {
    let url = server.database_url();
    let mut environment = vec![];
    if !url.is_empty() {
        environment.push(("ERPMAX_DATABASE__URL".to_owned(), url));
    }
    let mut rotation = command(&environment);
    rotation.args(["--json", "secrets", "rotate", "--data"]).arg(server.folder()).args(arguments);
    rotation
}

fn rotate(server: &Server, arguments: &[&str]) -> Output {
    rotation(server, arguments).output().expect("the binary starts")
}

#[track_caller]
fn done(output: &Output) -> Value {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).expect("JSON")
}

#[track_caller]
fn refused(output: &Output, words: &str) {
    let sentence = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(2), "{sentence}");
    assert!(sentence.contains(words) && sentence.trim().lines().count() == 1, "{sentence}");
}

fn key_file(server: &Server) -> PathBuf {
    server.folder().join("master.key")
}

fn keys(path: &Path) -> Vec<String> {
    let text = std::fs::read_to_string(path).expect("the key file can be read");
    text.lines().map(ToOwned::to_owned).collect()
}

/// How many secrets the database has, and how many of them are not under the key `id`.
async fn secrets(server: &Server, id: &str) -> (i64, i64) {
    let (mut all, mut others) = (0, 0);
    for (table, column, condition) in [
        ("signing_keys", "secret_sealed", "1 = 1"),
        ("sites", "key_sealed", "1 = 1"),
        ("installation", "value", "name = 'derivation_key'"),
    ] {
        let count = format!("SELECT count(*) FROM {table} WHERE {condition}");
        all += server.count(&count).await;
        others += server.count(&format!("{count} AND {column} NOT LIKE 'v1.{id}.%'")).await;
    }
    (all, others)
}

#[tokio::test]
async fn a_rotation_beside_a_running_server_signs_nobody_out() {
    let mut server = Server::start(&ENVIRONMENT).await;
    let owner = LivedIn::begin(&server).await;
    let old = keys(&key_file(&server));
    let rotated = done(&rotate(&server, &[]));
    let new = keys(&key_file(&server));
    assert!(new.len() == 1 && new != old);
    assert_eq!(secrets(&server, text(&rotated, "key")).await, (3, 0));
    owner.goes_on(&server).await;

    // What the running server seals from now on is under the new key.
    let other = server.register("globex").await;
    let token = text(&other, "access_token");
    let job = server.begin(token, "create_site").await;
    assert_eq!(server.job_ended(token, &job).await["status"], "completed");
    assert_eq!(secrets(&server, text(&rotated, "key")).await, (4, 0));

    assert!(server.terminate().await.success());
    server.restart().await;
    owner.goes_on(&server).await;
    owner.comes_back(&server).await;
    let job = server.begin(token, "backup_site").await;
    assert_eq!(server.job_ended(token, &job).await["status"], "completed", "a site's key opens under the new key");
}

#[tokio::test]
async fn a_rotation_may_be_killed_at_any_instant_and_goes_on_when_it_is_run_again() {
    let mut server = Server::start(&ENVIRONMENT).await;
    let owner = LivedIn::begin(&server).await;
    let mut states = BTreeSet::new();
    for instant in INSTANTS {
        let mut process =
            rotation(&server, &[]).stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("it starts");
        tokio::time::sleep(Duration::from_millis(instant)).await;
        process.kill().and_then(|()| process.wait()).expect("the process ends");
        let held = keys(&key_file(&server));
        assert!((1..=2).contains(&held.len()), "{instant} ms: {} keys", held.len());
        states.insert(held);
        owner.goes_on(&server).await;
    }
    assert!(states.len() > 1, "the key file was never caught between two keys");
    server.kill();
    server.restart().await;
    owner.goes_on(&server).await;

    let rotated = done(&rotate(&server, &[]));
    assert_eq!(keys(&key_file(&server)).len(), 1);
    assert_eq!(secrets(&server, text(&rotated, "key")).await, (3, 0));
    assert!(server.terminate().await.success());
    server.restart().await;
    owner.goes_on(&server).await;
    owner.comes_back(&server).await;
}

#[tokio::test]
async fn a_given_key_is_prepared_for_all_nodes_first() {
    let server = Server::start(&ENVIRONMENT).await;
    let owner = LivedIn::begin(&server).await;
    let old = keys(&key_file(&server));
    let given = server.folder().join("new.key");
    std::fs::write(&given, "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8\n").expect("a key");
    let given = given.to_str().expect("a path of text");
    done(&rotate(&server, &["--prepare", "--new-key-file", given]));
    let both = keys(&key_file(&server));
    assert_eq!(both, [&["AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8".to_owned()], &old[..]].concat());
    owner.goes_on(&server).await;

    let other = server.folder().join("other.key");
    std::fs::write(&other, "BBECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8\n").expect("a key");
    let other = other.to_str().expect("a path of text");
    refused(&rotate(&server, &["--new-key-file", other]), "a rotation to another key is under way");
    assert_eq!(done(&rotate(&server, &[]))["went_on"], true);
    assert_eq!(keys(&key_file(&server)), both[..1]);
    refused(&rotate(&server, &["--new-key-file", given]), "the new key is the present one");
    owner.goes_on(&server).await;
}

#[tokio::test]
async fn a_new_signing_key_is_heard_of_and_the_old_one_verifies() {
    let mut server = Server::start(&ENVIRONMENT).await;
    let owner = LivedIn::begin(&server).await;
    let rotated = done(&rotate(&server, &["--signing"]));
    let kid = text(&rotated, "signing_key");
    let login = json!({"email": "owner@acme.example", "password": support::PASSWORD});
    let signed = until("a token by the new key", Duration::from_secs(20), async || {
        let signed = server.post("/auth/login", "", login.clone()).await;
        let token = text(&signed, "access_token").to_owned();
        (kid_of(&token) == kid).then_some(token)
    })
    .await;
    owner.goes_on(&server).await;
    assert!(server.terminate().await.success());
    server.restart().await;
    owner.goes_on(&server).await;
    server.get("/auth/me", &signed).await;
    assert_eq!(server.count("SELECT count(*) FROM signing_keys WHERE retired_at IS NULL").await, 1);
}

/// The `kid` in a token's header.
fn kid_of(token: &str) -> String {
    let header = token.split('.').next().expect("a token has a header");
    let mut bits = 0_u32;
    let (mut count, mut bytes) = (0, Vec::new());
    for letter in header.bytes() {
        let value = match letter {
            b'A'..=b'Z' => letter - b'A',
            b'a'..=b'z' => letter - b'a' + 26,
            b'0'..=b'9' => letter - b'0' + 52,
            b'-' => 62,
            _ => 63,
        };
        bits = bits << 6 | u32::from(value);
        count += 6;
        if count >= 8 {
            count -= 8;
            bytes.push(u8::try_from(bits >> count & 0xff).expect("a byte"));
        }
    }
    let header: Value = serde_json::from_slice(&bytes).expect("the header is JSON");
    text(&header, "kid").to_owned()
}

#[tokio::test]
async fn what_cannot_be_rotated_is_told_in_one_sentence() {
    let mut server = Server::start(&ENVIRONMENT).await;
    let good = std::fs::read(key_file(&server)).expect("the key file can be read");
    std::fs::write(key_file(&server), "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8\n").expect("a key");
    refused(&rotate(&server, &[]), "the master key does not fit this database");
    refused(&rotate(&server, &["--signing"]), "the master key does not fit this database");
    std::fs::write(key_file(&server), good).expect("a key");
    assert!(server.terminate().await.success());
    server.execute("DELETE FROM _sqlx_migrations").await;
    refused(&rotate(&server, &[]), "older version (migration 0)");
    let nowhere = command(&[]).args(["secrets", "rotate", "--data", "/nowhere"]).output().expect("the binary starts");
    refused(&nowhere, "there is no installation in the data folder /nowhere");
}

#[test]
fn production_on_postgres_asks_for_a_key_file() {
    let variables = [
        ("ERPMAX_ENVIRONMENT", "production"),
        ("ERPMAX_PUBLIC_URL", "https://erpmax.example"),
        ("ERPMAX_DATABASE__URL", "postgres://erpmax@127.0.0.1/erpmax"),
    ];
    let variables = variables.map(|(name, value)| (name.to_owned(), value.to_owned()));
    let complaint = "master_key_file: production on PostgreSQL needs a key file of yours";
    let without = command(&variables).args(["serve", "--listen", "127.0.0.1:0"]).output().expect("the binary starts");
    assert_eq!(without.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&without.stderr).contains(complaint));
    let folder = tempfile::tempdir().expect("a folder can be made");
    let key = folder.path().join("master.key");
    let made = command(&[]).args(["secrets", "create"]).arg(&key).output().expect("the binary starts");
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    let with = command(&variables).env("ERPMAX_MASTER_KEY_FILE", &key).args(["config", "check"]).output();
    assert!(!String::from_utf8_lossy(&with.expect("the binary starts").stderr).contains("master_key_file"));
}
