//! Access tokens: what is accepted as one, and for how long.

use std::time::Duration;

use axum::http::Method;
use axum::http::header::AUTHORIZATION;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde_json::{Value, json};

use crate::support::TestApp;

#[tokio::test]
async fn what_is_no_token_of_ours_is_401() {
    let app = TestApp::start().await;
    let owner = app.tenant("acme").await.owner;
    let token = owner.access();
    let mut parts: Vec<&str> = token.split('.').collect();
    let forged = format!("{}.{}.{}", parts[0], parts[1], parts[2].chars().rev().collect::<String>());
    // {"alg":"none"}
    parts[0] = "eyJhbGciOiJub25lIn0";
    let unsigned = format!("{}.{}.", parts[0], parts[1]);
    app.get("/auth/me").await.refused(401, "unauthorized");
    for header in [
        "",
        "Bearer",
        "Bearer ",
        "Bearer garbage",
        &format!("Basic {token}"),
        &format!("Bearer {forged}"),
        &format!("Bearer {unsigned}"),
        &token,
    ] {
        let call = app.call(Method::GET, "/auth/me").header(AUTHORIZATION, header);
        let answer = call.send().await.refused(401, "unauthorized");
        assert_eq!(answer.header("www-authenticate"), "Bearer");
    }
    app.call(Method::GET, "/auth/me").header(AUTHORIZATION, &format!("bearer {token}")).send().await.ok();
}

#[tokio::test]
async fn a_token_of_another_installation_is_401() {
    let (here, there) = (TestApp::start().await, TestApp::start().await);
    let stranger = there.tenant("acme").await.owner;
    let call = here.call(Method::GET, "/auth/me").bearer(&stranger.access());
    call.send().await.refused(401, "unauthorized");
}

#[tokio::test]
async fn a_token_lasts_fifteen_minutes() {
    let app = TestApp::start().await;
    let owner = app.tenant("acme").await.owner;
    app.pass(Duration::from_secs(14 * 60));
    owner.get("/auth/me").await.ok();
    app.pass(Duration::from_secs(60));
    owner.get("/auth/me").await.refused(401, "token_expired");
    owner.refresh().await.ok();
    owner.get("/auth/me").await.ok();
}

#[tokio::test]
async fn who_was_removed_is_no_member_any_more_and_refreshing_changes_nothing() {
    let app = TestApp::start().await;
    let acme = app.tenant("acme").await;
    let member = acme.member("accountant").await;
    acme.owner.delete(&acme.path(&format!("/users/{}", member.id))).await.ok();
    for path in ["/tenants/current", "/billing/subscription", "/provisioning/jobs"] {
        member.get(path).await.refused(403, "not_a_member");
    }
    member.post_nothing("/sso/erpnext/token").await.refused(403, "not_a_member");
    member.get(&acme.path("")).await.refused(404, "not_found");
    member.refresh().await.ok();
    member.get("/tenants/current").await.refused(403, "not_a_member");
    member.switch_to(&member.own_tenant.clone()).await;
    member.get("/tenants/current").await.ok();
}

#[tokio::test]
async fn a_disabled_account_is_403_everywhere_or_refused_by_refresh() {
    let app = TestApp::start().await;
    let acme = app.tenant("acme").await;
    let before = acme.owner.access();
    app.database().execute("UPDATE users SET is_active = false").await;
    for path in ["/auth/me", "/tenants", "/tenants/current", "/notifications", &acme.path("")] {
        acme.owner.get(path).await.refused(403, "account_disabled");
    }
    acme.owner.refresh().await.refused(403, "account_disabled");
    app.database().execute("UPDATE users SET is_active = true").await;
    assert_eq!(acme.owner.access(), before);
    acme.owner.get("/auth/me").await.ok();
    app.disable(&acme.owner).await;
    acme.owner.get("/auth/me").await.refused(401, "unauthorized");
    acme.owner.refresh().await.refused(400, "invalid_grant");
    let body = json!({"email": acme.owner.email, "password": crate::support::PASSWORD});
    app.post("/auth/login", body).await.refused(403, "account_disabled");
}

#[tokio::test]
async fn no_header_of_a_token_brings_a_key_of_its_own() {
    let app = TestApp::start().await;
    let token = app.tenant("acme").await.owner.access();
    let header = jsonwebtoken::decode_header(&token).expect("a header");
    let claims = token.split('.').nth(1).and_then(|part| data_encoding::BASE64URL_NOPAD.decode(part.as_bytes()).ok());
    let claims: Value = serde_json::from_slice(&claims.expect("claims")).expect("JSON");
    let secret = b"a key that somebody else made up";
    let key = jsonwebtoken::jwk::Jwk::from_encoding_key(&EncodingKey::from_secret(secret), Algorithm::HS256);
    let forgeries = [
        header.clone(),
        Header { jwk: Some(key.expect("a key")), ..header.clone() },
        Header { jku: Some("https://evil.example/keys".to_owned()), ..header.clone() },
        Header { x5u: Some("https://evil.example/certificate".to_owned()), ..header.clone() },
        Header { kid: Some("../../dev/null".to_owned()), ..header.clone() },
        Header { kid: None, ..header.clone() },
        Header { alg: Algorithm::HS512, ..header },
    ];
    for header in forgeries {
        let forged = jsonwebtoken::encode(&header, &claims, &EncodingKey::from_secret(secret)).expect("a token");
        app.call(Method::GET, "/auth/me").bearer(&forged).send().await.refused(401, "unauthorized");
    }
}

#[tokio::test]
async fn what_is_meant_for_something_else_is_no_access_token() {
    let app = TestApp::start().await;
    let acme = app.tenant("acme").await;
    acme.complete("create_site").await;
    let pass = acme.owner.post_nothing("/sso/erpnext/token").await.ok();
    let pass = pass["token"].as_str().expect("a pass").to_owned();
    for other in [acme.owner.refresh_token(), pass, acme.owner.session_id().await] {
        app.call(Method::GET, "/auth/me").bearer(&other).send().await.refused(401, "unauthorized");
    }
}
