//! `POST /auth/invitations/look` and `/auth/invitations/accept`: what a link proves, and what it does not.

use std::time::Duration;

use axum::http::Method;
use serde_json::{Value, json};

use crate::support::{Answer, Factor, PASSWORD, Person, TestApp, TestTenant, token_of};

const EMAIL: &str = "new@partner.example";
const OTHER_PASSWORD: &str = "AnotherPass456";

/// The tokens of one invitation: by mail, and by the inviter's hand.
struct Tokens {
    mailed: String,
    handed: String,
}

async fn invite(acme: &TestTenant, email: &str, role: &str) -> Tokens {
    let handed = token_of(acme.invite(email, role).await["link"].as_str().expect("a link"));
    let mail = acme.owner.app().mail_to(email, "You are invited to ERPMax").await;
    Tokens { mailed: token_of(mail.link()), handed }
}

async fn accept(app: &TestApp, body: Value) -> Answer {
    app.post("/auth/invitations/accept", body).await
}

async fn look(app: &TestApp, token: &str) -> Answer {
    app.post("/auth/invitations/look", json!({"token": token})).await
}

fn newcomer(token: &str) -> Value {
    json!({"token": token, "full_name": "New Partner", "password": PASSWORD})
}

fn join(token: &str) -> Value {
    json!({"token": token, "password": PASSWORD})
}

fn person(app: &TestApp, accepted: &Value) -> Person {
    Person::signed_in(app, app.new_address(), &accepted["signed_in"])
}

async fn is_proven(app: &TestApp, email: &str) -> bool {
    let sql = format!("SELECT id FROM users WHERE email_key = '{email}' AND email_proven_at IS NOT NULL");
    !app.database().texts(&sql).await.is_empty()
}

async fn members(acme: &TestTenant) -> Vec<String> {
    let members = acme.owner.get(&acme.path("/users")).await.ok();
    members.as_array().expect("a list").iter().map(|member| member["email"].to_string()).collect()
}

#[tokio::test]
async fn who_has_no_account_gets_one_and_starts_in_the_inviting_company() {
    let app = TestApp::proving().await;
    let acme = app.tenant("acme").await;
    let tokens = invite(&acme, EMAIL, "admin").await;
    let seen = look(&app, &tokens.mailed).await.ok();
    assert_eq!((&seen["company"], &seen["role"], &seen["needs"]), (&json!("acme"), &json!("admin"), &json!("account")));
    assert_eq!((&seen["inviter"], &seen["email"]), (&json!("owner@acme.example"), &json!(EMAIL)));
    assert_eq!((&seen["account_exists"], &seen["inviter_role"]), (&json!(false), &json!("owner")));
    let accepted = accept(&app, newcomer(&tokens.mailed)).await.created();
    assert_eq!((&accepted["joined"]["tenant_id"], &accepted["joined"]["role"]), (&json!(acme.id), &json!("admin")));
    let signed_in = &accepted["signed_in"];
    assert_eq!(signed_in["current_tenant"]["id"], acme.id);
    assert_eq!(signed_in["user"]["email_verified"], true);
    let partner = person(&app, &accepted);
    partner.get(&acme.path("/users")).await.ok();
    let again = partner.login_again().await;
    assert_eq!(again.get("/auth/me").await.ok()["current_tenant"]["id"], acme.id, "sign-in starts there too");
}

#[tokio::test]
async fn the_own_company_is_dormant_until_it_is_used() {
    let app = TestApp::proving().await;
    let acme = app.tenant("acme").await;
    let tokens = invite(&acme, EMAIL, "user").await;
    let accepted = accept(&app, newcomer(&tokens.mailed)).await.created();
    let partner = person(&app, &accepted);
    let tenants = accepted["signed_in"]["tenants"].as_array().expect("a list").clone();
    let own = tenants.iter().find(|tenant| tenant["role"] == "owner").expect("an own one");
    assert_eq!((&own["tenant_name"], &own["is_default"]), (&json!("New Partner"), &json!(false)));
    let trials = "SELECT tenant_id FROM subscriptions";
    assert_eq!(app.database().texts(trials).await, [acme.id.as_str()]);
    app.pass(Duration::from_secs(30 * 86_400));
    let partner = partner.login_again().await;
    partner.switch_to(own["tenant_id"].as_str().expect("an id")).await;
    let subscription = partner.get("/billing/subscription").await.ok();
    assert_eq!(subscription["status"], "trial");
    let begins: erpmax_types::Timestamp =
        subscription["current_period_start"].as_str().expect("a time").parse().expect("a time");
    assert!(app.now().since(begins) < Duration::from_secs(60), "the trial begins now");
    partner.switch_to(&acme.id).await;
    partner.switch_to(own["tenant_id"].as_str().expect("an id")).await;
    assert_eq!(app.database().texts(trials).await.len(), 2);
}

#[tokio::test]
async fn a_handed_link_makes_a_member_and_proves_nothing() {
    let app = TestApp::proving().await;
    let (acme, globex) = (app.tenant("acme").await, app.tenant("globex").await);
    let victim = "victim@partner.example";
    globex.invite(victim, "admin").await;
    let handed = invite(&acme, victim, "user").await.handed;
    let accepted = accept(&app, newcomer(&handed)).await.created();
    assert_eq!(accepted["signed_in"]["user"]["email_verified"], false);
    let tenants = accepted["signed_in"]["tenants"].as_array().expect("a list");
    assert!(tenants.iter().all(|tenant| tenant["tenant_id"] != globex.id), "{tenants:?}");
    assert!(!is_proven(&app, victim).await);
    assert!(members(&globex).await.len() == 1, "the victim's other invitations stay out of reach");
}

#[tokio::test]
async fn a_mailed_link_opens_every_invitation_of_the_address() {
    let app = TestApp::proving().await;
    let (acme, globex) = (app.tenant("acme").await, app.tenant("globex").await);
    globex.invite(EMAIL, "admin").await;
    let tokens = invite(&acme, EMAIL, "user").await;
    let accepted = accept(&app, newcomer(&tokens.mailed)).await.created();
    assert_eq!(accepted["signed_in"]["tenants"].as_array().map(Vec::len), Some(3));
}

#[tokio::test]
async fn a_squatter_does_not_get_the_owners_memberships() {
    let app = TestApp::proving().await;
    let acme = app.tenant("acme").await;
    let squatter = Person::register(&app, EMAIL, "squatter").await;
    let tokens = invite(&acme, EMAIL, "user").await;
    assert_eq!(squatter.get("/tenants").await.ok().as_array().map(Vec::len), Some(1));
    squatter.post("/auth/invitations/accept", json!({"token": "no.token"})).await.refused(400, "invalid_token");
    // The owner of the mailbox, without the squatter's password.
    assert_eq!(look(&app, &tokens.mailed).await.ok()["needs"], "any_password");
    accept(&app, json!({"token": tokens.mailed})).await.invalid(&["password"]);
    accept(&app, json!({"token": tokens.mailed, "new_password": "short"})).await.invalid(&["new_password"]);
    let taken = accept(&app, json!({"token": tokens.mailed, "new_password": OTHER_PASSWORD})).await.ok();
    assert_eq!((&taken["joined"]["tenant_id"], &taken["signed_in"]), (&json!(acme.id), &Value::Null));
    squatter.get("/auth/me").await.refused(401, "unauthorized");
    squatter.refresh().await.refused(400, "invalid_grant");
    let login = async |password: &str| app.post("/auth/login", json!({"email": EMAIL, "password": password})).await;
    login(PASSWORD).await.refused(401, "invalid_credentials");
    assert_eq!(login(OTHER_PASSWORD).await.ok()["user"]["email_verified"], true);
    app.mail_to(EMAIL, "Your password was changed").await;
}

#[tokio::test]
async fn a_squatters_second_factor_does_not_lock_the_owner_out() {
    let app = TestApp::proving().await;
    let acme = app.tenant("acme").await;
    let squatter = Person::register(&app, EMAIL, "squatter").await;
    let factor = Factor::of(&squatter).await;
    let challenge = factor.challenge().await;
    let tokens = invite(&acme, EMAIL, "user").await;
    accept(&app, json!({"token": tokens.mailed, "new_password": OTHER_PASSWORD})).await.ok();
    app.post("/auth/login", json!({"email": EMAIL, "password": OTHER_PASSWORD})).await.ok();
    factor.answer(&challenge, &factor.next_code()).await.refused(400, "invalid_grant");
}

#[tokio::test]
async fn who_is_behind_the_account_keeps_password_and_sessions() {
    let app = TestApp::proving().await;
    let acme = app.tenant("acme").await;
    for (email, by_session) in [("one@partner.example", true), ("two@partner.example", false)] {
        let partner = Person::register(&app, email, "partner").await;
        let tokens = invite(&acme, email, "user").await;
        let joined = if by_session {
            partner.post("/auth/invitations/accept", json!({"token": tokens.mailed})).await.ok()
        } else {
            accept(&app, json!({"token": tokens.mailed, "password": OTHER_PASSWORD})).await.invalid(&["password"]);
            accept(&app, join(&tokens.mailed)).await.ok()
        };
        assert_eq!((&joined["joined"]["role"], &joined["signed_in"]), (&json!("user"), &Value::Null));
        let me = partner.get("/auth/me").await.ok();
        assert_eq!((&me["current_tenant"]["id"], &me["email_verified"]), (&json!(partner.own_tenant), &json!(true)));
        assert_eq!(me["tenants"].as_array().map(Vec::len), Some(2));
    }
}

#[tokio::test]
async fn a_handed_link_needs_the_account_and_never_sets_its_password() {
    let app = TestApp::proving().await;
    let acme = app.tenant("acme").await;
    let partner = Person::register(&app, EMAIL, "partner").await;
    let handed = invite(&acme, EMAIL, "user").await.handed;
    assert_eq!(look(&app, &handed).await.ok()["needs"], "password");
    accept(&app, json!({"token": handed, "new_password": OTHER_PASSWORD})).await.invalid(&["password"]);
    acme.owner.post("/auth/invitations/accept", json!({"token": handed})).await.invalid(&["password"]);
    accept(&app, newcomer(&handed)).await.ok();
    assert!(!is_proven(&app, EMAIL).await);
    let me = partner.get("/auth/me").await.ok();
    assert_eq!(me["tenants"].as_array().map(Vec::len), Some(2));
}

#[tokio::test]
async fn a_second_factor_stays_asked_for_after_joining_by_password() {
    let app = TestApp::proving().await;
    let acme = app.tenant("acme").await;
    let partner = Person::register(&app, EMAIL, "partner").await;
    let factor = Factor::of(&partner).await;
    let tokens = invite(&acme, EMAIL, "user").await;
    let joined = accept(&app, join(&tokens.mailed)).await.ok();
    assert_eq!(joined["signed_in"], Value::Null);
    factor.password(PASSWORD).await.refused(403, "second_factor_required");
}

#[tokio::test]
async fn a_proven_account_that_did_not_join_at_once_joins_by_the_mailed_link_alone() {
    let app = TestApp::proving().await;
    let acme = app.tenant("acme").await;
    let partner = Person::register(&app, EMAIL, "partner").await;
    let tokens = invite(&acme, EMAIL, "user").await;
    app.database().execute(&format!("UPDATE users SET email_proven_at = 1 WHERE id = '{}'", partner.id)).await;
    assert_eq!(look(&app, &tokens.handed).await.ok()["needs"], "password");
    assert_eq!(look(&app, &tokens.mailed).await.ok()["needs"], "nothing");
    accept(&app, json!({"token": tokens.mailed})).await.ok();
    assert!(members(&acme).await.contains(&format!("\"{EMAIL}\"")));
}

#[tokio::test]
async fn a_disabled_account_does_not_join() {
    let app = TestApp::proving().await;
    let acme = app.tenant("acme").await;
    let partner = Person::register(&app, EMAIL, "partner").await;
    let tokens = invite(&acme, EMAIL, "user").await;
    app.disable(&partner).await;
    accept(&app, join(&tokens.mailed)).await.refused(403, "account_disabled");
    assert_eq!(members(&acme).await.len(), 1);
}

#[tokio::test]
async fn whatever_is_wrong_with_a_link_the_answer_is_the_same() {
    let app = TestApp::proving().await;
    let acme = app.tenant("acme").await;
    let used = invite(&acme, "used@partner.example", "user").await.mailed;
    accept(&app, newcomer(&used)).await.created();
    let revoked = acme.invite("revoked@partner.example", "user").await;
    let path = acme.path(&format!("/invitations/{}", revoked["id"].as_str().expect("an id")));
    acme.owner.delete(&path).await.ok();
    let revoked = token_of(revoked["link"].as_str().expect("a link"));
    let expired = invite(&acme, "late@partner.example", "user").await.mailed;
    app.pass(Duration::from_secs(7 * 86_400));
    acme.owner.refresh().await.ok();
    let good = invite(&acme, EMAIL, "user").await;
    let other_seal = good.mailed.split_once('.').map(|(id, _)| format!("{id}.{}", "A".repeat(43))).expect("a token");
    let guessed = format!("{}.{}", crate::support::random_id(), erpmax_core::random_token());
    let mut answers = Vec::new();
    for token in [used, revoked, expired, other_seal, guessed, String::new(), "x".to_owned()] {
        let seen = look(&app, &token).await.refused(400, "invalid_token").text;
        let answer = accept(&app, newcomer(&token)).await.refused(400, "invalid_token").text;
        answers.extend([seen, answer]);
    }
    answers.dedup();
    assert_eq!(answers.len(), 1, "{answers:?}");
    assert!(look(&app, &good.handed).await.status() == 200, "looking spends nothing");
}

#[tokio::test]
async fn what_is_typed_for_a_new_account_is_checked() {
    let app = TestApp::proving().await;
    let acme = app.tenant("acme").await;
    let token = invite(&acme, EMAIL, "user").await.mailed;
    accept(&app, json!({"token": token})).await.invalid(&["full_name", "password"]);
    let own = json!({"token": token, "full_name": "a\nb", "password": EMAIL});
    accept(&app, own).await.invalid(&["full_name", "password"]);
    accept(&app, json!({"full_name": "x", "password": PASSWORD})).await.invalid(&["token"]);
}

#[tokio::test]
async fn links_that_are_not_good_are_counted_by_address() {
    let app = TestApp::quiet().await;
    let acme = app.tenant("acme").await;
    let good = token_of(acme.invite(EMAIL, "user").await["link"].as_str().expect("a link"));
    let guess = async |token: &str, from: &str| {
        let call = app.call(Method::POST, "/auth/invitations/look").json(&json!({"token": token}));
        call.from(from).send().await
    };
    for _ in 0..60 {
        guess("no.token", "192.0.2.1").await.refused(400, "invalid_token");
    }
    guess(&good, "192.0.2.1").await.refused(429, "rate_limited");
    guess(&good, "192.0.2.2").await.ok();
}

#[tokio::test]
async fn passwords_are_guessed_no_faster_than_by_signing_in() {
    let app = TestApp::proving().await;
    let acme = app.tenant("acme").await;
    Person::register(&app, EMAIL, "partner").await;
    let token = invite(&acme, EMAIL, "user").await.handed;
    let address = app.new_address().to_string();
    let guess = async |password: &str| {
        let body = json!({"token": token, "password": password});
        app.call(Method::POST, "/auth/invitations/accept").json(&body).from(&address).send().await
    };
    for _ in 0..5 {
        guess(OTHER_PASSWORD).await.invalid(&["password"]);
    }
    guess(PASSWORD).await.refused(429, "rate_limited");
}

#[tokio::test]
async fn two_who_accept_at_once_make_one_member() {
    let app = TestApp::proving().await;
    let acme = app.tenant("acme").await;
    let tokens = invite(&acme, EMAIL, "user").await;
    let (one, other) = tokio::join!(accept(&app, newcomer(&tokens.mailed)), accept(&app, newcomer(&tokens.handed)));
    let mut statuses = [one.status(), other.status()];
    statuses.sort_unstable();
    assert_eq!(statuses, [201, 400], "{} {}", one.text, other.text);
    assert_eq!(members(&acme).await.len(), 2);
    let accounts = app.database().texts(&format!("SELECT id FROM users WHERE email_key = '{EMAIL}'")).await;
    assert_eq!(accounts.len(), 1);
}

#[tokio::test]
async fn an_expired_bearer_beside_an_invitation_does_no_harm() {
    let app = TestApp::proving().await;
    let acme = app.tenant("acme").await;
    let token = invite(&acme, EMAIL, "user").await.mailed;
    let call = app.call(Method::POST, "/auth/invitations/accept").bearer("expired").json(&newcomer(&token));
    call.send().await.created();
}

#[tokio::test]
async fn an_invitation_goes_with_the_right_of_who_sent_it() {
    let app = TestApp::proving().await;
    let acme = app.tenant("acme").await;
    let partner = Person::register(&app, "partner@acme.example", "partner").await;
    let token = invite(&acme, &partner.email, "admin").await.mailed;
    accept(&app, join(&token)).await.ok();
    let body = json!({"email": EMAIL, "role": "user"});
    partner.post(&acme.path("/users/invite"), body).await.ok();
    let token = token_of(app.mail_to(EMAIL, "You are invited to ERPMax").await.link());
    look(&app, &token).await.ok();
    let path = acme.path(&format!("/users/{}", partner.id));
    acme.owner.patch(&path, json!({"role": "user"})).await.ok();
    accept(&app, newcomer(&token)).await.refused(400, "invalid_token");
    acme.owner.patch(&path, json!({"role": "admin"})).await.ok();
    look(&app, &token).await.ok();
    acme.owner.delete(&path).await.ok();
    accept(&app, newcomer(&token)).await.refused(400, "invalid_token");
    let open = acme.owner.get(&acme.path("/invitations")).await.ok();
    assert_eq!((&open[0]["email"], &open[0]["is_expired"]), (&json!(EMAIL), &json!(true)));
    let resend = acme.path(&format!("/invitations/{}/resend", open[0]["id"].as_str().expect("an id")));
    let again = acme.owner.post_nothing(&resend).await.ok();
    look(&app, &token_of(again["link"].as_str().expect("a link"))).await.ok();
}
