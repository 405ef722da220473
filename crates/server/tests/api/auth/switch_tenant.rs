//! `POST /auth/switch-tenant`.

use axum::http::Method;
use serde_json::json;

use crate::support::{TestApp, random_id};

#[tokio::test]
async fn the_session_moves_and_old_tokens_are_cured_by_a_refresh() {
    let app = TestApp::start().await;
    let acme = app.tenant("acme").await;
    let member = acme.member("accountant").await;
    let (access, refresh) = (member.access(), member.refresh_token());
    let data = member.post("/auth/switch-tenant", json!({"tenant_id": member.own_tenant})).await.ok();
    assert_eq!(data["tenant"]["id"], member.own_tenant);
    let current = member.bare(Method::GET, "/tenants/current");
    current.bearer(&access).send().await.refused(401, "token_expired");
    // The answer to the switch was lost: what the client has still works.
    let tokens = member.refresh_with(&refresh).await.ok();
    let token = tokens["access_token"].as_str().expect("a token");
    let current = member.bare(Method::GET, "/tenants/current").bearer(token).send().await.ok();
    assert_eq!(current["id"], member.own_tenant);
    member.keep(&data);
    assert_eq!(member.get("/tenants/current").await.ok()["id"], member.own_tenant);
}

#[tokio::test]
async fn another_session_of_the_person_stays_where_it_is() {
    let app = TestApp::start().await;
    let acme = app.tenant("acme").await;
    let member = acme.member("accountant").await;
    let other = member.login_again().await;
    assert_eq!(member.get("/tenants/current").await.ok()["id"], acme.id);
    assert_eq!(other.get("/tenants/current").await.ok()["id"], member.own_tenant);
}

#[tokio::test]
async fn a_foreign_tenant_is_answered_like_one_that_is_not_there() {
    let app = TestApp::start().await;
    let (acme, globex) = (app.tenant("acme").await, app.tenant("globex").await);
    let switch = async |id: &str| {
        acme.owner.post("/auth/switch-tenant", json!({"tenant_id": id})).await.refused(404, "not_found").body
    };
    let foreign = switch(&globex.id).await;
    assert_eq!(foreign, switch(&random_id()).await);
    assert_eq!(foreign, switch("no id at all").await);
    acme.owner.post("/auth/switch-tenant", json!({})).await.invalid(&["tenant_id"]);
    assert_eq!(acme.owner.get("/tenants/current").await.ok()["id"], acme.id);
}

#[tokio::test]
async fn switching_is_written_down() {
    let app = TestApp::start().await;
    let acme = app.tenant("acme").await;
    acme.member("accountant").await;
    let sql =
        format!("SELECT tenant_id FROM audit_events WHERE action = 'auth.switch_tenant' AND tenant_id = '{}'", acme.id);
    assert_eq!(app.database().texts(&sql).await.len(), 1);
}
