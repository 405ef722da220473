//! `GET /tenants`.

use crate::support::TestApp;

#[tokio::test]
async fn a_person_sees_the_own_tenants_in_the_order_of_joining() {
    let app = TestApp::start().await;
    let acme = app.tenant("acme").await;
    app.tenant("globex").await;
    let member = app.person("guest").await;
    acme.invite(&member.email, "user").await;
    let answer = member.get("/tenants").await;
    let page = answer.body["pagination"].clone();
    let data = answer.ok();
    let ids: Vec<&str> = data.as_array().expect("a list").iter().filter_map(|tenant| tenant["id"].as_str()).collect();
    assert_eq!(ids, [member.own_tenant.as_str(), &acme.id]);
    assert_eq!(page, serde_json::json!({"total": 2, "page": 1, "size": 20, "pages": 1}));
}

#[tokio::test]
async fn pages_are_numbered_from_one_and_a_page_past_the_end_is_empty() {
    let app = TestApp::start().await;
    let member = app.tenant("acme").await.member("accountant").await;
    let second = member.get("/tenants?page=2&size=1").await;
    assert_eq!(second.body["pagination"], serde_json::json!({"total": 2, "page": 2, "size": 1, "pages": 2}));
    assert_eq!(second.ok().as_array().map(Vec::len), Some(1));
    let past = member.get("/tenants?page=4294967295&size=100").await;
    assert_eq!(past.body["pagination"]["total"], 2);
    assert_eq!(past.ok(), serde_json::json!([]));
}

#[tokio::test]
async fn bad_pages_and_sizes_are_named() {
    let app = TestApp::start().await;
    let owner = app.tenant("acme").await.owner;
    for (query, field) in [
        ("page=0", "page"),
        ("page=x", "page"),
        ("page=-1", "page"),
        ("page=4294967296", "page"),
        ("size=0", "size"),
        ("size=101", "size"),
        ("size=", "size"),
    ] {
        owner.get(&format!("/tenants?{query}")).await.invalid(&[field]);
    }
}
