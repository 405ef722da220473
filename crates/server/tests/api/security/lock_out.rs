//! Nobody shuts an honest person out with wrong passwords.

use std::time::Duration;

use axum::http::Method;
use serde_json::json;

use crate::support::{Answer, PASSWORD, TestApp};

const EMAIL: &str = "owner@acme.example";
const HOME: &str = "192.0.2.1";

async fn login(app: &TestApp, password: &str, address: &str) -> Answer {
    let body = json!({"email": EMAIL, "password": password});
    app.call(Method::POST, "/auth/login").json(&body).from(address).send().await
}

/// Wrong passwords from many networks, for a day.
async fn attack(app: &TestApp) {
    for hour in 0..24 {
        for host in 0..60 {
            login(app, "wrong", &format!("198.51.{hour}.{host}")).await;
        }
        app.pass(Duration::from_secs(3_600));
    }
}

#[tokio::test]
async fn a_day_of_wrong_passwords_from_everywhere_shuts_nobody_out_of_a_device_that_signed_in_before() {
    let app = TestApp::quiet().await;
    let owner = app.tenant("acme").await.owner;
    login(&app, PASSWORD, HOME).await.ok();
    attack(&app).await;
    login(&app, PASSWORD, "203.0.113.1").await.refused(429, "rate_limited");
    login(&app, PASSWORD, HOME).await.ok();
    // Sessions that there are go on, and the password still confirms in them.
    owner.refresh().await.ok();
    owner.get("/auth/me").await.ok();
    owner.post("/auth/confirm", json!({"password": PASSWORD})).await.ok();
}

#[tokio::test]
async fn guesses_from_the_persons_own_network_cost_that_network_a_pause_and_no_other() {
    let app = TestApp::quiet().await;
    app.tenant("acme").await;
    for address in [HOME, "192.0.2.2"] {
        login(&app, PASSWORD, address).await.ok();
    }
    for _ in 0..5 {
        login(&app, "wrong", HOME).await.refused(401, "invalid_credentials");
    }
    login(&app, PASSWORD, HOME).await.refused(429, "rate_limited");
    login(&app, PASSWORD, "192.0.2.2").await.ok();
    app.pass(Duration::from_secs(901));
    login(&app, PASSWORD, HOME).await.ok();
}
