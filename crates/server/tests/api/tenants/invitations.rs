//! `GET /tenants/{id}/invitations`, `DELETE …/{id}` and `POST …/{id}/resend`.

use std::time::Duration;

use axum::http::Method;
use serde_json::{Value, json};

use crate::support::{Person, Setup, TestApp, TestTenant, random_id, token_of, until};

const WEEK: Duration = Duration::from_secs(7 * 86_400);

fn path(acme: &TestTenant, invitation: &Value, rest: &str) -> String {
    acme.path(&format!("/invitations/{}{rest}", invitation["id"].as_str().expect("an id")))
}

async fn emails(acme: &TestTenant) -> Vec<String> {
    let open = acme.owner.get(&acme.path("/invitations")).await.ok();
    let open = open.as_array().expect("a list").iter();
    open.map(|one| one["email"].as_str().expect("a text").to_owned()).collect()
}

async fn look(app: &TestApp, link: &Value) -> u16 {
    let token = token_of(link.as_str().expect("a link"));
    app.post("/auth/invitations/look", json!({"token": token})).await.status()
}

#[tokio::test]
async fn open_invitations_are_listed_until_they_are_accepted_or_taken_back() {
    let app = TestApp::quiet().await;
    let acme = app.tenant("acme").await;
    app.database().execute("UPDATE plans SET limits = '{}'").await;
    let first = acme.invite("first@x.example", "user").await;
    acme.invite("second@x.example", "admin").await;
    let third = acme.invite("third@x.example", "user").await;
    let answer = acme.owner.get(&acme.path("/invitations?size=2")).await;
    assert_eq!(answer.body["pagination"]["total"], 3);
    let page = answer.ok();
    let newest = &page[0];
    assert_eq!(page.as_array().map(Vec::len), Some(2));
    assert_eq!((&newest["id"], &newest["role"]), (&third["id"], &json!("user")));
    assert_eq!(newest["invited_by"], json!({"user_id": acme.owner.id, "full_name": "owner@acme.example"}));
    assert_eq!((&newest["expires_at"], &newest["is_expired"]), (&third["expires_at"], &json!(false)));
    assert!(newest.get("link").is_none(), "links are handed to who invites");
    Person::register(&app, "second@x.example", "second").await;
    acme.owner.delete(&path(&acme, &first, "")).await.ok();
    assert_eq!(emails(&acme).await, ["third@x.example"]);
    app.pass(WEEK);
    acme.owner.refresh().await.ok();
    let open = acme.owner.get(&acme.path("/invitations")).await.ok();
    assert_eq!(open[0]["is_expired"], true);
}

#[tokio::test]
async fn admins_see_them_and_members_do_not() {
    let app = TestApp::quiet().await;
    let acme = app.tenant("acme").await;
    let (admin, user) = (acme.admin("chief").await, acme.member("accountant").await);
    admin.get(&acme.path("/invitations")).await.ok();
    user.get(&acme.path("/invitations")).await.refused(403, "forbidden");
    app.person("stranger").await.get(&acme.path("/invitations")).await.refused(404, "not_found");
}

#[tokio::test]
async fn what_was_taken_back_makes_no_member_and_leaves_room() {
    let app = TestApp::quiet().await;
    let acme = app.tenant("acme").await;
    acme.member("accountant").await;
    let invitation = acme.invite("guest@x.example", "user").await;
    let other = json!({"email": "other@x.example", "role": "user"});
    acme.owner.post(&acme.path("/users/invite"), other.clone()).await.refused(403, "plan_limit_reached");
    assert_eq!(acme.owner.delete(&path(&acme, &invitation, "")).await.ok(), json!({}));
    acme.owner.delete(&path(&acme, &invitation, "")).await.refused(404, "not_found");
    acme.owner.post_nothing(&path(&acme, &invitation, "/resend")).await.refused(404, "not_found");
    acme.owner.post(&acme.path("/users/invite"), other).await.ok();
    let guest = Person::register(&app, "guest@x.example", "guest").await;
    assert_eq!(guest.get("/tenants").await.ok().as_array().map(Vec::len), Some(1));
}

#[tokio::test]
async fn an_admin_takes_back_and_resends_those_of_users_alone() {
    let app = TestApp::quiet().await;
    let acme = app.tenant("acme").await;
    app.database().execute("UPDATE plans SET limits = '{}'").await;
    let (admin, user) = (acme.admin("chief").await, acme.member("accountant").await);
    let of_user = acme.invite("user@x.example", "user").await;
    let of_admin = acme.invite("admin@x.example", "admin").await;
    user.delete(&path(&acme, &of_user, "")).await.refused(403, "forbidden");
    user.post_nothing(&path(&acme, &of_user, "/resend")).await.refused(403, "forbidden");
    admin.delete(&path(&acme, &of_admin, "")).await.refused(403, "forbidden");
    admin.post_nothing(&path(&acme, &of_admin, "/resend")).await.refused(403, "forbidden");
    assert!(admin.post_nothing(&path(&acme, &of_user, "/resend")).await.ok()["link"].is_string());
    admin.delete(&path(&acme, &of_user, "")).await.ok();
    acme.owner.delete(&path(&acme, &of_admin, "")).await.ok();
}

#[tokio::test]
async fn invitations_of_others_are_not_there() {
    let app = TestApp::quiet().await;
    let (acme, globex) = (app.tenant("acme").await, app.tenant("globex").await);
    let theirs = globex.invite("guest@x.example", "user").await;
    for id in [theirs["id"].as_str().expect("an id"), &random_id(), "no-id"] {
        let path = acme.path(&format!("/invitations/{id}"));
        acme.owner.delete(&path).await.refused(404, "not_found");
        acme.owner.post_nothing(&format!("{path}/resend")).await.refused(404, "not_found");
    }
}

#[tokio::test]
async fn a_resent_invitation_has_a_new_link_and_seven_days_more() {
    let app = TestApp::start().await;
    let acme = app.tenant("acme").await;
    let first = acme.invite("guest@x.example", "user").await;
    let mailed = app.mail_to("guest@x.example", "You are invited to ERPMax").await;
    app.pass(WEEK);
    acme.owner.refresh().await.ok();
    let again = acme.owner.post_nothing(&path(&acme, &first, "/resend")).await.ok();
    assert_eq!((&again["id"], &again["role"]), (&first["id"], &first["role"]));
    assert_ne!(again["link"], first["link"]);
    assert_eq!((look(&app, &first["link"]).await, look(&app, &again["link"]).await), (400, 200));
    assert_eq!(look(&app, &json!(mailed.link())).await, 400);
    let open = acme.owner.get(&acme.path("/invitations")).await.ok();
    assert_eq!((&open[0]["expires_at"], &open[0]["is_expired"]), (&again["expires_at"], &json!(false)));
    until("a second letter comes", async || app.mails_to("guest@x.example").len() == 2).await;
}

#[tokio::test]
async fn what_expired_and_is_sent_again_needs_room() {
    let app = TestApp::quiet().await;
    let acme = app.tenant("acme").await;
    acme.member("accountant").await;
    let late = acme.invite("late@x.example", "user").await;
    acme.owner.post_nothing(&path(&acme, &late, "/resend")).await.ok();
    app.pass(WEEK);
    acme.owner.refresh().await.ok();
    acme.invite("other@x.example", "user").await;
    acme.owner.post_nothing(&path(&acme, &late, "/resend")).await.refused(403, "plan_limit_reached");
}

#[tokio::test]
async fn who_proved_the_address_meanwhile_joins_when_it_is_sent_again() {
    let app = TestApp::quiet().await;
    let acme = app.tenant("acme").await;
    let late = acme.invite("late@x.example", "user").await;
    app.pass(WEEK);
    acme.owner.refresh().await.ok();
    let guest = Person::register(&app, "late@x.example", "late").await;
    assert_eq!(guest.get("/tenants").await.ok().as_array().map(Vec::len), Some(1));
    acme.owner.post_nothing(&path(&acme, &late, "/resend")).await.ok();
    assert_eq!(guest.get("/tenants").await.ok().as_array().map(Vec::len), Some(2));
    acme.owner.post_nothing(&path(&acme, &late, "/resend")).await.refused(404, "not_found");
}

#[tokio::test]
async fn an_address_gets_five_letters_of_a_company_within_an_hour() {
    let app = TestApp::quiet().await;
    let (acme, globex) = (app.tenant("acme").await, app.tenant("globex").await);
    let invitation = acme.invite("guest@x.example", "user").await;
    for _ in 0..4 {
        acme.owner.post_nothing(&path(&acme, &invitation, "/resend")).await.ok();
    }
    let refused = acme.owner.post_nothing(&path(&acme, &invitation, "/resend")).await.refused(429, "rate_limited");
    assert!((3_500..=3_601).contains(&refused.retry_after()));
    let body = json!({"email": "Guest@x.example", "role": "user"});
    acme.owner.post(&acme.path("/users/invite"), body.clone()).await.refused(429, "rate_limited");
    globex.owner.post(&globex.path("/users/invite"), body.clone()).await.ok();
    app.pass(Duration::from_secs(3_601));
    acme.owner.refresh().await.ok();
    acme.owner.post(&acme.path("/users/invite"), body).await.ok();
}

#[tokio::test]
async fn an_admin_does_not_replace_an_invitation_of_an_admin() {
    let app = TestApp::quiet().await;
    let acme = app.tenant("acme").await;
    let admin = acme.admin("chief").await;
    let waiting = acme.invite("guest@x.example", "admin").await;
    let body = json!({"email": "guest@x.example", "role": "user"});
    let answer = admin.post(&acme.path("/users/invite"), body).await.ok();
    assert_eq!((&answer["id"], &answer["role"]), (&waiting["id"], &json!("admin")));
    assert!(answer.get("link").is_none(), "an admin could become another one by it");
    assert_eq!(look(&app, &waiting["link"]).await, 200);
    let guest = Person::register(&app, "guest@x.example", "guest").await;
    let members = acme.owner.get(&acme.path("/users")).await.ok();
    let member = members.as_array().expect("a list").iter().find(|one| one["user_id"] == guest.id);
    assert_eq!(member.map(|member| &member["role"]), Some(&json!("admin")));
}

#[tokio::test]
async fn a_link_is_handed_only_where_no_mail_goes_out() {
    let with_smtp = |setup: &mut Setup| {
        setup.send_mails();
        setup.payments = false;
    };
    let app = TestApp::with(with_smtp).await;
    let acme = app.tenant("acme").await;
    assert!(acme.invite("guest@x.example", "user").await.get("link").is_none());
    let app = TestApp::proving().await;
    let acme = app.tenant("acme").await;
    let link = acme.invite("guest@x.example", "user").await["link"].as_str().expect("a link").to_owned();
    assert!(link.contains("/invitation?token="), "{link}");
}

#[tokio::test]
async fn a_repeated_request_gets_the_same_link_and_none_is_kept() {
    let app = TestApp::quiet().await;
    let acme = app.tenant("acme").await;
    let call = async || {
        let call = acme.owner.call(Method::POST, &acme.path("/users/invite")).header("idempotency-key", "one");
        call.json(&json!({"email": "guest@x.example", "role": "user"})).send().await.ok()
    };
    let first = call().await;
    assert_eq!(call().await, first);
    let token = token_of(first["link"].as_str().expect("a link"));
    let (_, seal) = token.split_once('.').expect("a token");
    for column in app.database().text_columns().await {
        let (table, name) = column.split_once('.').expect("table and column");
        let sql = format!("SELECT 'yes' FROM {table} WHERE {name} LIKE '%{seal}%' LIMIT 1");
        assert!(app.database().texts(&sql).await.is_empty(), "{column} keeps the link");
    }
}

#[tokio::test]
async fn what_is_done_with_invitations_is_in_the_audit_trail() {
    let app = TestApp::quiet().await;
    let acme = app.tenant("acme").await;
    let invitation = acme.invite("guest@x.example", "user").await;
    acme.owner.post_nothing(&path(&acme, &invitation, "/resend")).await.ok();
    acme.owner.delete(&path(&acme, &invitation, "")).await.ok();
    let events = acme.owner.get(&acme.path("/audit?action=members")).await.ok();
    let events = events.as_array().expect("a list").iter();
    let told: Vec<_> = events.map(|event| (event["action"].as_str(), event["target"] == invitation["id"])).collect();
    assert_eq!(
        told,
        [
            (Some("members.revoke_invitation"), true),
            (Some("members.resend_invitation"), true),
            (Some("members.invite"), true)
        ]
    );
}
