//! How many statements a request takes: one for access, a read at most one, a list its count.

use serde_json::json;

use crate::support::{Person, TestApp};

async fn statements(app: &TestApp, person: &Person, path: &str) -> u64 {
    let before = app.core().store().statements();
    person.get(path).await.ok();
    app.core().store().statements() - before
}

#[tokio::test]
async fn reads_take_two_statements_and_lists_three() {
    let app = TestApp::quiet().await;
    let acme = app.tenant("acme").await;
    let owner = &acme.owner;
    let job = acme.fail("create_site").await;
    let job = format!("/provisioning/jobs/{}", job["id"].as_str().expect("an id"));
    for (path, most) in [
        ("/auth/me", 1),
        ("/tenants/current", 2),
        (&acme.path(""), 2),
        (&job, 2),
        ("/billing/plans", 1),
        ("/tenants", 3),
        (&acme.path("/users"), 3),
        (&acme.path("/invitations"), 3),
        ("/billing/invoices", 3),
        ("/provisioning/jobs", 3),
        ("/notifications", 3),
        ("/billing/subscription", 2),
    ] {
        let taken = statements(&app, owner, path).await;
        assert!((1..=most).contains(&taken), "GET {path} takes {taken} statements, not {most}");
    }
}

#[tokio::test]
async fn a_longer_list_takes_no_more_statements() {
    let app = TestApp::quiet().await;
    let acme = app.tenant("acme").await;
    app.database().execute("UPDATE plans SET limits = '{}'").await;
    let paths =
        ["/tenants".to_owned(), acme.path("/users"), "/notifications".to_owned(), "/provisioning/jobs".to_owned()];
    let mut before = Vec::new();
    for path in &paths {
        before.push(statements(&app, &acme.owner, path).await);
    }
    for number in 0..5 {
        let guest = app.tenant(&format!("guest{number}")).await;
        acme.invite(&guest.owner.email, "user").await;
        guest.invite(&acme.owner.email, "user").await;
        acme.fail("create_site").await;
    }
    for (path, before) in paths.iter().zip(before) {
        assert_eq!(statements(&app, &acme.owner, path).await, before, "{path}");
    }
}

#[tokio::test]
async fn what_is_refused_for_its_token_takes_no_statement() {
    let app = TestApp::quiet().await;
    app.tenant("acme").await;
    let before = app.core().store().statements();
    app.get("/auth/me").await.refused(401, "unauthorized");
    app.call(axum::http::Method::GET, "/auth/me").bearer("garbage").send().await.refused(401, "unauthorized");
    app.post("/auth/login", json!({"email": "x"})).await.invalid(&["password"]);
    assert_eq!(app.core().store().statements(), before);
}
