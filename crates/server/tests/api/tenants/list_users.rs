//! `GET /tenants/{id}/users`.

use crate::support::TestApp;

#[tokio::test]
async fn owners_and_admins_see_the_members_in_the_order_of_joining() {
    let app = TestApp::start().await;
    let acme = app.tenant("acme").await;
    let (admin, user) = (acme.admin("chief").await, acme.member("accountant").await);
    for person in [&acme.owner, &admin] {
        let answer = person.get(&acme.path("/users")).await;
        assert_eq!(answer.body["pagination"]["total"], 3);
        let data = answer.ok();
        let ids: Vec<_> = data.as_array().expect("a list").iter().map(|member| member["user_id"].clone()).collect();
        assert_eq!(ids, [acme.owner.id.as_str(), &admin.id, &user.id]);
        assert_eq!(data[1]["role"], "admin");
        assert_eq!(data[2]["email"], "accountant@acme.example");
        assert_eq!(data[0]["is_default"], true);
        assert_eq!(data[1]["is_default"], false);
    }
    assert_eq!(admin.get(&acme.path("/users?page=2&size=2")).await.ok().as_array().map(Vec::len), Some(1));
}

#[tokio::test]
async fn a_user_may_not_and_a_stranger_finds_nothing() {
    let app = TestApp::start().await;
    let acme = app.tenant("acme").await;
    acme.member("accountant").await.get(&acme.path("/users")).await.refused(403, "forbidden");
    app.person("stranger").await.get(&acme.path("/users")).await.refused(404, "not_found");
    app.get(&acme.path("/users")).await.refused(401, "unauthorized");
    acme.owner.get(&acme.path("/users?size=500")).await.invalid(&["size"]);
}
