//! Production: what it refuses, all at once and each with what to do; and that it runs where no sandbox is.

mod support;

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Output;

use reqwest::Method;
use serde_json::{Value, json};
use support::{PASSWORD, Server, command, parse, text, until};
use tempfile::TempDir;

/// Of a production that may start.
const GOOD: [(&str, &str); 5] = [
    ("ENVIRONMENT", "production"),
    ("PUBLIC_URL", "https://app.provider.example"),
    ("SITES__DRIVER", "none"),
    ("SITES__ZONE", "provider-sites.example"),
    ("BILLING__PROVIDER", "none"),
];
const WRITTEN_BY_HAND: &str = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8\n";

fn folder() -> TempDir {
    tempfile::tempdir().expect("a folder can be made")
}

fn path(path: &Path) -> &str {
    path.to_str().expect("a path of text")
}

fn run(arguments: &[&str], environment: &[(&str, &str)]) -> Output {
    let environment: Vec<_> =
        environment.iter().map(|(key, value)| (format!("ERPMAX_{key}"), (*value).to_owned())).collect();
    command(&environment).args(arguments).output().expect("the binary starts")
}

/// What `config check` complains of with these keys in place of good ones.
fn complaints(changes: &[(&str, &str)]) -> Vec<String> {
    let output = run(&["config", "check", "--data", "/nowhere"], &[&GOOD[..], changes].concat());
    let error = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(if error.is_empty() { 0 } else { 2 }), "{error}");
    error.lines().skip(1).map(|line| line.trim().to_owned()).collect()
}

#[track_caller]
fn assert_refused(changes: &[(&str, &str)], sentence: &str) {
    assert_eq!(complaints(changes), [sentence]);
}

fn key_file(folder: &TempDir, content: &str, mode: u32) -> PathBuf {
    let file = folder.path().join("given.key");
    fs::write(&file, content).expect("a file can be written");
    fs::set_permissions(&file, Permissions::from_mode(mode)).expect("it can be changed");
    file
}

fn random_key(folder: &TempDir) -> PathBuf {
    let file = folder.path().join("random.key");
    assert_eq!(run(&["secrets", "create", path(&file)], &[]).status.code(), Some(0));
    file
}

#[test]
fn a_production_without_sandboxes_and_with_a_domain_of_its_own_for_sites_is_good() {
    assert_eq!(complaints(&[]), Vec::<String>::new());
}

#[test]
fn sandbox_sites_are_refused() {
    assert_refused(
        &[("SITES__DRIVER", "sandbox")],
        "sites.driver: sandbox sites are refused in production; write \"none\", with which asked-for sites wait",
    );
}

#[test]
fn sandbox_payments_are_refused() {
    assert_refused(
        &[("BILLING__PROVIDER", "sandbox")],
        "billing.provider: sandbox payments are refused in production; write \"none\", with which nobody can pay",
    );
}

#[test]
fn an_address_without_tls_is_refused() {
    let sentence = "public_url: production needs the https address under which people reach ERPMax";
    assert_refused(&[("PUBLIC_URL", "http://app.provider.example")], sentence);
    assert_refused(&[("PUBLIC_URL", "")], sentence);
}

#[test]
fn a_zone_on_the_registered_domain_of_the_control_plane_is_refused() {
    let sentence = |zone: &str, host: &str| {
        format!(
            "sites.zone: sites run customers' code, so {zone} must be a domain that is registered apart from {host}; \
             register another one"
        )
    };
    for zone in ["sites.provider.example", "provider.example", "app.provider.example"] {
        assert_refused(&[("SITES__ZONE", zone)], &sentence(zone, "app.provider.example"));
    }
    let ukrainian = [("PUBLIC_URL", "https://erpmax.com.ua"), ("SITES__ZONE", "sites.erpmax.com.ua")];
    assert_refused(&ukrainian, &sentence("sites.erpmax.com.ua", "erpmax.com.ua"));
    let other_name = [("HOSTS", "erpmax.example"), ("SITES__ZONE", "sites.erpmax.example")];
    assert_refused(&other_name, &sentence("sites.erpmax.example", "erpmax.example"));
    let suffix_is_shared = [("PUBLIC_URL", "https://erpmax.com.ua"), ("SITES__ZONE", "erpmax-sites.com.ua")];
    assert_eq!(complaints(&suffix_is_shared), Vec::<String>::new());
}

#[test]
fn postgresql_without_a_key_of_the_operators_is_refused() {
    let postgres = ("DATABASE__URL", "postgres://127.0.0.1/erpmax");
    assert_refused(
        &[postgres],
        "master_key_file: production on PostgreSQL needs a key file of yours; `erpmax secrets create FILE` makes one",
    );
    let folder = folder();
    let key = random_key(&folder);
    assert_eq!(complaints(&[postgres, ("MASTER_KEY_FILE", path(&key))]), Vec::<String>::new());
}

#[test]
fn a_key_that_is_not_there_is_refused() {
    assert_refused(
        &[("MASTER_KEY_FILE", "/nowhere.key")],
        "master_key_file: the file /nowhere.key cannot be used: No such file or directory (os error 2); put it back from \
         your copy, or, for a new installation, make one with `erpmax secrets create /nowhere.key`",
    );
}

#[test]
fn a_key_that_somebody_wrote_is_refused() {
    let folder = folder();
    let zeros = "A".repeat(43);
    for content in [WRITTEN_BY_HAND, &zeros, &format!("{}\n{zeros}", random_line(&folder))] {
        let key = key_file(&folder, content, 0o600);
        let sentence = format!(
            "master_key_file: a key in {} was not made by chance and can be guessed; run `erpmax secrets rotate`, which \
             makes another",
            key.display()
        );
        assert_refused(&[("MASTER_KEY_FILE", path(&key))], &sentence);
    }
}

fn random_line(folder: &TempDir) -> String {
    let file = random_key(folder);
    let line = fs::read_to_string(&file).expect("it can be read").trim().to_owned();
    fs::remove_file(file).expect("it can be removed");
    line
}

#[test]
fn a_key_that_others_may_read_is_refused() {
    let folder = folder();
    let line = random_line(&folder);
    for mode in [0o640, 0o604, 0o660] {
        let key = key_file(&folder, &line, mode);
        let shown = key.display();
        assert_refused(
            &[("MASTER_KEY_FILE", path(&key))],
            &format!("master_key_file: others than its owner may read {shown}; run `chmod 600 {shown}`"),
        );
    }
    // What systemd hands a service has the mode of its access list.
    let key = key_file(&folder, &line, 0o440);
    let handed = [("ERPMAX_MASTER_KEY_FILE".to_owned(), path(&key).to_owned())];
    let good = GOOD.map(|(key, value)| (format!("ERPMAX_{key}"), value.to_owned()));
    let mut check = command(&[&good[..], &handed[..]].concat());
    check.args(["config", "check"]).env("CREDENTIALS_DIRECTORY", folder.path());
    assert_eq!(check.output().expect("the binary starts").status.code(), Some(0));
}

#[test]
fn everything_that_is_wrong_is_told_at_once_and_nothing_is_made() {
    let folder = folder();
    let (data, key) = (folder.path().join("data"), key_file(&folder, WRITTEN_BY_HAND, 0o644));
    let environment = [
        ("ENVIRONMENT", "production"),
        ("PUBLIC_URL", "http://provider.example"),
        ("SITES__ZONE", "sites.provider.example"),
        ("MASTER_KEY_FILE", path(&key)),
        ("SITES__SLOTS", "0"),
    ];
    let output = run(&["serve", "--listen", "127.0.0.1:0", "--data", path(&data)], &environment);
    let error = String::from_utf8_lossy(&output.stderr).into_owned();
    let keys: Vec<&str> = error.lines().skip(1).map(|line| line.trim().split(':').next().expect("a key")).collect();
    let expected = [
        "sites.slots",
        "sites.driver",
        "billing.provider",
        "public_url",
        "sites.zone",
        "master_key_file",
        "master_key_file",
    ];
    assert_eq!((output.status.code(), keys), (Some(2), expected.to_vec()), "{error}");
    assert!(!data.exists());
}

#[tokio::test]
async fn what_production_refuses_of_a_key_can_be_mended_beside_it() {
    let data = folder();
    fs::write(data.path().join("master.key"), WRITTEN_BY_HAND).expect("a file can be written");
    fs::set_permissions(data.path().join("master.key"), Permissions::from_mode(0o600)).expect("it can be changed");
    let mut server = Server::on(data.path(), &[]).await;
    assert!(server.terminate().await.success());
    let refused = run(&["config", "check", "--data", path(data.path())], &GOOD);
    assert!(String::from_utf8_lossy(&refused.stderr).contains("was not made by chance"));
    let rotated = run(&["secrets", "rotate", "--data", path(data.path())], &GOOD);
    assert_eq!(rotated.status.code(), Some(0), "{}", String::from_utf8_lossy(&rotated.stderr));
    assert_eq!(run(&["config", "check", "--data", path(data.path())], &GOOD).status.code(), Some(0));
}

#[test]
fn a_key_is_made_once_for_its_owner_alone() {
    let folder = folder();
    let key = random_key(&folder);
    assert_eq!(key.metadata().expect("it is there").permissions().mode() & 0o777, 0o600);
    let before = fs::read(&key).expect("it can be read");
    let again = run(&["secrets", "create", path(&key)], &[]);
    assert_eq!(again.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&again.stderr).contains("is there already"));
    assert_eq!(fs::read(&key).expect("it can be read"), before);
}

#[tokio::test]
async fn a_database_without_its_key_is_refused_and_gets_no_other() {
    let data = folder();
    let mut server = Server::on(data.path(), &[]).await;
    assert!(server.terminate().await.success());
    let key = data.path().join("master.key");
    fs::remove_file(&key).expect("it can be removed");
    let output = run(&["serve", "--listen", "127.0.0.1:0", "--data", path(data.path())], &[]);
    let error = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(error.contains("is not; put it back from your copy"), "{error}");
    assert!(output.status.code() == Some(2) && !key.exists());
}

/// A production that is reached under `127.0.0.1` too.
async fn production(more: &[(&str, &str)]) -> (Server, TempDir) {
    let folder = folder();
    let key = random_key(&folder);
    let own = [("HOSTS", "127.0.0.1"), ("MASTER_KEY_FILE", path(&key))];
    (Server::start(&[&GOOD[..], &own, more].concat()).await, folder)
}

#[tokio::test]
async fn without_sites_and_payments_people_sign_up_and_jobs_wait() {
    let (server, _key) = production(&[("BILLING__RETURN_URLS", "https://app.example")]).await;
    let owner = server.register("acme").await;
    let token = text(&owner, "access_token");
    assert_eq!(server.get("/auth/me", token).await["email"], "owner@acme.example");
    let job = server.begin(token, "create_site").await;
    let plans = server.get("/billing/plans", "").await;
    let order = json!({"plan_id": plans[1]["id"], "billing_period": "yearly",
        "success_url": "https://app.example/paid", "cancel_url": "https://app.example/plans"});
    let (status, answer) = server.api(Method::POST, "/billing/checkout", token, Some(order)).await;
    assert_eq!((status, text(&answer["error"], "code")), (502, "payment_provider_error"));
    assert_eq!(server.page(Method::GET, "acme.provider-sites.example", "/").await.0, 404);
    assert_eq!(server.page(Method::GET, "localhost", "/sandbox/checkout/x").await.0, 404);
    assert_eq!(server.get(&format!("/provisioning/jobs/{job}"), token).await["status"], "pending");
}

#[tokio::test]
async fn a_forged_host_reaches_nothing_and_no_link_of_a_mail() {
    let (server, _key) = production(&[]).await;
    for host in ["evil.example", "app.provider.example.evil.example", "provider.example", "10.0.0.1"] {
        assert_eq!(server.page(Method::GET, host, "/health/live").await.0, 404, "{host}");
    }
    server.register("acme").await;
    let body = json!({"email": "owner@acme.example", "password": PASSWORD});
    let login = server.request(Method::POST, "/auth/login", "", Some(body)).header("user-agent", "Another device");
    let forged = login.header("x-forwarded-host", "evil.example").header("forwarded", "host=evil.example");
    let answer = forged.send().await.expect("the server answers");
    assert!(answer.status().is_success());
    let answer = answer.text().await.expect("a text");
    assert!(!answer.contains("evil"), "{answer}");
    for mail in mails(&server).await {
        let mail = parse(&mail);
        for part in [mail.body_text(0), mail.body_html(0)].map(|part| part.expect("both parts are there")) {
            assert!(part.contains("https://app.provider.example") && !part.contains("evil"), "{part}");
        }
    }
}

/// What is in the outbox, once there is something.
async fn mails(server: &Server) -> Vec<Vec<u8>> {
    let folder = server.folder().join("outbox");
    let look = async || {
        let files = fs::read_dir(&folder).ok()?.map(|file| file.expect("a file").path());
        let mails = files.filter(|file| file.extension().is_some_and(|extension| extension == "eml"));
        let mails: Vec<_> = mails.map(|file| fs::read(file).expect("a mail can be read")).collect();
        (!mails.is_empty()).then_some(mails)
    };
    until("a mail", std::time::Duration::from_secs(20), look).await
}

#[tokio::test]
async fn what_is_told_at_the_start_says_that_nothing_is_a_sandbox() {
    let (data, key_folder) = (folder(), folder());
    let key = random_key(&key_folder);
    let keys = [&GOOD[..], &[("MASTER_KEY_FILE", path(&key))]].concat();
    let environment: Vec<_> = keys.iter().map(|(key, value)| (format!("ERPMAX_{key}"), (*value).to_owned())).collect();
    let arguments = ["--json", "serve", "--listen", "127.0.0.1:0", "--data", path(data.path())];
    let mut process =
        command(&environment).args(arguments).stdout(std::process::Stdio::piped()).spawn().expect("it starts");
    let mut line = String::new();
    let mut output = std::io::BufReader::new(process.stdout.take().expect("the output is piped"));
    std::io::BufRead::read_line(&mut output, &mut line).expect("a line comes");
    process.kill().and_then(|()| process.wait()).expect("the process ends");
    let told: Value = serde_json::from_str(&line).expect("JSON");
    assert_eq!((&told["sandbox"], &told["sites"]), (&json!(false), &Value::Null));
    assert_eq!(told["api"], "https://app.provider.example/api/v1");
}
