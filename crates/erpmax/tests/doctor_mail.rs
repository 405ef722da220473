//! `erpmax doctor` on mail: the server, without sending anything, and what the sender's domain says.

mod support;

use serde_json::Value;
use support::{DnsServer, MailServer, Server, command, text};

/// What is found about mail with this mail server and this DNS server.
fn examine(server: &Server, mail: &[(&str, &str)], resolver: &str) -> Value {
    let mut keys: Vec<_> =
        mail.iter().map(|(key, value)| (format!("ERPMAX_MAIL__{key}"), (*value).to_owned())).collect();
    if !server.database_url().is_empty() {
        keys.push(("ERPMAX_DATABASE__URL".to_owned(), server.database_url()));
    }
    let mut doctor = command(&keys);
    let output = doctor.args(["--json", "doctor", "--resolver", resolver, "--data"]).arg(server.folder()).output();
    serde_json::from_slice(&output.expect("the binary starts").stdout).expect("JSON")
}

#[track_caller]
fn assert_found(document: &Value, about: &str, verdict: &str, words: &str) {
    let found = document["findings"].as_array().expect("a list").iter().find(|finding| finding["about"] == about);
    let found = found.unwrap_or_else(|| panic!("nothing about {about} in {document}"));
    assert!(found["verdict"] == verdict && text(found, "sentence").contains(words), "{found}");
}

#[tokio::test]
async fn a_mail_server_that_lets_us_in_and_a_domain_with_all_records_are_good() {
    let dns = DnsServer::start(&[
        ("provider.example", "another=thing"),
        ("provider.example", "v=spf1 include:mail.example -all"),
        ("s1._domainkey.provider.example", "v=DKIM1; p=MIIB"),
        ("_dmarc.provider.example", "v=DMARC1; p=reject"),
    ]);
    let (mail, server) = (MailServer::start("take"), Server::start(&[]).await);
    let port = mail.port.to_string();
    let settings = [("HOST", "localhost"), ("PORT", &port), ("SECURITY", "none"), ("FROM", "erpmax@provider.example")];
    let found = examine(&server, &settings, &dns.0.to_string());
    assert_found(&found, "mail server", "good", "answers");
    assert_found(&found, "SPF", "good", "v=spf1 include:mail.example -all");
    assert_found(&found, "DKIM", "good", "_domainkey.provider.example");
    assert_found(&found, "DMARC", "good", "p=reject");
    assert!(mail.mails().is_empty(), "nothing is sent");
}

#[tokio::test]
async fn a_domain_without_records_is_told_what_to_add() {
    let dns = DnsServer::start(&[("other.example", "v=spf1 -all")]);
    let (mail, server) = (MailServer::start("take"), Server::start(&[]).await);
    let port = mail.port.to_string();
    let settings = [("HOST", "localhost"), ("PORT", &port), ("SECURITY", "none"), ("FROM", "erpmax@provider.example")];
    let found = examine(&server, &settings, &dns.0.to_string());
    assert_found(&found, "SPF", "doubtful", "add a TXT record such as \"v=spf1 mx include:localhost -all\"");
    assert_found(&found, "DKIM", "doubtful", "publish the key");
    assert_found(&found, "DMARC", "doubtful", "add a TXT record at _dmarc.provider.example");
}

#[tokio::test]
async fn a_policy_of_the_registered_domain_counts_and_long_answers_are_read() {
    let dns = DnsServer::start(&[
        ("mails.provider.example", "v=spf1 ip4:192.0.2.1 ip4:192.0.2.2 ip4:192.0.2.3 ip4:192.0.2.4 ip4:192.0.2.5 -all"),
        (
            "mails.provider.example",
            "filling=aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
        ),
        (
            "mails.provider.example",
            "filling=bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb",
        ),
        (
            "mails.provider.example",
            "filling=cccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc",
        ),
        (
            "mails.provider.example",
            "filling=dddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddd",
        ),
        ("_dmarc.provider.example", "v=DMARC1; p=none"),
    ]);
    let (mail, server) = (MailServer::start("take"), Server::start(&[]).await);
    let port = mail.port.to_string();
    let settings = [("HOST", "localhost"), ("PORT", &port), ("SECURITY", "none"), ("FROM", "a@mails.provider.example")];
    let found = examine(&server, &settings, &dns.0.to_string());
    assert_found(&found, "SPF", "good", "ip4:192.0.2.5");
    assert_found(&found, "DMARC", "doubtful", "at _dmarc.provider.example only watches");
}

#[tokio::test]
async fn a_dns_server_that_is_away_is_a_doubt_and_a_mail_server_that_is_away_is_bad() {
    let server = Server::start(&[]).await;
    let settings = [("HOST", "localhost"), ("PORT", "1"), ("FROM", "erpmax@provider.example")];
    let found = examine(&server, &settings, "127.0.0.1:1");
    assert_found(&found, "mail server", "bad", "cannot be reached");
    assert_found(&found, "mail server", "bad", "Check mail.host and mail.port (localhost:1)");
    for about in ["SPF", "DKIM", "DMARC"] {
        assert_found(&found, about, "doubtful", "look at the TXT records");
    }
}

#[tokio::test]
async fn a_mail_server_that_does_not_know_us_is_bad() {
    let folder = tempfile::tempdir().expect("a folder can be made");
    let pair = rcgen::generate_simple_self_signed(["localhost".to_owned()]).expect("a certificate can be made");
    let files =
        ["tls.pem", "tls.key"].map(|name| folder.path().join(name).to_str().expect("a path of text").to_owned());
    std::fs::write(&files[0], pair.cert.pem()).expect("a file can be written");
    std::fs::write(&files[1], pair.signing_key.serialize_pem()).expect("a file can be written");
    let arguments = ["--certificate", &files[0], "--key", &files[1], "--account", "erpmax:right"];
    let (mail, server) = (MailServer::with("take", &arguments), Server::start(&[]).await);
    let port = mail.port.to_string();
    let mut settings = vec![("HOST", "localhost"), ("PORT", &port), ("FROM", "erpmax@mail.localhost")];
    settings.extend([("USERNAME", "erpmax"), ("PASSWORD", "wrong"), ("CA_FILE", &files[0])]);
    let found = examine(&server, &settings, "127.0.0.1:1");
    assert_found(&found, "mail server", "bad", "does not accept name and password");
    settings.push(("PASSWORD", "right"));
    let found = examine(&server, &settings, "127.0.0.1:1");
    assert_found(&found, "mail server", "good", "name and password are taken");
    settings.push(("CA_FILE", ""));
    assert_found(&examine(&server, &settings, "127.0.0.1:1"), "mail server", "bad", "cannot be encrypted");
}

#[tokio::test]
async fn without_a_mail_server_mails_are_files() {
    let server = Server::start(&[]).await;
    assert_found(&examine(&server, &[], "127.0.0.1:1"), "mail server", "good", "mails are files in");
}
