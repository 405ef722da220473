//! `GET /operator/jobs`.

use serde_json::json;

use crate::support::{TestApp, Work};

#[tokio::test]
async fn failed_jobs_of_all_tenants_are_listed_and_leaked_ones_apart() {
    let app = TestApp::start().await;
    let operator = app.operator("chief").await;
    let (acme, globex) = (app.tenant("acme").await, app.tenant("globex").await);
    acme.complete("create_site").await;
    acme.fail("backup_site").await;
    globex.ask_for("create_site").await;
    Work::lease(&app).await.leak("The disk is full", "the database q7").await;

    let failed = operator.get("/operator/jobs?status=failed").await.ok();
    let names: Vec<_> = failed.as_array().expect("a list").iter().map(|one| one["tenant_name"].clone()).collect();
    assert_eq!(names, ["globex", "acme"], "what happened last comes first");
    assert_eq!(failed[0]["job"]["error"], "The disk is full");
    assert_eq!(operator.get("/operator/jobs").await.ok(), failed);
    let leaked = operator.get("/operator/jobs?status=leaked").await;
    assert_eq!(leaked.body["pagination"]["total"], 1);
    assert_eq!(leaked.ok()[0]["leak"], json!("the database q7"));
    operator.get("/operator/jobs?status=running").await.invalid(&["status"]);
}
