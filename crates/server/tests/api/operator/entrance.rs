//! Who gets to `/operator`, and from where.

use std::time::Duration;

use axum::http::Method;
use erpmax_core::Environment;
use serde_json::json;

use crate::support::{Factor, PASSWORD, Setup, TestApp};

const PATH: &str = "/operator/summary";

#[tokio::test]
async fn the_right_a_second_factor_and_a_fresh_password_are_asked_for() {
    let app = TestApp::start().await;
    let person = app.person("chief").await;
    person.get(PATH).await.refused(404, "not_found");
    app.raise(&person).await;
    let refused = person.get(PATH).await.refused(403, "second_factor_required");
    assert!(refused.body["error"].get("details").is_none(), "there is nothing to answer: {}", refused.text);
    Factor::of(&person).await;
    person.get(PATH).await.ok();
    app.pass(Duration::from_secs(15 * 60));
    person.refresh().await.ok();
    person.get(PATH).await.refused(403, "confirmation_required");
    person.post("/auth/confirm", json!({"password": PASSWORD})).await.ok();
    person.get(PATH).await.ok();
    app.call(Method::GET, PATH).send().await.refused(401, "unauthorized");
}

#[tokio::test]
async fn a_session_that_ended_and_an_account_that_is_closed_get_nowhere() {
    let app = TestApp::start().await;
    let (first, second) = (app.operator("chief").await, app.operator("deputy").await);
    first.post_nothing("/auth/logout").await.ok();
    first.get(PATH).await.refused(401, "unauthorized");
    app.disable(&second).await;
    assert!(matches!(second.get(PATH).await.status(), 401 | 403));
}

#[tokio::test]
async fn operators_work_from_the_networks_of_the_configuration() {
    let network = "192.0.2.0/24".parse().expect("a network");
    let app = TestApp::with(|Setup { settings, .. }| settings.operator_networks = vec![network]).await;
    let operator = app.operator("chief").await;
    operator.get(PATH).await.refused(403, "forbidden");
    operator.call(Method::GET, PATH).from("192.0.2.9").send().await.ok();
    operator.call(Method::GET, PATH).from("192.0.3.9").send().await.refused(403, "forbidden");
    let forged = operator.call(Method::GET, PATH).header("x-forwarded-for", "192.0.2.9");
    forged.send().await.refused(403, "forbidden");
}

#[tokio::test]
async fn in_production_nobody_works_from_anywhere_until_networks_are_named() {
    let app = TestApp::with(|Setup { settings, .. }| settings.environment = Environment::Production).await;
    let operator = app.operator("chief").await;
    for address in ["127.0.0.1", "192.0.2.9"] {
        operator.call(Method::GET, PATH).from(address).send().await.refused(403, "forbidden");
    }
}
