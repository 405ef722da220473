//! `GET /provisioning/jobs`.

use serde_json::json;

use crate::support::TestApp;

#[tokio::test]
async fn every_member_sees_the_jobs_newest_first() {
    let app = TestApp::start().await;
    let acme = app.tenant("acme").await;
    let user = acme.member("accountant").await;
    for word in ["create_site", "backup_site", "delete_site"] {
        acme.complete(word).await;
    }
    app.tenant("globex").await.ask_for("create_site").await;
    for query in ["", "?types=all"] {
        let answer = user.get(&format!("/provisioning/jobs{query}")).await;
        assert_eq!(answer.body["pagination"]["total"], 3);
        let data = answer.ok();
        let types: Vec<_> = data.as_array().expect("a list").iter().map(|job| job["job_type"].clone()).collect();
        assert_eq!(types, ["delete_site", "backup_site", "create_site"]);
    }
    let second = user.get("/provisioning/jobs?page=2&size=2").await;
    assert_eq!(second.body["pagination"], json!({"total": 3, "page": 2, "size": 2, "pages": 2}));
    assert_eq!(second.ok()[0]["job_type"], "create_site");
}

#[tokio::test]
async fn bad_parameters_are_named() {
    let app = TestApp::start().await;
    let owner = app.tenant("acme").await.owner;
    owner.get("/provisioning/jobs?types=some").await.invalid(&["types"]);
    owner.get("/provisioning/jobs?size=0").await.invalid(&["size"]);
    app.get("/provisioning/jobs").await.refused(401, "unauthorized");
}
