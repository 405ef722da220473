//! `GET /tenants/current`.

use crate::support::TestApp;

#[tokio::test]
async fn every_member_sees_the_current_tenant() {
    let app = TestApp::start().await;
    let acme = app.tenant("acme").await;
    for person in [&acme.owner, &acme.admin("chief").await, &acme.member("accountant").await] {
        let data = person.get("/tenants/current").await.ok();
        assert_eq!((&data["id"], &data["name"]), (&acme.id.as_str().into(), &"acme".into()));
        assert_eq!(data["settings"]["language"], "en");
    }
}
