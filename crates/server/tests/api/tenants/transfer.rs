//! `POST /tenants/{id}/transfer`.

use serde_json::{Value, json};

use crate::support::{PASSWORD, Person, TestApp, TestTenant, random_id};

fn to(person: &Person) -> Value {
    json!({"user_id": person.id, "password": PASSWORD})
}

async fn owners(acme: &TestTenant, who: &Person) -> Vec<String> {
    let members = who.get(&acme.path("/users")).await.ok();
    let owners = members.as_array().expect("a list").iter().filter(|member| member["role"] == "owner");
    owners.map(|member| member["user_id"].as_str().expect("an id").to_owned()).collect()
}

#[tokio::test]
async fn a_company_is_handed_over_at_once_and_both_are_told() {
    let app = TestApp::start().await;
    let acme = app.tenant("acme").await;
    let partner = acme.member("partner").await;
    let new_owner = acme.owner.post(&acme.path("/transfer"), to(&partner)).await.ok();
    assert_eq!((&new_owner["user_id"], &new_owner["role"]), (&json!(partner.id), &json!("owner")));
    assert_eq!(owners(&acme, &partner).await, [partner.id.as_str()]);
    let path = acme.path(&format!("/users/{}", partner.id));
    acme.owner.patch(&path, json!({"role": "user"})).await.refused(403, "forbidden");
    acme.owner.get(&acme.path("/users")).await.ok();
    let given = app.mail_to("owner@acme.example", "You handed a company over").await;
    assert!(given.text.contains("acme now belongs to"), "{}", given.text);
    let received = app.mail_to("partner@acme.example", "A company is yours now").await;
    assert!(received.text.contains("handed acme over to you"), "{}", received.text);
    for (person, other) in [(&acme.owner, &partner), (&partner, &acme.owner)] {
        let told = person.get("/notifications").await.ok();
        let newest = told["notifications"][0]["message"].as_str().expect("a text").to_owned();
        assert!(newest.contains("acme") && newest.contains(&other.email), "{newest}");
    }
    let events = partner.get(&acme.path("/audit?action=tenants.transfer")).await.ok();
    assert_eq!(events[0]["change"], json!({"from": acme.owner.id, "to": partner.id, "former_role": "user"}));
}

#[tokio::test]
async fn the_password_is_asked_for_and_guesses_are_counted() {
    let app = TestApp::quiet().await;
    let acme = app.tenant("acme").await;
    let partner = acme.member("partner").await;
    let path = acme.path("/transfer");
    acme.owner.post(&path, json!({"user_id": partner.id})).await.invalid(&["password"]);
    acme.owner.post(&path, json!({"user_id": partner.id, "password": ""})).await.invalid(&["password"]);
    for _ in 0..5 {
        let guess = json!({"user_id": partner.id, "password": "SomethingElse1"});
        acme.owner.post(&path, guess).await.invalid(&["password"]);
    }
    acme.owner.post(&path, to(&partner)).await.refused(429, "rate_limited");
    assert_eq!(owners(&acme, &acme.owner).await, [acme.owner.id.as_str()]);
}

#[tokio::test]
async fn only_an_owner_hands_over() {
    let app = TestApp::quiet().await;
    let acme = app.tenant("acme").await;
    let (admin, user) = (acme.admin("chief").await, acme.member("accountant").await);
    let stranger = app.person("stranger").await;
    let path = acme.path("/transfer");
    admin.post(&path, to(&admin)).await.refused(403, "forbidden");
    user.post(&path, to(&user)).await.refused(403, "forbidden");
    stranger.post(&path, to(&stranger)).await.refused(404, "not_found");
    assert_eq!(owners(&acme, &acme.owner).await, [acme.owner.id.as_str()]);
}

#[tokio::test]
async fn only_a_member_whose_address_is_proven_gets_it() {
    let app = TestApp::quiet().await;
    let acme = app.tenant("acme").await;
    let (partner, stranger) = (acme.admin("partner").await, app.person("stranger").await);
    let path = acme.path("/transfer");
    for id in [&stranger.id, &random_id(), "no-id"] {
        let body = json!({"user_id": id, "password": PASSWORD});
        acme.owner.post(&path, body).await.refused(404, "not_found");
    }
    acme.owner.post(&path, to(&acme.owner)).await.invalid(&["user_id"]);
    app.database().execute(&format!("UPDATE users SET email_proven_at = NULL WHERE id = '{}'", partner.id)).await;
    acme.owner.post(&path, to(&partner)).await.invalid(&["user_id"]);
    app.database().execute(&format!("UPDATE users SET email_proven_at = 1 WHERE id = '{}'", partner.id)).await;
    app.disable(&partner).await;
    acme.owner.post(&path, to(&partner)).await.invalid(&["user_id"]);
    assert_eq!(owners(&acme, &acme.owner).await, [acme.owner.id.as_str()]);
}

#[tokio::test]
async fn of_two_at_once_one_counts() {
    let app = TestApp::quiet().await;
    let acme = app.tenant("acme").await;
    let (one, other) = (acme.member("one").await, acme.admin("other").await);
    let path = acme.path("/transfer");
    let (first, second) = tokio::join!(acme.owner.post(&path, to(&one)), acme.owner.post(&path, to(&other)));
    let mut statuses = [first.status(), second.status()];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 403], "{} {}", first.text, second.text);
    let owners = owners(&acme, &acme.owner).await;
    assert!(owners == [one.id.clone()] || owners == [other.id.clone()], "{owners:?}");
}

#[tokio::test]
async fn who_gave_the_only_company_away_may_leave_and_has_another() {
    let app = TestApp::quiet().await;
    let acme = app.tenant("acme").await;
    let partner = acme.member("partner").await;
    acme.owner.post(&acme.path("/transfer"), to(&partner)).await.ok();
    acme.owner.delete(&acme.path(&format!("/users/{}", acme.owner.id))).await.ok();
    acme.owner.get("/tenants/current").await.refused(403, "not_a_member");
    let again = acme.owner.login_again().await;
    let me = again.get("/auth/me").await.ok();
    assert_eq!(me["tenants"].as_array().map(Vec::len), Some(1));
    assert_eq!((&me["tenants"][0]["role"], &me["tenants"][0]["is_default"]), (&json!("owner"), &json!(true)));
    assert_eq!(again.get("/billing/subscription").await.ok()["status"], "trial");
    again.post("/provisioning/jobs", json!({"job_type": "create_site"})).await.created();
}
