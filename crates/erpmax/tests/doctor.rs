//! `erpmax doctor`: what is good is told, what is bad with what to do.

mod support;

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Output;

use serde_json::Value;
use support::{Server, command};

fn doctor(server: &Server, environment: &[(&str, &str)]) -> (Option<i32>, Value) {
    let mut all: Vec<(String, String)> =
        environment.iter().map(|(name, value)| (format!("ERPMAX_{name}"), (*value).to_owned())).collect();
    if !server.database_url().is_empty() && environment.iter().all(|(name, _)| *name != "DATABASE__URL") {
        all.push(("ERPMAX_DATABASE__URL".to_owned(), server.database_url()));
    }
    let output = run(&all, server.folder());
    (output.status.code(), serde_json::from_slice(&output.stdout).expect("JSON"))
}

fn run(environment: &[(String, String)], folder: &Path) -> Output {
    command(environment).args(["--json", "doctor", "--data"]).arg(folder).output().expect("the binary starts")
}

/// Verdict and sentence about a thing.
fn finding(document: &Value, about: &str) -> (String, String) {
    let findings = document["findings"].as_array().expect("a list");
    let found = findings.iter().find(|finding| finding["about"] == about);
    let found = found.unwrap_or_else(|| panic!("nothing about {about} in {document}"));
    (support::text(found, "verdict").to_owned(), support::text(found, "sentence").to_owned())
}

#[track_caller]
fn assert_bad((code, document): &(Option<i32>, Value), about: &str, words: &str) {
    let (verdict, sentence) = finding(document, about);
    assert_eq!((*code, verdict.as_str()), (Some(1), "bad"), "{document}");
    assert!(sentence.contains(words), "{sentence}");
}

#[tokio::test]
async fn a_healthy_installation_is_found_healthy_while_it_runs() {
    let server = Server::start(&[]).await;
    server.register("acme").await;
    let (code, document) = doctor(&server, &[]);
    assert_eq!(code, Some(0), "{document}");
    for about in ["configuration", "data folder", "master key", "database", "sealed secrets"] {
        assert_eq!(finding(&document, about).0, "good", "{document}");
    }
    let mut people = command(&[]);
    people.args(["doctor", "--data"]).arg(server.folder());
    if !server.database_url().is_empty() {
        people.env("ERPMAX_DATABASE__URL", server.database_url());
    }
    let text = String::from_utf8_lossy(&people.output().expect("the binary starts").stdout).into_owned();
    assert!(text.lines().any(|line| line.starts_with("✓ database")), "{text}");
}

#[tokio::test]
async fn what_is_bad_is_told_with_what_to_do() {
    let mut server = Server::start(&[]).await;
    let key = server.folder().join("master.key");
    fs::set_permissions(&key, fs::Permissions::from_mode(0o644)).expect("it can be changed");
    assert_bad(&doctor(&server, &[]), "master key", "chmod 600");
    fs::set_permissions(&key, fs::Permissions::from_mode(0o600)).expect("it can be changed");
    fs::write(&key, "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8\n").expect("a key");
    assert_bad(&doctor(&server, &[]), "sealed secrets", "put the right key file back");
    fs::remove_file(&key).expect("it can be removed");
    assert_bad(&doctor(&server, &[]), "master key", "put it back from the copy");

    let nowhere = [("DATABASE__URL", "postgres://127.0.0.1:1/erpmax")];
    assert_bad(&doctor(&server, &nowhere), "database", "cannot be opened");
    let names = [("PUBLIC_URL", "http://erpmax.invalid"), ("SITES__ZONE", "sites.invalid")];
    let found = doctor(&server, &names);
    assert_bad(&found, "address", "add an A or AAAA record");
    assert_bad(&found, "sites' zone", "add a wildcard record");
    assert_bad(&doctor(&server, &[("SITES__SLOTS", "0")]), "configuration", "sites.slots");

    assert!(server.terminate().await.success());
    let failed = r#"{"status":"failed","at":"2026-01-01T00:00:00.000000Z","host":"here","boot":"one","note":"the disk is full"}"#;
    server.execute("DELETE FROM installation WHERE name = 'daily_backup'").await;
    server.execute(&format!("INSERT INTO installation (name, value) VALUES ('daily_backup', '{failed}')")).await;
    assert_bad(&doctor(&server, &[]), "backups", "the disk is full");
    server
        .execute(&format!(
            "UPDATE installation SET value = '{}' WHERE name = 'daily_backup'",
            failed.replace("failed", "done")
        ))
        .await;
    assert_bad(&doctor(&server, &[]), "backups", "hours old");
}

#[tokio::test]
async fn a_certificate_is_looked_at() {
    let server = Server::start(&[]).await;
    let made = rcgen::generate_simple_self_signed(["erpmax.localhost".to_owned()]).expect("a certificate can be made");
    let (certificate, key) = (server.folder().join("tls.pem"), server.folder().join("tls.key"));
    fs::write(&certificate, made.cert.pem()).expect("a file can be written");
    fs::write(&key, made.signing_key.serialize_pem()).expect("a file can be written");
    let files = [certificate, key].map(|file| file.to_str().expect("a path of text").to_owned());
    let look =
        |url: &str| doctor(&server, &[("TLS__CERTIFICATE", &files[0]), ("TLS__KEY", &files[1]), ("PUBLIC_URL", url)]);
    let (code, document) = look("https://erpmax.localhost");
    assert_eq!((code, finding(&document, "certificate").0.as_str()), (Some(0), "good"), "{document}");
    assert_bad(&look("https://other.localhost"), "certificate", "public_url names other.localhost");
    fs::write(&files[1], "no key").expect("a file can be written");
    assert_bad(&look("https://erpmax.localhost"), "configuration", "cannot be used");
}

#[test]
fn a_folder_that_is_not_there_is_told() {
    let output = run(&[], Path::new("/nowhere"));
    let document: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    assert_bad(&(output.status.code(), document), "data folder", "the first `erpmax serve` makes it");
}
