//! What a plan allows, and what is said where it does not.

use serde_json::json;

use crate::support::{TestApp, TestTenant};

/// A company on the plan `business` with four members.
async fn of_four(app: &TestApp) -> TestTenant {
    let acme = app.tenant("acme").await;
    on_plan(app, "business").await;
    for name in ["one", "two", "three"] {
        acme.member(name).await;
    }
    acme
}

/// Puts everybody on a plan behind the rules' back.
async fn on_plan(app: &TestApp, slug: &str) {
    let sql = format!("UPDATE subscriptions SET plan_id = (SELECT id FROM plans WHERE slug = '{slug}')");
    app.database().execute(&sql).await;
}

#[tokio::test]
async fn a_refusal_names_the_limit_and_the_plan_that_lifts_it() {
    let app = TestApp::start().await;
    let acme = app.tenant("acme").await;
    for name in ["one", "two"] {
        acme.member(name).await;
    }
    let body = json!({"email": "four@acme.example", "role": "user"});
    let refused = acme.owner.post(&acme.path("/users/invite"), body).await.refused(403, "plan_limit_reached");
    let details = json!({"limit": ["users"], "used": ["3"], "allowed": ["3"], "plan": ["business"]});
    assert_eq!(refused.body["error"]["details"], details);
}

#[tokio::test]
async fn a_plan_below_what_is_used_says_what_has_to_go_first() {
    let app = TestApp::start().await;
    let acme = of_four(&app).await;
    acme.invite("guest@partner.example", "user").await;
    let refused = acme.owner.post("/billing/checkout", acme.order("starter").await).await;
    assert!(refused.text.contains("Remove 2 of its members and invitations first"), "{}", refused.text);
    refused.invalid(&["plan_id"]);
    acme.owner.post("/billing/checkout", acme.order("business").await).await.ok();
}

#[tokio::test]
async fn above_the_limit_nobody_joins_and_nobody_gets_more_rights() {
    let app = TestApp::start().await;
    let acme = of_four(&app).await;
    acme.invite("guest@partner.example", "user").await;
    on_plan(&app, "starter").await;
    let guest = app.post("/auth/register", json!({
        "email": "guest@partner.example", "password": "SecurePass123", "full_name": "Guest", "company_name": "Partner",
    }));
    let tenants = guest.await.created()["tenants"].as_array().map(Vec::len);
    assert_eq!(tenants, Some(1), "the own one alone; the invitation waits");
    let users = acme.owner.get(&acme.path("/users")).await.ok();
    let one = users.as_array().expect("a list").iter().find(|user| user["role"] == "user").expect("a user");
    let path = acme.path(&format!("/users/{}", one["user_id"].as_str().expect("an id")));
    acme.owner.patch(&path, json!({"role": "admin"})).await.refused(403, "plan_limit_reached");
    acme.owner.delete(&path).await.ok();
    let users = acme.owner.get(&acme.path("/users")).await.ok();
    let one = users.as_array().expect("a list").iter().find(|user| user["role"] == "user").expect("a user");
    let path = acme.path(&format!("/users/{}", one["user_id"].as_str().expect("an id")));
    acme.owner.patch(&path, json!({"role": "admin"})).await.ok();
}
