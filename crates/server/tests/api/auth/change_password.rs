//! `POST /auth/password/change`.

use serde_json::json;

use crate::support::{PASSWORD, TestApp};

const NEW: &str = "BlueHorse-Battery";

#[tokio::test]
async fn the_new_password_counts_and_all_other_sessions_end() {
    let app = TestApp::start().await;
    let owner = app.tenant("acme").await.owner;
    let other = owner.login_again().await;
    let change = json!({"current_password": PASSWORD, "new_password": NEW});
    assert_eq!(owner.post("/auth/password/change", change).await.ok(), json!({"ended": 1}));
    owner.get("/auth/me").await.ok();
    owner.refresh().await.ok();
    other.get("/auth/me").await.refused(401, "unauthorized");
    other.refresh().await.refused(400, "invalid_grant");
    let login = |password: &str| json!({"email": owner.email, "password": password});
    app.post("/auth/login", login(PASSWORD)).await.refused(401, "invalid_credentials");
    app.post("/auth/login", login(NEW)).await.ok();
    let told = owner.get("/notifications").await.ok();
    let told = told["notifications"].as_array().expect("a list").clone();
    assert!(told.iter().any(|one| one["title"] == "Your password was changed"), "{told:?}");
}

#[tokio::test]
async fn what_is_wrong_is_told_at_its_field_and_never_by_401() {
    let app = TestApp::start().await;
    let owner = app.tenant("acme").await.owner;
    let change = |current: &str, new: &str| json!({"current_password": current, "new_password": new});
    owner.post("/auth/password/change", change("SomethingElse1", NEW)).await.invalid(&["current_password"]);
    owner.post("/auth/password/change", change(PASSWORD, "short")).await.invalid(&["new_password"]);
    owner.post("/auth/password/change", change(PASSWORD, &owner.email)).await.invalid(&["new_password"]);
    app.post("/auth/login", json!({"email": owner.email, "password": PASSWORD})).await.ok();
}
