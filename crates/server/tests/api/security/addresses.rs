//! Forged addresses: where a request says that it comes from, and whom it says that it asks.

use axum::body::Body;
use axum::http::Method;
use axum::http::header::USER_AGENT;
use serde_json::json;

use crate::support::{Call, PASSWORD, Person, Setup, TestApp};

const EVIL: &str = "evil.example";
/// What proxies are told by, or told with.
const FORGED: [(&str, &str); 6] = [
    ("x-forwarded-host", EVIL),
    ("forwarded", "host=evil.example;proto=http;for=203.0.113.9"),
    ("x-host", EVIL),
    ("x-original-host", EVIL),
    ("x-forwarded-server", EVIL),
    ("referer", "https://evil.example/"),
];

fn forge(call: Call) -> Call {
    FORGED.into_iter().fold(call, |call, (name, value)| call.header(name, value))
}

/// Signs in from a device that was not seen before.
async fn login_on_new_device(person: &Person, forwarded: &str) {
    let body = json!({"email": person.email, "password": PASSWORD});
    let call = forge(person.bare(Method::POST, "/auth/login")).header(USER_AGENT, "curl/8");
    call.header("x-forwarded-for", forwarded).json(&body).send().await.ok();
}

async fn known_addresses(app: &TestApp) -> Vec<String> {
    app.database().texts("SELECT DISTINCT address FROM sessions UNION SELECT DISTINCT address FROM audit_events").await
}

#[tokio::test]
async fn without_trusted_proxies_nobody_says_where_they_come_from() {
    let app = TestApp::start().await;
    let owner = app.tenant("acme").await.owner;
    login_on_new_device(&owner, "203.0.113.9, 203.0.113.10").await;
    assert_eq!(known_addresses(&app).await, [owner.address.to_string()]);
    let mail = app.mail_to(&owner.email, "A new device signed in").await;
    assert!(mail.text.contains(&owner.address.to_string()) && !mail.text.contains("203.0.113"), "{}", mail.text);
}

#[tokio::test]
async fn behind_a_trusted_proxy_the_hop_that_it_saw_counts_and_none_that_was_sent_along() {
    let app = TestApp::with(|Setup { edge, .. }| {
        edge.trusted_proxies = vec!["10.0.0.0/8".parse().expect("a network")];
    })
    .await;
    let owner = app.tenant("acme").await.owner;
    login_on_new_device(&owner, "198.51.100.66, 203.0.113.9").await;
    let known = known_addresses(&app).await;
    assert!(known.contains(&"203.0.113.9".to_owned()) && !known.contains(&"198.51.100.66".to_owned()), "{known:?}");
}

/// Neither a header nor an absolute address gets another host into a mail.
#[tokio::test]
async fn a_forged_host_gets_into_no_mail() {
    let app = TestApp::start().await;
    let acme = app.tenant("acme").await;
    login_on_new_device(&acme.owner, "203.0.113.9").await;
    let change = json!({"current_password": PASSWORD, "new_password": "AnotherPass456"});
    forge(acme.owner.call(Method::POST, "/auth/password/change")).json(&change).send().await.ok();
    let invited = acme.member("known").await;
    for (address, subject) in [
        (&acme.owner.email, "A new device signed in"),
        (&acme.owner.email, "Your password was changed"),
        (&invited.email, "You are a member now"),
    ] {
        let mail = app.mail_to(address, subject).await;
        assert!(!mail.raw.contains("evil") && mail.text.contains("http://localhost"), "{}", mail.raw);
    }
}

#[tokio::test]
async fn who_asks_for_another_host_is_answered_by_nobody_and_causes_no_mail() {
    let app = TestApp::start().await;
    let owner = app.tenant("acme").await.owner;
    let body = json!({"email": owner.email, "password": PASSWORD}).to_string();
    for (host, uri) in [
        (EVIL, "/api/v1/auth/login"),
        ("localhost", "http://evil.example/api/v1/auth/login"),
        ("localhost.evil.example", "/api/v1/auth/login"),
        ("localhost@evil.example", "/api/v1/auth/login"),
    ] {
        let request = axum::extract::Request::post(uri).header("host", host).header("content-type", "application/json");
        let request = request.header(USER_AGENT, "curl/8").body(Body::from(body.clone())).expect("a request");
        assert_eq!(app.send(request, owner.address).await.status(), 404, "{host} {uri}");
    }
    assert_eq!(app.database().texts("SELECT id FROM mails").await, [""; 0]);
}
