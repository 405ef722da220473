//! `GET /tenants/{id}`.

use crate::support::{TestApp, random_id};

#[tokio::test]
async fn a_member_sees_the_tenant_whichever_is_current() {
    let app = TestApp::start().await;
    let acme = app.tenant("acme").await;
    let member = acme.member("accountant").await;
    member.switch_to(&member.own_tenant.clone()).await;
    assert_eq!(member.get(&acme.path("")).await.ok()["slug"], "acme");
}

#[tokio::test]
async fn to_a_stranger_a_tenant_is_not_there() {
    let app = TestApp::start().await;
    let (acme, globex) = (app.tenant("acme").await, app.tenant("globex").await);
    let foreign = globex.owner.get(&acme.path("")).await.refused(404, "not_found").body;
    for id in [random_id().as_str(), "no-id", "1"] {
        assert_eq!(globex.owner.get(&format!("/tenants/{id}")).await.refused(404, "not_found").body, foreign);
    }
    app.get(&acme.path("")).await.refused(401, "unauthorized");
    app.get("/tenants/no-id").await.refused(401, "unauthorized");
}
