//! What is where, by host.

use axum::http::Method;

use serde_json::json;

use crate::support::{Answer, Call, PASSWORD, Setup, TestApp};

#[tokio::test]
async fn the_control_plane_answers_to_its_own_names_only() {
    let app = TestApp::start().await;
    for (host, status) in [
        ("LOCALHOST:8000", 200),
        ("127.0.0.1:8000", 200),
        ("[::1]", 200),
        ("evil.example", 404),
        ("localhost.evil.example", 404),
    ] {
        let request = axum::extract::Request::get("/api/v1/billing/plans").header("host", host);
        let request = request.body(axum::body::Body::empty()).expect("a request");
        assert_eq!(app.send(request, app.new_address()).await.status(), status, "{host}");
    }
}

#[tokio::test]
async fn the_api_is_not_served_on_a_site() {
    let app = TestApp::start().await;
    let request = axum::extract::Request::builder().method(Method::GET).uri("/api/v1/billing/plans");
    let request = request.header("host", "acme.localhost").body(axum::body::Body::empty()).expect("a request");
    assert_eq!(app.send(request, app.new_address()).await.status(), 404);
}

/// What a proxy that is not ours, or a client, may claim.
const FORGED: [(&str, &str); 5] = [
    ("x-forwarded-host", "evil.example"),
    ("x-forwarded-server", "evil.example"),
    ("x-original-host", "evil.example"),
    ("x-forwarded-proto", "http"),
    ("forwarded", "for=203.0.113.9;host=evil.example;proto=http"),
];

fn forged(mut call: Call) -> Call {
    for (name, value) in FORGED {
        call = call.header(name, value);
    }
    call
}

/// Nothing that anybody is told by an answer or a mail comes from where a request says it went.
async fn assert_links_are_ours(app: &TestApp) {
    let url = "https://erpmax.example";
    let acme = app.tenant("acme").await;
    acme.complete("create_site").await;
    let send = async |path: &str, body: serde_json::Value| -> Answer {
        forged(acme.owner.call(Method::POST, path)).json(&body).send().await
    };
    let pass = send("/sso/erpnext/token", json!({})).await;
    assert!(!pass.text.contains("evil"), "{}", pass.text);
    let plans = app.get("/billing/plans").await.ok();
    let order = json!({"plan_id": plans[0]["id"], "billing_period": "monthly",
        "success_url": "https://app.example/paid", "cancel_url": "https://app.example/plans"});
    let checkout = send("/billing/checkout", order).await.ok();
    assert!(checkout["checkout_url"].as_str().is_some_and(|link| link.starts_with(url)), "{checkout}");
    send(&acme.path("/users/invite"), json!({"email": "accountant@acme.example", "role": "user"})).await.ok();
    let registration = json!({"email": "accountant@acme.example", "password": PASSWORD, "full_name": "Accountant",
        "company_name": "Other"});
    forged(app.call(Method::POST, "/auth/register")).json(&registration).send().await.created();
    let mail = app.mail_to("accountant@acme.example", "You are a member now").await;
    for part in [&mail.text, &mail.html] {
        assert!(part.contains(url) && !part.contains("evil"), "{part}");
    }
}

#[tokio::test]
async fn links_come_from_public_url_whatever_a_request_claims() {
    let app = TestApp::with(|setup| setup.settings.public_url = "https://erpmax.example".to_owned()).await;
    assert_links_are_ours(&app).await;
}

#[tokio::test]
async fn a_trusted_proxy_does_not_decide_on_links_either() {
    let app = TestApp::with(|Setup { settings, edge, .. }| {
        settings.public_url = "https://erpmax.example".to_owned();
        edge.trusted_proxies = vec!["0.0.0.0/0".parse().expect("a network")];
    })
    .await;
    assert_links_are_ours(&app).await;
}

#[tokio::test]
async fn what_a_proxy_forwards_makes_no_other_host_the_control_plane() {
    let app = TestApp::with(|setup| setup.edge.trusted_proxies = vec!["0.0.0.0/0".parse().expect("a network")]).await;
    for name in ["x-forwarded-host", "x-original-host", "forwarded"] {
        let request = axum::extract::Request::get("/api/v1/billing/plans").header("host", "evil.example");
        let value = if name == "forwarded" { "host=localhost" } else { "localhost" };
        let request = request.header(name, value).body(axum::body::Body::empty()).expect("a request");
        assert_eq!(app.send(request, app.new_address()).await.status(), 404, "{name}");
    }
}

#[tokio::test]
async fn a_forwarded_header_does_not_say_where_a_request_came_from() {
    for trusted in ["192.0.2.0/24", "198.51.100.0/24"] {
        let app = TestApp::with(|setup| setup.edge.trusted_proxies = vec![trusted.parse().expect("a network")]).await;
        app.tenant("acme").await;
        let login = async |number: usize| {
            let body = json!({"email": "owner@acme.example", "password": "wrong"});
            let call = app.call(Method::POST, "/auth/login").header("forwarded", &format!("for=203.0.113.{number}"));
            call.header("x-real-ip", &format!("203.0.113.{number}")).json(&body).from("192.0.2.1").send().await.status()
        };
        for number in 0..5 {
            assert_eq!(login(number).await, 401);
        }
        assert_eq!(login(9).await, 429, "one address, whatever it claims ({trusted} is trusted)");
    }
}
