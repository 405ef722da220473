//! Somebody who sends requests.

use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};

use axum::body::Body;
use axum::extract::Request;
use axum::http::header::{AUTHORIZATION, CONTENT_TYPE, HOST};
use axum::http::request::Builder;
use axum::http::{HeaderName, Method};
use serde_json::{Value, json};

use super::{Answer, TestApp};

/// Everybody's password.
pub(crate) const PASSWORD: &str = "SecurePass123";

/// Somebody with a session. Clones share it.
#[derive(Clone)]
pub(crate) struct Person {
    app: TestApp,
    pub(crate) email: String,
    pub(crate) id: String,
    /// The company that came with the registration.
    pub(crate) own_tenant: String,
    pub(crate) address: IpAddr,
    tokens: Arc<Mutex<Tokens>>,
}

#[derive(Clone)]
struct Tokens {
    access: String,
    refresh: String,
}

/// A request that is being written.
pub(crate) struct Call {
    app: TestApp,
    address: IpAddr,
    builder: Builder,
    body: Body,
}

impl Call {
    pub(crate) fn new(app: &TestApp, method: Method, path: &str, address: IpAddr) -> Self {
        let builder = Request::builder().method(method).uri(path).header(HOST, "localhost");
        Self { app: app.clone(), address, builder, body: Body::empty() }
    }

    pub(crate) fn header(mut self, name: impl TryInto<HeaderName>, value: &str) -> Self {
        let name = name.try_into().unwrap_or_else(|_| panic!("a good name of a header"));
        self.builder = self.builder.header(name, value);
        self
    }

    pub(crate) fn bearer(self, token: &str) -> Self {
        self.header(AUTHORIZATION, &format!("Bearer {token}"))
    }

    pub(crate) fn json(self, body: &Value) -> Self {
        self.header(CONTENT_TYPE, "application/json").body(body.to_string())
    }

    pub(crate) fn body(mut self, body: impl Into<Body>) -> Self {
        self.body = body.into();
        self
    }

    pub(crate) fn from(mut self, address: &str) -> Self {
        self.address = address.parse().expect("an address");
        self
    }

    pub(crate) async fn send(self) -> Answer {
        self.app.send(self.builder.body(self.body).expect("a good request"), self.address).await
    }
}

impl Person {
    /// Registers somebody with this address and a company of this name.
    pub(crate) async fn register(app: &TestApp, email: &str, company: &str) -> Self {
        let body = json!({"email": email, "password": PASSWORD, "full_name": email, "company_name": company});
        let address = app.new_address();
        let call = Call::new(app, Method::POST, "/api/v1/auth/register", address);
        Self::signed_in(app, address, &call.json(&body).send().await.created())
    }

    /// A further session, from an address of its own.
    pub(crate) async fn login_again(&self) -> Self {
        let address = self.app.new_address();
        let call = Call::new(&self.app, Method::POST, "/api/v1/auth/login", address);
        let answer = call.json(&json!({"email": self.email, "password": PASSWORD})).send().await.ok();
        Self { own_tenant: self.own_tenant.clone(), ..Self::signed_in(&self.app, address, &answer) }
    }

    /// The id of the present session.
    pub(crate) async fn session_id(&self) -> String {
        self.get("/auth/me").await.ok()["session_id"].as_str().expect("an id").to_owned()
    }

    /// Begins a new session in place of one that was ended.
    pub(crate) async fn sign_in_if_signed_out(&self) {
        if self.get("/auth/me").await.status() == 401 {
            let tokens = self.login_again().await;
            self.keep(&json!({"access_token": tokens.access(), "refresh_token": tokens.refresh_token()}));
        }
    }

    /// Somebody to whom `register` or `login` gave this answer.
    pub(crate) fn signed_in(app: &TestApp, address: IpAddr, data: &Value) -> Self {
        let person = Self {
            app: app.clone(),
            email: text(&data["user"]["email"]),
            id: text(&data["user"]["id"]),
            own_tenant: text(&data["current_tenant"]["id"]),
            address,
            tokens: Arc::new(Mutex::new(Tokens { access: String::new(), refresh: String::new() })),
        };
        person.keep(data);
        person
    }

    pub(crate) const fn app(&self) -> &TestApp {
        &self.app
    }

    pub(crate) fn access(&self) -> String {
        self.tokens.lock().unwrap_or_else(PoisonError::into_inner).access.clone()
    }

    pub(crate) fn refresh_token(&self) -> String {
        self.tokens.lock().unwrap_or_else(PoisonError::into_inner).refresh.clone()
    }

    /// Keeps the tokens of an answer's `data`, as clients do.
    pub(crate) fn keep(&self, data: &Value) {
        let tokens = Tokens { access: text(&data["access_token"]), refresh: text(&data["refresh_token"]) };
        *self.tokens.lock().unwrap_or_else(PoisonError::into_inner) = tokens;
    }

    /// A request without a token.
    pub(crate) fn bare(&self, method: Method, path: &str) -> Call {
        Call::new(&self.app, method, &format!("/api/v1{path}"), self.address)
    }

    pub(crate) fn call(&self, method: Method, path: &str) -> Call {
        self.bare(method, path).bearer(&self.access())
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.call(Method::GET, path).send().await
    }

    pub(crate) async fn post(&self, path: &str, body: Value) -> Answer {
        self.call(Method::POST, path).json(&body).send().await
    }

    /// A POST without a body that still claims to be JSON, as the seed client sends it.
    pub(crate) async fn post_nothing(&self, path: &str) -> Answer {
        self.call(Method::POST, path).header(CONTENT_TYPE, "application/json").send().await
    }

    pub(crate) async fn patch(&self, path: &str, body: Value) -> Answer {
        self.call(Method::PATCH, path).json(&body).send().await
    }

    pub(crate) async fn delete(&self, path: &str) -> Answer {
        self.call(Method::DELETE, path).send().await
    }

    /// Refreshes with the newest token and keeps what comes.
    pub(crate) async fn refresh(&self) -> Answer {
        let answer = self.refresh_with(&self.refresh_token()).await;
        if answer.status() == 200 {
            self.keep(&answer.body["data"]);
        }
        answer
    }

    /// Refreshes with any token; nothing is kept.
    pub(crate) async fn refresh_with(&self, token: &str) -> Answer {
        self.bare(Method::POST, "/auth/refresh").json(&json!({"refresh_token": token})).send().await
    }

    /// Makes another tenant the session's current one.
    pub(crate) async fn switch_to(&self, tenant: &str) {
        self.keep(&self.post("/auth/switch-tenant", json!({"tenant_id": tenant})).await.ok());
    }
}

fn text(value: &Value) -> String {
    value.as_str().expect("a text").to_owned()
}
