//! Mails on their way: a server that takes, refuses, hesitates, hangs or breaks off, and our own death at the worst moment.

mod support;

use std::process::Output;
use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};
use support::{Hold, MailServer, Server, command, parse, text, until};
use tempfile::TempDir;

const SOON: Duration = Duration::from_secs(30);

/// A server that sends by `mail`, and the token of an owner who registered before it did: no letter asks for a proof.
async fn start(mail: &MailServer, more: &[(&str, &str)]) -> (Server, String) {
    let mut server = Server::start(more).await;
    let owner = server.register("acme").await;
    for (key, value) in mail.environment() {
        server.set(key, &value);
    }
    server.terminate().await;
    server.restart().await;
    (server, text(&owner, "access_token").to_owned())
}

/// A payment, which the owner is told of by mail.
async fn pay((server, owner): (&Server, &str)) {
    let page = server.checkout(owner).await;
    let (status, _, page) = server.page(Method::POST, "localhost", &format!("{page}/pay")).await;
    assert_eq!(status, 200, "{page}");
}

async fn mails_that_are(server: &Server, what: &str) -> i64 {
    server.count(&format!("SELECT COUNT(*) FROM mails WHERE kind = 'payment_received' AND {what}")).await
}

async fn until_mail_is(server: &Server, what: &str) {
    let look = async || (mails_that_are(server, what).await == 1).then_some(());
    until(&format!("a mail with {what}"), SOON, look).await;
}

/// What was put off until later is due now.
async fn hurry(server: &Server) {
    server.execute("UPDATE work SET run_at = 0 WHERE queue = 'mail' AND lease_id IS NULL").await;
}

/// `erpmax` beside the server, on its folder and database.
fn erpmax(server: &Server, arguments: &[&str]) -> Output {
    let environment = [("ERPMAX_DATABASE__URL".to_owned(), server.database_url())];
    let mut command = command(&environment);
    command.args(arguments).arg("--data").arg(server.folder()).output().expect("the binary starts")
}

fn said(output: &Output) -> String {
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn refused(output: &Output) -> String {
    assert_eq!(output.status.code(), Some(2), "{}", String::from_utf8_lossy(&output.stdout));
    String::from_utf8_lossy(&output.stderr).into_owned()
}

fn message_id(mail: &[u8]) -> String {
    parse(mail).message_id().expect("it has an id").to_owned()
}

/// Both are one mail, sent twice.
#[track_caller]
fn assert_same(mails: &[Vec<u8>]) {
    assert_eq!(mails.len(), 2);
    assert_eq!(message_id(&mails[0]), message_id(&mails[1]));
    assert_eq!(parse(&mails[0]).body_text(0), parse(&mails[1]).body_text(0));
}

#[tokio::test]
async fn a_payment_is_told_by_a_mail_of_two_parts() {
    let mail = MailServer::start("take");
    let (server, owner) = start(&mail, &[]).await;
    pay((&server, &owner)).await;
    let mails = mail.mails_until(1).await;
    until_mail_is(&server, "status = 'sent' AND content_sealed = '' AND attempts = 0").await;
    let got = parse(&mails[0]);
    assert_eq!(got.subject(), Some("We received your payment"));
    let address = |list: Option<&mail_parser::Address<'_>>| {
        list.and_then(|list| list.first()).and_then(|one| one.address()).unwrap_or_default().to_owned()
    };
    assert_eq!(address(got.from()), "erpmax@provider.example");
    assert_eq!(address(got.reply_to()), "help@provider.example");
    assert_eq!(address(got.to()), "owner@acme.example");
    assert_eq!(got.header_raw("Auto-Submitted").map(str::trim), Some("auto-generated"));
    assert_eq!(got.header_raw("Content-Language").map(str::trim), Some("en"));
    assert!(got.date().is_some());
    let list: Value = serde_json::from_str(&said(&erpmax(&server, &["mail", "list", "--json"]))).expect("a document");
    assert_eq!(list["mails"][0]["status"], "sent");
    assert_eq!(message_id(&mails[0]), format!("{}@localhost", text(&list["mails"][0], "id")));
    for part in [got.body_text(0), got.body_html(0)] {
        let part = part.expect("both parts are there");
        assert!(part.contains("USD") && part.contains("acme") && part.contains("http://localhost:"), "{part}");
    }
}

#[tokio::test]
async fn a_refused_mail_is_shown_to_the_operator_and_sent_when_he_says_so() {
    let mail = MailServer::start("refuse");
    let (server, owner) = start(&mail, &[]).await;
    pay((&server, &owner)).await;
    until_mail_is(&server, "status = 'refused' AND attempts = 1").await;
    assert_eq!(server.count("SELECT COUNT(*) FROM work WHERE queue = 'mail'").await, 0);
    let list = said(&erpmax(&server, &["mail", "list", "--refused"]));
    assert!(
        list.contains("does not accept the recipient: 550") && list.contains("5.1.1 No such person here"),
        "{list}"
    );
    assert_eq!(server.log().matches("A mail was refused").count(), 1, "{}", server.log());

    mail.behave("take");
    let id = list.split_whitespace().next().expect("an id").to_owned();
    let queued = said(&erpmax(&server, &["mail", "retry", &id]));
    assert!(queued.starts_with("The mail is queued again."), "{queued}");
    let mails = mail.mails_until(1).await;
    assert_eq!(message_id(&mails[0]), format!("{id}@localhost"));
    until_mail_is(&server, "status = 'sent'").await;
    let none = refused(&erpmax(&server, &["mail", "retry", &id]));
    assert!(none.contains("there is no refused mail of this id"), "{none}");
}

#[tokio::test]
async fn a_greylisted_mail_comes_back_later_and_arrives_once() {
    let mail = MailServer::start("greylist");
    let (server, owner) = start(&mail, &[]).await;
    pay((&server, &owner)).await;
    until_mail_is(&server, "status = 'queued' AND attempts = 1 AND last_error LIKE '%451%Greylisted%'").await;
    hurry(&server).await;
    until_mail_is(&server, "status = 'sent' AND last_error IS NULL").await;
    assert_eq!(mail.mails().len(), 1);
}

async fn is_sent_again_after(behaviour: &str, error: &str) {
    let mail = MailServer::start(behaviour);
    let (server, owner) = start(&mail, &[("MAIL__TIMEOUT_SECONDS", "2")]).await;
    pay((&server, &owner)).await;
    until_mail_is(&server, &format!("status = 'queued' AND attempts = 1 AND last_error LIKE '%{error}%'")).await;
    mail.behave("take");
    hurry(&server).await;
    assert_same(&mail.mails_until(2).await);
    until_mail_is(&server, "status = 'sent'").await;
}

#[tokio::test]
async fn a_server_that_never_answers_is_given_up_and_asked_again() {
    is_sent_again_after("silent", "did not answer within 2 seconds").await;
}

#[tokio::test]
async fn a_server_that_answers_without_end_is_given_up_and_asked_again() {
    is_sent_again_after("drip", "did not answer within 2 seconds").await;
}

#[tokio::test]
async fn a_connection_cut_before_the_answer_brings_the_same_mail_again() {
    is_sent_again_after("cut", "does not accept the mail").await;
}

#[tokio::test]
async fn death_between_the_servers_answer_and_our_note_brings_the_same_mail_again() {
    let mail = MailServer::start("wait");
    let (mut server, owner) = start(&mail, &[]).await;
    pay((&server, &owner)).await;
    mail.mails_until(1).await;
    let hold = Hold::on(&server).await;
    mail.go();
    tokio::time::sleep(Duration::from_millis(500)).await;
    server.kill();
    drop(hold);
    until_mail_is(&server, "status = 'queued'").await;
    server.restart().await;
    assert_same(&mail.mails_until(2).await);
    until_mail_is(&server, "status = 'sent' AND content_sealed = ''").await;
    assert_eq!(mail.mails().len(), 2);
}

#[tokio::test]
async fn a_wrong_password_holds_mails_up_and_loses_none() {
    let mail = MailServer::with("take", &["--account", "erpmax:0123"]);
    let (mut server, owner) = start(&mail, &[("MAIL__USERNAME", "erpmax"), ("MAIL__PASSWORD", "wrong")]).await;
    pay((&server, &owner)).await;
    until_mail_is(&server, "status = 'queued' AND last_error LIKE '%535%'").await;
    until("the line in the log", Duration::from_secs(10), async || {
        server.log().contains("Mail cannot be sent until the [mail] section is put right").then_some(())
    })
    .await;
    // A password of digits is not taken for a number.
    server.set("MAIL__PASSWORD", "0123");
    server.terminate().await;
    server.restart().await;
    hurry(&server).await;
    until_mail_is(&server, "status = 'sent'").await;
    assert_eq!(mail.mails().len(), 1);
}

#[tokio::test]
async fn a_site_waits_until_the_link_of_the_first_mail_is_used() {
    let mail = MailServer::start("take");
    let given = mail.environment();
    let environment: Vec<(&str, &str)> = given.iter().map(|(key, value)| (*key, value.as_str())).collect();
    let server = Server::start(&environment).await;
    let owner = server.register("acme").await;
    let (owner, order) = (text(&owner, "access_token"), json!({"job_type": "create_site"}));
    let (status, refused) = server.api(Method::POST, "/provisioning/jobs", owner, Some(order)).await;
    assert_eq!((status, &refused["error"]["code"]), (403, &json!("email_not_verified")));
    let mails = mail.mails_until(1).await;
    let letter = parse(&mails[0]).body_text(0).expect("it has a text").into_owned();
    let (_, token) = letter.split_once("/verify-email?token=").expect("it has a link");
    let token = token.split_whitespace().next().expect("a token");
    let (status, _, page) = server.page(Method::GET, "localhost", &format!("/verify-email?token={token}")).await;
    assert!(status == 200 && page.contains("Is owner@acme.example yours?"), "{page}");
    let form = server.page_request(Method::POST, "localhost", "/verify-email");
    let form = form.header("content-type", "application/x-www-form-urlencoded");
    let form = form.body(format!("token={token}&password=SecurePass123"));
    assert_eq!(form.send().await.expect("the server answers").status().as_u16(), 200);
    server.begin(owner, "create_site").await;
}

/// `erpmax mail test` with these keys.
fn test_mail(folder: &TempDir, environment: &[(&str, String)]) -> Output {
    let environment: Vec<_> = environment.iter().map(|(key, value)| (format!("ERPMAX_{key}"), value.clone())).collect();
    let mut command = command(&environment);
    command.args(["mail", "test", "operator@provider.example", "--data"]).arg(folder.path());
    command.env("LANG", "C.UTF-8").output().expect("the binary starts")
}

fn folder() -> TempDir {
    tempfile::tempdir().expect("a folder can be made")
}

/// A certificate of our own for `localhost`, and its key.
fn certificate(folder: &TempDir) -> (String, String) {
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).expect("a certificate");
    let (certificate, key) = (folder.path().join("certificate.pem"), folder.path().join("key.pem"));
    std::fs::write(&certificate, made.cert.pem()).expect("a file can be written");
    std::fs::write(&key, made.signing_key.serialize_pem()).expect("a file can be written");
    (certificate.display().to_string(), key.display().to_string())
}

#[test]
fn a_certificate_of_ones_own_is_refused_unless_it_is_trusted() {
    let folder = folder();
    let (certificate, key) = certificate(&folder);
    let mail = MailServer::with("take", &["--certificate", &certificate, "--key", &key, "--account", "erpmax:secret"]);
    let mut keys = mail.environment();
    keys.extend([
        ("MAIL__SECURITY", "starttls".to_owned()),
        ("MAIL__USERNAME", "erpmax".to_owned()),
        ("MAIL__PASSWORD", "secret".to_owned()),
    ]);
    let said_no = refused(&test_mail(&folder, &keys));
    assert!(said_no.contains("cannot be encrypted") && said_no.contains("mail.ca_file"), "{said_no}");
    assert!(mail.mails().is_empty());

    keys.push(("MAIL__CA_FILE", certificate));
    let said_yes = said(&test_mail(&folder, &keys));
    assert_eq!(said_yes, "The mail server localhost took the mail to operator@provider.example: 250 2.0.0 Taken\n");
    assert_eq!(parse(&mail.mails()[0]).subject(), Some("Mail from ERPMax works"));

    keys.push(("MAIL__PASSWORD", "other".to_owned()));
    let said_no = refused(&test_mail(&folder, &keys));
    assert!(
        said_no.contains("does not accept name and password: 535") && said_no.contains("mail.password"),
        "{said_no}"
    );
}

#[test]
fn each_fault_of_a_test_mail_is_a_sentence_that_says_what_to_change() {
    let folder = folder();
    let mail = MailServer::start("refuse");
    let no_such_person = refused(&test_mail(&folder, &mail.environment()));
    assert!(no_such_person.contains("550 5.1.1 No such person here.\nCheck the address."), "{no_such_person}");

    let mut keys = mail.environment();
    keys.push(("MAIL__SECURITY", "starttls".to_owned()));
    let unencrypted = refused(&test_mail(&folder, &keys));
    assert!(
        unencrypted.contains("STARTTLS is not supported") && unencrypted.contains("mail.security"),
        "{unencrypted}"
    );

    let keys = mail.environment();
    drop(mail);
    let unreachable = refused(&test_mail(&folder, &keys));
    assert!(unreachable.contains("cannot be reached") && unreachable.contains("mail.port"), "{unreachable}");
}

#[test]
fn without_a_mail_server_a_mail_is_a_file_that_its_owner_alone_reads() {
    let folder = folder();
    let told = said(&test_mail(&folder, &[]));
    assert!(told.starts_with("There is no mail server (mail.host), so nothing was sent: it is in "), "{told}");
    let outbox = folder.path().join("outbox");
    let files: Vec<_> =
        std::fs::read_dir(&outbox).expect("an outbox").map(|file| file.expect("a file").path()).collect();
    let mode = |path: &std::path::Path| {
        std::os::unix::fs::PermissionsExt::mode(&path.metadata().expect("it is there").permissions()) & 0o777
    };
    assert_eq!((files.len(), mode(&files[0]), mode(&outbox)), (1, 0o600, 0o700));
    assert_eq!(parse(&std::fs::read(&files[0]).expect("a mail")).subject(), Some("Mail from ERPMax works"));
}

#[test]
fn each_fault_of_the_section_is_explained() {
    let check = |keys: &[(&str, &str)]| {
        let keys: Vec<_> = keys.iter().map(|(key, value)| (format!("ERPMAX_{key}"), (*value).to_owned())).collect();
        refused(&command(&keys).args(["config", "check"]).output().expect("the binary starts"))
    };
    let told = check(&[("MAIL__HOST", "mail.example"), ("MAIL__USERNAME", "erpmax"), ("MAIL__REPLY_TO", "nobody")]);
    for sentence in [
        "mail.from: a mail server needs to know the sender's address",
        "mail.username: give both a name and a password, or neither",
        "mail.reply_to: write an address such as",
    ] {
        assert!(told.contains(sentence), "{told}");
    }
    let told = check(&[("MAIL__HOST", "mail.example"), ("MAIL__SECURITY", "none"), ("ENVIRONMENT", "production")]);
    assert!(told.contains("mail.security: production speaks without encryption only to"), "{told}");
    assert!(check(&[("MAIL__SECURITY", "ssl")]).contains("starttls"));
}
