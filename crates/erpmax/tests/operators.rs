//! `erpmax operator`: whoever has the database says who is an operator, while the server runs.

mod support;

use std::io::Write as _;
use std::process::{Output, Stdio};

use erpmax_core::Clock;
use erpmax_core::auth::two_factor::totp::{Secret, step_at};
use reqwest::Method;
use serde_json::{Value, json};
use support::{PASSWORD, Server, command, text};

const EMAIL: &str = "chief@operators.example";

/// Runs `erpmax operator …` beside a server, with something on standard input.
fn operator(server: &Server, arguments: &[&str], input: &str) -> Output {
    let url = ("ERPMAX_DATABASE__URL".to_owned(), server.database_url());
    let environment: Vec<_> = Some(url).into_iter().filter(|(_, url)| !url.is_empty()).collect();
    let mut process = command(&environment)
        .arg("operator")
        .args(arguments)
        .arg("--data")
        .arg(server.folder())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the binary starts");
    let mut stdin = process.stdin.take().expect("it has a standard input");
    // A process that refuses before it reads has hung up.
    let _ = stdin.write_all(input.as_bytes());
    drop(stdin);
    process.wait_with_output().expect("it ends")
}

#[track_caller]
fn assert_refused(output: &Output, words: &str) {
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(told.starts_with("error: ") && told.contains(words), "{told}");
    assert_eq!((output.status.code(), told.lines().count()), (Some(2), 1), "{told}");
}

#[track_caller]
fn told(output: &Output) -> String {
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn list(server: &Server) -> Value {
    let output = operator(server, &["list", "--json"], "");
    let document: Value = serde_json::from_str(&told(&output)).expect("JSON");
    document["operators"].clone()
}

async fn sign_in(server: &Server, email: &str) -> String {
    let signed_in = server.post("/auth/login", "", json!({"email": email, "password": PASSWORD})).await;
    assert!(signed_in["current_tenant"]["id"].is_string(), "{signed_in}");
    text(&signed_in, "access_token").to_owned()
}

async fn summary(server: &Server, token: &str) -> (u16, String) {
    let (status, body) = server.api(Method::GET, "/operator/summary", token, None).await;
    (status, body["error"]["code"].as_str().unwrap_or_default().to_owned())
}

#[tokio::test]
async fn an_operator_is_made_listed_and_revoked() {
    let server = Server::start(&[]).await;
    assert!(told(&operator(&server, &["list"], "")).contains("There are none"));
    let made = told(&operator(&server, &["create", EMAIL, "--password-stdin"], &format!("{PASSWORD}\n")));
    assert!(made.contains("is an operator now") && made.contains("second factor"), "{made}");
    assert!(!made.contains(PASSWORD));
    let listed = list(&server);
    assert_eq!((&listed[0]["email"], &listed[0]["second_factor"]), (&json!(EMAIL), &json!(false)), "{listed}");
    assert!(told(&operator(&server, &["list"], "")).contains("not yet"));

    let token = sign_in(&server, EMAIL).await;
    let me = server.get("/auth/me", &token).await;
    assert_eq!((&me["is_superuser"], &me["email_verified"]), (&json!(true), &json!(true)), "{me}");
    assert_eq!(summary(&server, &token).await, (403, "second_factor_required".to_owned()));

    assert!(told(&operator(&server, &["revoke", EMAIL], "")).contains("no operator any more"));
    assert_eq!(summary(&server, &token).await, (404, "not_found".to_owned()));
    assert_eq!(list(&server), json!([]));
    assert_refused(&operator(&server, &["revoke", EMAIL], ""), "is no operator");
    let noted = "SELECT COUNT(*) FROM audit_events WHERE action IN ('operator.create', 'operator.revoke')
        AND address = 'command line' AND actor_id IS NULL";
    assert_eq!(server.count(noted).await, 2);
}

#[tokio::test]
async fn an_existing_account_becomes_one_only_when_that_is_said() {
    let server = Server::start(&[]).await;
    server.register("acme").await;
    let email = "owner@acme.example";
    let refused = operator(&server, &["create", email, "--password-stdin"], "AnotherPass123\n");
    assert_refused(&refused, "with --existing");
    let raised = told(&operator(&server, &["create", email, "--existing"], ""));
    assert!(raised.contains("existing account"), "{raised}");
    assert!(told(&operator(&server, &["create", email, "--existing"], "")).contains("operator already"));
    sign_in(&server, email).await;
    assert_refused(&operator(&server, &["create", "nobody@acme.example", "--existing"], ""), "has no account");
    server.execute("UPDATE users SET is_superuser = false, email_proven_at = NULL").await;
    assert_refused(&operator(&server, &["create", email, "--existing"], ""), "never proven");
    server.execute("UPDATE users SET email_proven_at = 1, is_active = false").await;
    assert_refused(&operator(&server, &["create", email, "--existing"], ""), "disabled");
}

#[tokio::test]
async fn what_is_typed_is_checked_and_a_password_is_never_an_argument() {
    let server = Server::start(&[]).await;
    let create = |email, input: &str| operator(&server, &["create", email, "--password-stdin"], input);
    assert_refused(&create("nonsense", "SecurePass123\n"), "email: This is not an e-mail address");
    assert_refused(&create(EMAIL, "short\n"), "password: At least 8 characters");
    assert_refused(&create(EMAIL, "password123\n"), "password: This password is too common");
    assert_refused(&create(EMAIL, "\n"), "standard input holds no password");
    assert_refused(&operator(&server, &["create", EMAIL], "SecurePass123\n"), "nobody is at the terminal");
    let wrong = operator(&server, &["create", EMAIL, "--password", "SecurePass123"], "");
    assert_eq!(wrong.status.code(), Some(2));
    assert_eq!(list(&server), json!([]));
}

#[test]
fn without_an_installation_there_is_nobody_to_make_one_of() {
    let output = command(&[]).args(["operator", "list", "--data", "/nowhere"]).output().expect("the binary starts");
    assert_refused(&output, "there is no installation");
}

/// Sets up a second factor; the account is then good for `/operator`.
async fn set_up_factor(server: &Server, token: &str) {
    let begun = server.post("/auth/two-factor", token, json!({"password": PASSWORD})).await;
    let secret = Secret::from_text(text(&begun, "secret")).expect("a good secret");
    let code = secret.code(step_at(Clock::System.now())).expect("a code");
    server.post("/auth/two-factor/activate", token, json!({"code": code})).await;
}

/// The home page of a site as whoever has this cookie sees it.
async fn home(server: &Server, cookie: &str) -> String {
    let request = server.page_request(Method::GET, "acme.localhost", "/app").header("cookie", cookie);
    request.send().await.expect("the site answers").text().await.expect("a page")
}

#[tokio::test]
async fn an_operator_enters_a_site_until_its_owner_ends_that() {
    let server = Server::start(&[("SANDBOX__STEP_MILLISECONDS", "1")]).await;
    let registered = server.register("acme").await;
    let (owner, tenant) = (text(&registered, "access_token"), text(&registered["current_tenant"], "id"));
    server.job_ended(owner, &server.begin(owner, "create_site").await).await;
    told(&operator(&server, &["create", EMAIL, "--name", "Chief", "--password-stdin"], &format!("{PASSWORD}\n")));
    let token = sign_in(&server, EMAIL).await;
    set_up_factor(&server, &token).await;
    let path = format!("/operator/tenants/{tenant}/access");
    let started = server.post(&path, &token, json!({"reason": "Ticket 4711", "minutes": 10})).await;
    let link = text(&started["sso"], "sso_url").splitn(4, '/').nth(3).expect("it has a path").to_owned();
    let (status, headers, page) = server.page(Method::GET, "acme.localhost", &format!("/{link}")).await;
    assert_eq!(status, 303, "{page}");
    let cookie = headers["set-cookie"].to_str().expect("text").split(';').next().expect("a cookie").to_owned();
    let page = home(&server, &cookie).await;
    assert!(page.contains("Support (Chief)") && page.contains("support+"), "{page}");

    let seen = server.get(&format!("/tenants/{tenant}/support-access"), owner).await;
    let end = format!("/tenants/{tenant}/support-access/{}", text(&seen[0], "id"));
    let (status, ended) = server.api(Method::DELETE, &end, owner, None).await;
    assert_eq!(status, 200, "{ended}");
    assert!(home(&server, &cookie).await.contains("Nobody is signed in"));
}
