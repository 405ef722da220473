//! `GET /operator/audit` and `/operator/audit.csv`.

use serde_json::{Value, json};

use crate::support::TestApp;

fn actions(events: &Value) -> Vec<&str> {
    events.as_array().expect("a list").iter().map(|event| event["action"].as_str().expect("a word")).collect()
}

#[tokio::test]
async fn the_trail_of_all_tenants_is_read_and_narrowed() {
    let app = TestApp::start().await;
    let operator = app.operator("chief").await;
    let (acme, globex) = (app.tenant("acme").await, app.tenant("globex").await);
    for tenant in [&acme, &globex] {
        tenant.owner.patch(&tenant.path(""), json!({"settings": {"language": "uk"}})).await.ok();
    }
    let narrowed = async |query: &str| operator.get(&format!("/operator/audit?{query}")).await.ok();
    assert_eq!(actions(&narrowed("action=tenants").await), ["tenants.update", "tenants.update"]);
    let of_acme = narrowed(&format!("action=tenants&tenant={}", acme.id)).await;
    assert_eq!((of_acme.as_array().map(Vec::len), &of_acme[0]["tenant_id"]), (Some(1), &json!(acme.id)));
    let of_owner = narrowed(&format!("actor={}&action=tenants", globex.owner.id)).await;
    assert_eq!(of_owner[0]["tenant_id"], json!(globex.id));
    assert!(actions(&narrowed("until=2000-01-01T00:00:00Z").await).is_empty());
    assert_eq!(actions(&narrowed("action=operator.read").await).len(), 2, "of the installation and of acme");
    operator.get("/operator/audit?tenant=acme").await.invalid(&["tenant"]);
    operator.get("/operator/audit?from=yesterday").await.invalid(&["from"]);
}

#[tokio::test]
async fn the_table_names_whose_each_line_is() {
    let app = TestApp::start().await;
    let operator = app.operator("chief").await;
    let acme = app.tenant("acme").await;
    acme.owner.patch(&acme.path(""), json!({"name": "=HYPERLINK(1)"})).await.ok();
    let answer = operator.get(&format!("/operator/audit.csv?tenant={}", acme.id)).await;
    assert!(answer.status() == 200 && answer.header("content-type").starts_with("text/csv"), "{}", answer.text);
    let mut lines = answer.text.lines();
    assert_eq!(
        lines.next(),
        Some(
            "time,action,actor_email,actor_name,actor_id,session_id,api_key_id,api_key_name,address,target,change,tenant_id"
        )
    );
    let mut lines = lines.filter(|line| line.contains(",tenants.update,"));
    assert!(lines.next().is_some_and(|line| line.ends_with(&acme.id)), "{}", answer.text);
    assert!(!answer.text.split(['\n', ',']).any(|cell| cell.trim_start_matches('"').starts_with('=')));
}
