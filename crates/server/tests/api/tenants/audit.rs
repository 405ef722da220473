//! `GET /tenants/{id}/audit` and `/audit.csv`.

use serde_json::{Value, json};

use crate::support::TestApp;

fn actions(events: &Value) -> Vec<&str> {
    events.as_array().expect("a list").iter().map(|event| event["action"].as_str().expect("a word")).collect()
}

#[tokio::test]
async fn owners_and_admins_read_what_was_done_newest_first() {
    let app = TestApp::start().await;
    let acme = app.tenant("acme").await;
    let admin = acme.admin("chief").await;
    acme.owner.patch(&acme.path(""), json!({"settings": {"language": "uk"}})).await.ok();
    for person in [&acme.owner, &admin] {
        let answer = person.get(&acme.path("/audit")).await;
        let events = answer.ok();
        assert_eq!(events[0]["action"], "tenants.update");
        assert_eq!(events[0]["actor"]["user_id"], acme.owner.id.as_str());
        assert!(actions(&events).contains(&"members.invite"), "{events}");
    }
}

#[tokio::test]
async fn the_trail_is_narrowed_by_action_area_actor_and_time() {
    let app = TestApp::start().await;
    let acme = app.tenant("acme").await;
    let admin = acme.admin("chief").await;
    acme.owner.patch(&acme.path(""), json!({"settings": {"language": "uk"}})).await.ok();
    let narrowed = async |query: &str| acme.owner.get(&acme.path(&format!("/audit?{query}"))).await.ok();

    assert_eq!(actions(&narrowed("action=tenants").await), ["tenants.update"]);
    assert_eq!(actions(&narrowed("action=tenants.update").await), ["tenants.update"]);
    assert!(actions(&narrowed("action=tenant").await).is_empty(), "half a word is no area");
    let of_admin = narrowed(&format!("actor={}", admin.id)).await;
    assert!(actions(&of_admin).iter().all(|action| *action != "tenants.update"), "{of_admin}");
    assert!(actions(&narrowed("until=2000-01-01T00:00:00Z").await).is_empty());
    assert!(!actions(&narrowed("from=2000-01-01T00:00:00Z").await).is_empty());
    acme.owner.get(&acme.path("/audit?from=yesterday")).await.invalid(&["from"]);
    acme.owner.get(&acme.path("/audit?actor=chief")).await.invalid(&["actor"]);
}

#[tokio::test]
async fn the_table_opens_in_a_spreadsheet_and_no_cell_is_a_formula() {
    let app = TestApp::start().await;
    let acme = app.tenant("acme").await;
    acme.owner.patch(&acme.path(""), json!({"name": "=HYPERLINK(1)"})).await.ok();
    let answer = acme.owner.get(&acme.path("/audit.csv")).await;
    assert_eq!(answer.status(), 200);
    assert!(answer.header("content-type").starts_with("text/csv"));
    let mut lines = answer.text.lines();
    assert_eq!(
        lines.next(),
        Some("time,action,actor_email,actor_name,actor_id,session_id,api_key_id,api_key_name,address,target,change")
    );
    assert!(lines.next().is_some_and(|line| line.contains(",tenants.update,")), "{}", answer.text);
    assert!(!answer.text.split(['\n', ',']).any(|cell| cell.trim_start_matches('"').starts_with('=')));
}

#[tokio::test]
async fn a_user_may_not_and_a_stranger_finds_nothing() {
    let app = TestApp::start().await;
    let acme = app.tenant("acme").await;
    let (user, stranger) = (acme.member("accountant").await, app.person("stranger").await);
    for path in [acme.path("/audit"), acme.path("/audit.csv")] {
        user.get(&path).await.refused(403, "forbidden");
        stranger.get(&path).await.refused(404, "not_found");
    }
}
