//! `GET /operator/tenants` and `GET /operator/tenants/{id}`.

use serde_json::json;

use crate::support::{TestApp, TestOperator};

async fn found(operator: &TestOperator, query: &str) -> Vec<String> {
    let answer = operator.get(&format!("/operator/tenants?q={query}")).await.ok();
    answer.as_array().expect("a list").iter().map(|one| one["slug"].as_str().expect("a text").to_owned()).collect()
}

#[tokio::test]
async fn a_tenant_is_found_by_name_slug_site_and_address() {
    let app = TestApp::start().await;
    let operator = app.operator("chief").await;
    let (acme, globex) = (app.tenant("acme").await, app.tenant("globex").await);
    acme.complete("create_site").await;
    globex.owner.patch(&globex.path(""), json!({"name": "Рога і копита"})).await.ok();
    globex.member("bookkeeper").await;
    for query in ["acme", "AC", "acme.localhost", "http://acme.localhost:8000/app", "owner@acme.ex"] {
        assert_eq!(found(&operator, query).await, ["acme"], "{query}");
    }
    for query in ["%D0%A0%D0%9E%D0%93%D0%90", "glob", "bookkeeper@"] {
        assert!(found(&operator, query).await.contains(&"globex".to_owned()), "{query}");
    }
    for query in ["cme", "%25", "nothing", "%E6%BC%A2"] {
        assert_eq!(found(&operator, query).await, [""; 0], "{query}");
    }
    assert_eq!(found(&operator, "").await.len(), 4, "with the operator's own and the member's own");
    operator.get("/operator/tenants?q=%00").await.invalid(&["q"]);
    let page = operator.get("/operator/tenants?size=1&page=2").await;
    assert_eq!(page.body["pagination"], json!({"total": 4, "page": 2, "size": 1, "pages": 4}));
}

#[tokio::test]
async fn a_tenant_is_shown_with_what_there_is_to_know_when_its_people_call() {
    let app = TestApp::start().await;
    let operator = app.operator("chief").await;
    let acme = app.tenant("acme").await;
    acme.complete("create_site").await;
    acme.fail("backup_site").await;
    let shown = operator.get(&format!("/operator/tenants/{}", acme.id)).await.ok();
    assert_eq!(shown["tenant"]["slug"], "acme");
    assert!(shown["tenant"]["erpnext_site_url"].as_str().is_some_and(|url| url.contains("acme")));
    assert_eq!((&shown["subscription"]["status"], &shown["members"]), (&json!("trial"), &json!(1)));
    assert_eq!((&shown["allows_support_access"], &shown["support_accesses"]), (&json!(true), &json!([])));
    assert_eq!(shown["jobs"][0]["job"]["error"], "The disk is full");
    assert_eq!(shown["jobs"].as_array().map(Vec::len), Some(2));
    for nothing in ["nonsense", "018f0000-0000-7000-8000-000000000001"] {
        operator.get(&format!("/operator/tenants/{nothing}")).await.refused(404, "not_found");
    }
}

#[tokio::test]
async fn that_somebody_looked_is_in_the_tenants_trail_once_an_hour() {
    let app = TestApp::start().await;
    let operator = app.operator("chief").await;
    let acme = app.tenant("acme").await;
    let path = format!("/operator/tenants/{}", acme.id);
    for _ in 0..3 {
        operator.get(&path).await.ok();
    }
    let reads = async || acme.owner.get(&acme.path("/audit?action=operator.read")).await.ok();
    let seen = reads().await;
    assert_eq!(seen.as_array().map(Vec::len), Some(1), "{seen}");
    assert_eq!(seen[0]["actor"]["user_id"], operator.id.as_str());
    app.database().execute("UPDATE audit_events SET at = at - 3600000001 WHERE action = 'operator.read'").await;
    operator.get(&format!("/operator/audit?tenant={}", acme.id)).await.ok();
    operator.get(&path).await.ok();
    assert_eq!(reads().await.as_array().map(Vec::len), Some(2));
}
