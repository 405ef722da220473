//! `POST /auth/login`.

use axum::http::Method;
use serde_json::json;

use crate::support::{PASSWORD, TestApp};

#[tokio::test]
async fn a_person_signs_in_with_an_address_in_any_case() {
    let app = TestApp::start().await;
    let acme = app.tenant("acme").await;
    let data = app.post("/auth/login", json!({"email": " OWNER@acme.EXAMPLE", "password": PASSWORD})).await.ok();
    assert_eq!(data["user"]["id"], acme.owner.id);
    assert_eq!(data["current_tenant"]["id"], acme.id);
    assert_eq!(data["tenants"][0]["tenant_id"], acme.id);
    let token = data["access_token"].as_str().expect("a token");
    app.call(Method::GET, "/auth/me").bearer(token).send().await.ok();
    let audit = app.database().texts("SELECT action FROM audit_events ORDER BY at").await;
    assert_eq!(audit, ["auth.register", "auth.login"]);
}

#[tokio::test]
async fn a_wrong_password_and_an_unknown_address_get_the_same_answer() {
    let app = TestApp::start().await;
    app.tenant("acme").await;
    let wrong = json!({"email": "owner@acme.example", "password": "wrong"});
    let wrong = app.post("/auth/login", wrong).await.refused(401, "invalid_credentials");
    let unknown = json!({"email": "nobody@acme.example", "password": PASSWORD});
    let unknown = app.post("/auth/login", unknown).await.refused(401, "invalid_credentials");
    assert_eq!(wrong.body, unknown.body);
    assert_eq!(wrong.header("www-authenticate"), "Bearer");
    let counted = app.database().texts("SELECT CAST(SUM(count) AS TEXT) FROM refused_logins").await;
    assert_eq!(counted, ["2"]);
}

#[tokio::test]
async fn a_wrong_password_beside_a_bearer_is_400_so_that_clients_do_not_refresh() {
    let app = TestApp::start().await;
    let acme = app.tenant("acme").await;
    let wrong = json!({"email": "owner@acme.example", "password": "wrong"});
    acme.owner.post("/auth/login", wrong.clone()).await.refused(400, "invalid_credentials");
    let call = app.call(Method::POST, "/auth/login").bearer("expired").json(&wrong);
    call.send().await.refused(400, "invalid_credentials");
}

#[tokio::test]
async fn a_good_password_beside_an_expired_bearer_signs_in() {
    let app = TestApp::start().await;
    app.tenant("acme").await;
    let body = json!({"email": "owner@acme.example", "password": PASSWORD});
    app.call(Method::POST, "/auth/login").bearer("expired").json(&body).send().await.ok();
}

#[tokio::test]
async fn missing_and_bad_fields_are_named() {
    let app = TestApp::start().await;
    app.post("/auth/login", json!({"password": PASSWORD})).await.invalid(&["email"]);
    app.post("/auth/login", json!({"email": "owner@acme.example"})).await.invalid(&["password"]);
    app.post("/auth/login", json!({"email": "nobody", "password": ""})).await.invalid(&["email", "password"]);
}

#[tokio::test]
async fn a_disabled_account_is_told_so_only_with_the_right_password() {
    let app = TestApp::start().await;
    let acme = app.tenant("acme").await;
    app.disable(&acme.owner).await;
    let body = json!({"email": "owner@acme.example", "password": PASSWORD});
    app.post("/auth/login", body).await.refused(403, "account_disabled");
    let wrong = json!({"email": "owner@acme.example", "password": "wrong"});
    app.post("/auth/login", wrong).await.refused(401, "invalid_credentials");
}

#[tokio::test]
async fn sign_in_starts_in_the_default_tenant() {
    let app = TestApp::start().await;
    let acme = app.tenant("acme").await;
    let member = acme.member("accountant").await;
    let data = app.post("/auth/login", json!({"email": member.email, "password": PASSWORD})).await.ok();
    assert_eq!(data["current_tenant"]["id"], member.own_tenant);
    assert_eq!(data["tenants"].as_array().map(Vec::len), Some(2));
}

#[tokio::test]
async fn who_left_the_default_tenant_starts_in_another_one() {
    let app = TestApp::start().await;
    let acme = app.tenant("acme").await;
    let member = acme.member("accountant").await;
    let own = member.own_tenant.clone();
    let partner = app.person("partner").await;
    let invited = json!({"email": partner.email, "role": "admin"});
    member.switch_to(&own).await;
    member.post(&format!("/tenants/{own}/users/invite"), invited).await.ok();
    member.patch(&format!("/tenants/{own}/users/{}", partner.id), json!({"role": "owner"})).await.ok();
    member.delete(&format!("/tenants/{own}/users/{}", member.id)).await.ok();
    let data = app.post("/auth/login", json!({"email": member.email, "password": PASSWORD})).await.ok();
    assert_eq!(data["current_tenant"]["id"], acme.id);
    assert_eq!(data["tenants"][0]["is_default"], true);
}

#[tokio::test]
async fn a_password_counts_as_it_was_typed() {
    let app = TestApp::start().await;
    for (number, password) in
        [" Two Blanks  Around ".to_owned(), "Пароль🔑Ї".to_owned(), "x1".repeat(64)].iter().enumerate()
    {
        let email = format!("owner{number}@acme.example");
        let registration =
            json!({"email": email, "password": password, "full_name": "Acme Owner", "company_name": "Acme"});
        app.post("/auth/register", registration).await.created();
        let login = async |password: &str| app.post("/auth/login", json!({"email": email, "password": password})).await;
        login(password).await.ok();
        let shorter: String = password.chars().take(password.chars().count() - 1).collect();
        for other in [password.to_uppercase(), shorter, format!("{password} "), format!(" {password}")] {
            login(&other).await.refused(401, "invalid_credentials");
        }
    }
}
