//! Mails: who is told what, in which language, and what becomes of those that nobody takes.

use std::time::Duration;

use axum::http::Method;
use serde_json::json;

use crate::support::{Call, Mail, PASSWORD, Person, Setup, TestApp, until};

const DAY: Duration = Duration::from_secs(86_400);

/// Whether it is one of those that everybody who joins has got.
fn is_welcome(mail: &Mail) -> bool {
    matches!(mail.subject.as_str(), "You are invited to ERPMax" | "You are a member now")
}

#[tokio::test]
async fn a_membership_is_told_from_its_beginning_to_its_end() {
    let app = TestApp::start().await;
    let acme = app.tenant("acme").await;
    let member = acme.member("accountant").await;
    let address = "accountant@acme.example";
    let joined = app.mail_to(address, "You are a member now").await;
    assert!(joined.text.contains("You now belong to acme, with the role user."), "{}", joined.text);
    let path = acme.path(&format!("/users/{}", member.id));
    acme.owner.patch(&path, json!({"role": "admin"})).await.ok();
    let changed = app.mail_to(address, "Your role was changed").await;
    assert!(changed.text.contains("your role is now: administrator"), "{}", changed.text);
    acme.owner.delete(&path).await.ok();
    let removed = app.mail_to(address, "You are no longer a member").await;
    assert!(removed.html.contains("You no longer belong to acme."), "{}", removed.html);
    assert!(app.mails_to("owner@acme.example").is_empty());
}

#[tokio::test]
async fn a_failed_job_is_told_to_owner_and_admins_alone() {
    let app = TestApp::start().await;
    let acme = app.tenant("acme").await;
    acme.admin("chief").await;
    acme.member("accountant").await;
    acme.fail("create_site").await;
    for address in ["owner@acme.example", "chief@acme.example"] {
        let mail = app.mail_to(address, "Something did not work out").await;
        assert!(mail.text.contains("For acme, creating the site failed."), "{}", mail.text);
        assert!(mail.text.contains("The disk is full"), "{}", mail.text);
    }
    let others = app.mails_to("accountant@acme.example");
    assert!(others.iter().all(is_welcome), "{others:?}");
}

#[tokio::test]
async fn a_cancelled_subscription_is_told_to_the_owner() {
    let app = TestApp::start().await;
    let acme = app.tenant("acme").await;
    acme.admin("chief").await;
    acme.owner.post("/billing/cancel", json!({"cancel_at_period_end": true})).await.ok();
    let mail = app.mail_to("owner@acme.example", "Your subscription will end").await;
    assert!(mail.text.contains("Until then everything stays open."), "{}", mail.text);
    assert!(app.mails_to("chief@acme.example").iter().all(is_welcome));
}

#[tokio::test]
async fn a_person_is_written_to_in_their_own_language() {
    let app = TestApp::start().await;
    let acme = app.tenant("acme").await;
    acme.invite("buh@acme.example", "user").await;
    let registration = json!({"email": "buh@acme.example", "password": PASSWORD, "full_name": "Бухгалтер",
        "company_name": "Рога і копита"});
    let call = Call::new(&app, Method::POST, "/api/v1/auth/register", app.new_address());
    call.header("accept-language", "uk-UA").json(&registration).send().await.created();
    let mail = app.mail_to("buh@acme.example", "Тепер ви учасник компанії").await;
    assert_eq!(mail.language, "uk");
    assert!(mail.text.starts_with("Вітаємо, Бухгалтер!"), "{}", mail.text);
    assert!(mail.html.contains("<html lang=\"uk\">"), "{}", mail.html);
}

#[tokio::test]
async fn a_company_that_is_called_like_an_address_is_not_named_in_mails() {
    let app = TestApp::start().await;
    let owner = Person::register(&app, "owner@evil.example", "Win https://evil.example/prize").await;
    let path = format!("/tenants/{}/users/invite", owner.own_tenant);
    owner.post(&path, json!({"email": "victim@acme.example", "role": "user"})).await.ok();
    Person::register(&app, "victim@acme.example", "acme").await;
    let mail = app.mail_to("victim@acme.example", "You are a member now").await;
    for part in [&mail.text, &mail.html] {
        assert!(part.contains("You now belong to your company") && !part.contains("evil"), "{part}");
    }
}

#[tokio::test]
async fn what_is_said_in_a_mail_is_in_the_database_neither_before_nor_after() {
    let app = TestApp::with(|setup| setup.payments = false).await;
    let acme = app.tenant("acme").await;
    acme.member("accountant").await;
    let kept = app.database().texts("SELECT content_sealed FROM mails WHERE status = 'queued'").await;
    assert_eq!(kept.len(), 2);
    assert!(kept.iter().all(|mail| !mail.contains("acme") && mail.len() > 40), "{kept:?}");
    app.work();
    app.mail_to("accountant@acme.example", "You are a member now").await;
    let sent = "SELECT content_sealed FROM mails WHERE status = 'sent'";
    until("the mails are noted as sent and emptied", async || app.database().texts(sent).await == ["", ""]).await;
}

#[tokio::test]
async fn a_mail_that_no_server_takes_is_given_up_after_three_days() {
    let app = TestApp::with(Setup::send_mails).await;
    let acme = app.tenant("acme").await;
    acme.invite("accountant@acme.example", "user").await;
    let status = async |what: &str, tries: usize| {
        let sql = format!(
            "SELECT status FROM mails
             WHERE kind = 'invitation' AND attempts >= {tries} AND last_error LIKE '%cannot be reached%'"
        );
        let waited_for = format!("the mail is {what} after {tries} tries");
        until(&waited_for, async || app.database().texts(&sql).await == [what]).await;
    };
    status("queued", 1).await;
    app.pass(DAY);
    status("queued", 2).await;
    app.pass(DAY + DAY / 2);
    status("queued", 3).await;
    app.pass(DAY);
    status("refused", 4).await;
    // The owner's letter was written beside it, and is given up in its own time.
    let waiting = "SELECT subject FROM work WHERE queue = 'mail'";
    until("no mail waits any more", async || app.database().texts(waiting).await.is_empty()).await;
}
