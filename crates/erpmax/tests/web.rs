//! The web app over HTTP: who is let in, by what, and what ends it. What people see is played in tests/browser.

mod support;

use std::time::{SystemTime, UNIX_EPOCH};

use erpmax_core::auth::two_factor::totp::{Secret, step_at};
use erpmax_types::Timestamp;
use futures_util::future::join_all;
use reqwest::Method;
use reqwest::header::{COOKIE, HeaderMap, LOCATION, SET_COOKIE, USER_AGENT};
use serde_json::Value;
use support::{PASSWORD, Server, text};

const EMAIL: &str = "owner@acme.example";
const FIREFOX: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0";

/// A browser of somebody who may have a session.
struct Browser<'a> {
    server: &'a Server,
    cookie: String,
}

impl<'a> Browser<'a> {
    /// Signs a company up on the page for it.
    async fn sign_up(server: &'a Server, company: &str) -> Self {
        let mut browser = Self { server, cookie: String::new() };
        let form = [("full_name", "Owner"), ("company_name", company), ("email", EMAIL), ("password", PASSWORD)];
        let (status, headers, _) = browser.submit("/sign-up", &form).await;
        assert_eq!((status, location(&headers).starts_with("/jobs/")), (303, true));
        browser.keep(&headers);
        browser
    }

    fn keep(&mut self, headers: &HeaderMap) {
        let cookie = headers[SET_COOKIE].to_str().expect("a text");
        cookie.split(';').next().expect("name and value").clone_into(&mut self.cookie);
    }

    async fn send(&self, request: reqwest::RequestBuilder) -> (u16, HeaderMap, String) {
        let request = request.header(USER_AGENT, FIREFOX).header(COOKIE, &self.cookie);
        let answer = request.send().await.expect("the server answers");
        let (status, headers) = (answer.status().as_u16(), answer.headers().clone());
        (status, headers, answer.text().await.expect("the body comes"))
    }

    async fn open(&self, path: &str) -> (u16, HeaderMap, String) {
        self.send(self.server.page_request(Method::GET, "localhost", path)).await
    }

    async fn submit(&self, path: &str, form: &[(&str, &str)]) -> (u16, HeaderMap, String) {
        self.submit_from("same-origin", path, form).await
    }

    async fn submit_from(&self, site: &str, path: &str, form: &[(&str, &str)]) -> (u16, HeaderMap, String) {
        let body = serde_urlencoded::to_string(form).expect("a form");
        let request = self.server.page_request(Method::POST, "localhost", path).header("sec-fetch-site", site);
        let request = request.header("content-type", "application/x-www-form-urlencoded").body(body);
        self.send(request).await
    }

    /// Whether the first page is shown, and not the one that asks to sign in.
    async fn is_signed_in(&self) -> bool {
        let (status, headers, _) = self.open("/").await;
        assert!(status == 200 || location(&headers) == "/sign-in", "{status}");
        status == 200
    }
}

fn location(headers: &HeaderMap) -> &str {
    headers.get(LOCATION).map_or("", |value| value.to_str().expect("a text"))
}

#[tokio::test]
async fn a_session_outlives_the_server_and_is_refreshed_once_for_all() {
    let mut server = Server::start(&[]).await;
    let cookie = Browser::sign_up(&server, "acme").await.cookie;
    server.kill();
    server.restart().await;
    let browser = Browser { server: &server, cookie };
    let pages = join_all((0..10).map(|_| browser.open("/"))).await;
    assert!(pages.iter().all(|(status, ..)| *status == 200));
    // One sign-in has one token, which stays the same.
    assert_eq!(server.count("SELECT COUNT(*) FROM refresh_tokens").await, 1);
    assert_eq!(server.count("SELECT COUNT(*) FROM sessions WHERE is_confidential").await, 1);
}

#[tokio::test]
async fn signing_out_ends_the_session_and_takes_the_cookie_away() {
    let server = Server::start(&[]).await;
    let browser = Browser::sign_up(&server, "acme").await;
    assert!(browser.is_signed_in().await);
    let (status, headers, _) = browser.submit("/sign-out", &[]).await;
    assert_eq!((status, location(&headers)), (303, "/sign-in"));
    assert!(headers[SET_COOKIE].to_str().expect("a text").contains("Max-Age=0"));
    assert!(!browser.is_signed_in().await, "the old cookie is good no more");
    assert_eq!(server.count("SELECT COUNT(*) FROM sessions WHERE ended_at IS NULL").await, 0);
}

#[tokio::test]
async fn a_session_that_was_ended_elsewhere_leads_to_the_sign_in() {
    let server = Server::start(&[]).await;
    let browser = Browser::sign_up(&server, "acme").await;
    let login = serde_json::json!({"email": EMAIL, "password": PASSWORD});
    let token = text(&server.post("/auth/login", "", login).await, "access_token").to_owned();
    let sessions = server.get("/auth/sessions", &token).await;
    let devices: Vec<&Value> = sessions.as_array().expect("a list").iter().map(|session| &session["device"]).collect();
    assert!(devices.contains(&&Value::from("Firefox, Linux")), "{devices:?}");
    let (status, answer) = server.api(Method::DELETE, "/auth/sessions", &token, None).await;
    assert_eq!(status, 200, "{answer}");
    assert!(!browser.is_signed_in().await);
    let (_, headers, _) = browser.open("/settings/members?page=2").await;
    assert_eq!(location(&headers), "/sign-in?next=%2Fsettings%2Fmembers%3Fpage%3D2");
}

#[tokio::test]
async fn who_is_removed_from_a_company_sees_another_one() {
    let server = Server::start(&[]).await;
    let globex = server.register("globex").await;
    let (token, tenant) = (text(&globex, "access_token"), text(&globex["current_tenant"], "id"));
    let browser = Browser::sign_up(&server, "acme").await;
    let users = format!("/tenants/{tenant}/users");
    server.post(&format!("{users}/invite"), token, serde_json::json!({"email": EMAIL, "role": "user"})).await;
    let (status, _, _) = browser.submit("/company", &[("tenant", tenant)]).await;
    assert_eq!(status, 303);
    assert!(browser.open("/").await.2.contains("<h1>globex</h1>"));
    let members = server.get(&users, token).await;
    let member = members.as_array().expect("a list").iter().find(|member| member["email"] == EMAIL).expect("it joined");
    let path = format!("{users}/{}", text(member, "user_id"));
    assert_eq!(server.api(Method::DELETE, &path, token, None).await.0, 200);
    let (status, headers, _) = browser.open("/").await;
    assert_eq!((status, location(&headers)), (303, "/"));
    assert!(browser.open("/").await.2.contains("<h1>acme</h1>"));
}

#[tokio::test]
async fn a_second_factor_is_set_up_and_asked_for() {
    let server = Server::start(&[]).await;
    let browser = Browser::sign_up(&server, "acme").await;
    let (_, _, page) = browser.submit("/settings/two-factor/begin", &[("password", PASSWORD)]).await;
    let secret = between(&page, "name=\"secret\" value=\"", "\"");
    let code = |steps: i64| {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).expect("it is after 1970").as_micros();
        let now = Timestamp::from_micros(i64::try_from(now).expect("a time"));
        Secret::from_text(secret).expect("a secret").code(step_at(now) + steps).expect("a code")
    };
    let (status, _, page) =
        browser.submit("/settings/two-factor/activate", &[("code", "000000"), ("secret", secret)]).await;
    assert!(status == 422 && page.contains(secret) && page.contains("aria-invalid"), "{page}");
    let (_, _, page) = browser.submit("/settings/two-factor/activate", &[("code", &code(0))]).await;
    let recovery = between(&page, "<li>", "</li>").to_owned();
    let form = [("email", EMAIL), ("password", PASSWORD), ("next", "/billing")];
    let stranger = Browser { server: &server, cookie: String::new() };
    let (_, _, page) = stranger.submit("/sign-in", &form).await;
    let challenge = between(&page, "name=\"challenge\" value=\"", "\"");
    let answer = |code| [("challenge", challenge), ("code", code), ("next", "/billing")];
    assert_eq!(stranger.submit("/sign-in/code", &answer("000000")).await.0, 422);
    let (status, headers, _) = stranger.submit("/sign-in/code", &answer(&recovery)).await;
    assert_eq!((status, location(&headers)), (303, "/billing"));
}

fn between<'a>(text: &'a str, before: &str, after: &str) -> &'a str {
    let (_, rest) = text.split_once(before).unwrap_or_else(|| panic!("no {before} in {text}"));
    rest.split_once(after).expect("an end").0
}

#[tokio::test]
async fn a_language_that_is_chosen_is_the_accounts_too() {
    let server = Server::start(&[]).await;
    let browser = Browser::sign_up(&server, "acme").await;
    let (status, headers, _) =
        browser.submit("/choices", &[("language", "uk"), ("theme", "dark"), ("next", "/billing")]).await;
    assert_eq!((status, location(&headers)), (303, "/billing"));
    let cookies: Vec<&str> = headers.get_all(SET_COOKIE).iter().filter_map(|cookie| cookie.to_str().ok()).collect();
    assert!(
        cookies[0].starts_with("erpmax-language=uk;") && cookies[1].starts_with("erpmax-theme=dark;"),
        "{cookies:?}"
    );
    assert_eq!(server.count("SELECT COUNT(*) FROM users WHERE language = 'uk'").await, 1);
}

#[tokio::test]
async fn a_form_of_another_site_does_nothing() {
    let server = Server::start(&[]).await;
    let browser = Browser::sign_up(&server, "acme").await;
    for site in ["cross-site", "same-site"] {
        let (status, _, page) = browser.submit_from(site, "/settings/company", &[("name", "Globex")]).await;
        assert_eq!(status, 403, "{page}");
    }
    let request = server.page_request(Method::POST, "localhost", "/sign-out").header("origin", "https://evil.example");
    assert_eq!(browser.send(request).await.0, 403);
    assert!(browser.is_signed_in().await);
    assert_eq!(server.count("SELECT COUNT(*) FROM tenants WHERE name = 'Globex'").await, 0);
}

#[tokio::test]
async fn a_sign_in_leads_to_a_page_of_ours_and_nowhere_else() {
    let server = Server::start(&[]).await;
    Browser::sign_up(&server, "acme").await;
    let stranger = Browser { server: &server, cookie: String::new() };
    for (next, lands) in
        [("/billing?period=yearly", "/billing?period=yearly"), ("//evil.example", "/"), ("https://evil.example", "/")]
    {
        let form = [("email", EMAIL), ("password", PASSWORD), ("next", next)];
        let (status, headers, page) = stranger.submit("/sign-in", &form).await;
        assert_eq!((status, location(&headers)), (303, lands), "{page}");
    }
}

#[tokio::test]
async fn names_are_shown_as_text_and_pages_hold_no_token() {
    let server = Server::start(&[]).await;
    let browser = Browser::sign_up(&server, "<img src=x onerror=alert(1)>").await;
    for path in ["/", "/billing", "/settings/company", "/settings/members", "/settings/account", "/notifications"] {
        let (status, headers, page) = browser.open(path).await;
        assert_eq!(status, 200, "{path}");
        assert!(!page.contains("<img") && !page.contains("ert_") && !page.contains("eyJ"), "{path}: {page}");
        let policy = headers["content-security-policy"].to_str().expect("a text");
        assert!(policy.contains("script-src 'self'") && !policy.contains("unsafe"), "{path}: {policy}");
        assert_eq!(headers["cache-control"], "no-store", "{path}");
    }
}

#[tokio::test]
async fn cookies_over_https_are_bound_to_this_very_host() {
    let server = Server::start(&[("PUBLIC_URL", "https://localhost")]).await;
    let stranger = Browser { server: &server, cookie: String::new() };
    let form = [("full_name", "Owner"), ("company_name", "acme"), ("email", EMAIL), ("password", PASSWORD)];
    let (_, headers, _) = stranger.submit("/sign-up", &form).await;
    let cookie = headers[SET_COOKIE].to_str().expect("a text");
    assert!(cookie.starts_with("__Host-erpmax-session="), "{cookie}");
    for attribute in ["HttpOnly", "Secure", "SameSite=Lax", "Path=/"] {
        assert!(cookie.contains(attribute), "{attribute}: {cookie}");
    }
}
