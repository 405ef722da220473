//! A program with an API key.

use std::net::IpAddr;
use std::time::Duration;

use axum::http::Method;
use erpmax_types::api_keys::Scope;
use serde_json::{Value, json};

use super::{Answer, Call, Person, TestApp};

/// A program with an API key, at an address of its own.
#[derive(Clone)]
pub(crate) struct Key {
    app: TestApp,
    pub(crate) id: String,
    pub(crate) text: String,
    pub(crate) address: IpAddr,
}

impl Key {
    /// A request for a key that is good for thirty days and for everything, but for what `wish` says.
    pub(crate) fn wish(app: &TestApp, wish: Value) -> Value {
        let expires_at = app.now() + Duration::from_secs(30 * 86_400);
        let mut body =
            json!({"name": "Nightly backup", "role": "admin", "scopes": Scope::ALL, "expires_at": expires_at});
        if let (Value::Object(body), Value::Object(wish)) = (&mut body, wish) {
            body.extend(wish);
        }
        body
    }

    /// A key that this person makes for the tenant.
    pub(crate) async fn of(person: &Person, tenant: &str, wish: Value) -> Self {
        let app = person.app().clone();
        let path = format!("/tenants/{tenant}/api-keys");
        let made = person.post(&path, Self::wish(&app, wish)).await.created();
        let text = |value: &Value| value.as_str().expect("a text").to_owned();
        Self { id: text(&made["api_key"]["id"]), text: text(&made["key"]), address: app.new_address(), app }
    }

    pub(crate) fn call(&self, method: Method, path: &str) -> Call {
        Call::new(&self.app, method, &format!("/api/v1{path}"), self.address).bearer(&self.text)
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.call(Method::GET, path).send().await
    }

    pub(crate) async fn post(&self, path: &str, body: Value) -> Answer {
        self.call(Method::POST, path).json(&body).send().await
    }
}
