//! The life of a subscription: reminders, the end, grace, suspension, deletion and the way back.

use std::time::Duration;

use axum::http::Method;
use erpmax_core::billing::life::follow_due;
use erpmax_store::outbox::News;
use erpmax_types::events::Event;
use erpmax_types::provisioning::JobType;
use erpmax_types::runner::Wish;
use serde_json::{Value, json};

use crate::support::{Call, TestApp, TestTenant, Work};

const DAY: Duration = Duration::from_secs(86_400);

/// The scheduler looks; of how many subscriptions steps were due.
async fn look(app: &TestApp) -> usize {
    follow_due(app.core()).await.expect("the scheduler works")
}

/// Days pass, and the scheduler looks on each.
async fn live(app: &TestApp, days: u32) {
    for _ in 0..days {
        app.pass(DAY);
        look(app).await;
    }
}

/// A company with a ready site, on which somebody looked once.
async fn with_site(app: &TestApp, name: &str) -> TestTenant {
    let acme = app.tenant(name).await;
    acme.complete("create_site").await;
    look(app).await;
    acme
}

/// A company whose trial ended, and whose site was closed.
async fn suspended(app: &TestApp, name: &str) -> TestTenant {
    let acme = with_site(app, name).await;
    live(app, 14).await;
    carry_out(app, JobType::SuspendSite).await;
    acme
}

/// A runner completes the next job, which is of this type.
async fn carry_out(app: &TestApp, job_type: JobType) {
    let mut work = Work::lease(app).await;
    assert_eq!(work.lease.job_type, job_type);
    work.complete().await;
}

async fn pay(app: &TestApp, acme: &TestTenant) {
    acme.owner.sign_in_if_signed_out().await;
    let data = acme.owner.post("/billing/checkout", acme.order("starter").await).await.ok();
    let path = format!("/sandbox/checkout/{}/pay", data["session_id"].as_str().expect("an id"));
    assert_eq!(Call::new(app, Method::POST, &path, app.new_address()).send().await.status(), 200);
    app.settled().await;
}

/// What subscription and tenant are.
async fn state(app: &TestApp) -> (String, String) {
    let one = async |sql| app.database().texts(sql).await.first().expect("there is one").clone();
    (one("SELECT status FROM subscriptions").await, one("SELECT status FROM tenants").await)
}

fn both(subscription: &str, tenant: &str) -> (String, String) {
    (subscription.to_owned(), tenant.to_owned())
}

/// The days of each `subscription:expiring`, in their order.
async fn countdown(app: &TestApp) -> Vec<i64> {
    let days = |emission: erpmax_store::outbox::Emission| match emission.news {
        News::Event(Event::SubscriptionExpiring { days_left }) => Some(days_left),
        _ => None,
    };
    app.emissions().await.into_iter().filter_map(days).collect()
}

async fn refuses_passes(acme: &TestTenant) {
    acme.owner.sign_in_if_signed_out().await;
    acme.owner.post_nothing("/sso/erpnext/token").await.refused(403, "subscription_inactive");
}

#[tokio::test]
async fn a_reminder_reaches_sockets_owner_and_admins_once() {
    let app = TestApp::start().await;
    let acme = app.tenant("acme").await;
    let chief = acme.admin("chief").await;
    look(&app).await;
    app.pass(7 * DAY);
    look(&app).await;
    assert_eq!(countdown(&app).await, [7, 7], "the admin has a company too");
    look(&app).await;
    app.pass(DAY);
    look(&app).await;
    assert_eq!(countdown(&app).await, [7, 7], "it is told once");
    let mail = app.mail_to(&acme.owner.email, "Your trial ends soon").await;
    assert!(mail.text.contains("ends in 7 days"), "{}", mail.text);
    let title = "title = 'Your trial ends soon'";
    let told = format!("SELECT user_id FROM notifications WHERE {title} AND tenant_id = '{}'", acme.id);
    let mut told = app.database().texts(&told).await;
    let mut expected = [acme.owner.id.clone(), chief.id.clone()];
    told.sort();
    expected.sort();
    assert_eq!(told, expected);
    let mails = format!("SELECT address FROM mails WHERE kind = 'trial_ends' AND tenant_id = '{}'", acme.id);
    assert_eq!(app.database().texts(&mails).await, [acme.owner.email.as_str()]);
}

#[tokio::test]
async fn after_a_long_silence_only_the_newest_reminder_is_told() {
    let app = TestApp::start().await;
    app.tenant("acme").await;
    app.pass(13 * DAY + DAY / 2);
    look(&app).await;
    assert_eq!(countdown(&app).await, [1]);
}

#[tokio::test]
async fn the_end_of_a_trial_closes_the_site_and_a_payment_opens_it_again() {
    let app = TestApp::start().await;
    let acme = with_site(&app, "acme").await;
    live(&app, 14).await;
    assert_eq!((state(&app).await, countdown(&app).await), (both("expired", "suspended"), vec![7, 3, 1]));
    refuses_passes(&acme).await;
    carry_out(&app, JobType::SuspendSite).await;
    app.mail_to(&acme.owner.email, "Your site is closed").await;

    pay(&app, &acme).await;
    assert_eq!(state(&app).await, both("active", "active"));
    acme.owner.post_nothing("/sso/erpnext/token").await.ok();
    carry_out(&app, JobType::ResumeSite).await;
    let told = acme.owner.get("/notifications").await.ok();
    assert_eq!(told["notifications"][0]["title"], "Your site is open again");
    assert!(Work::lease_if_due(&app).await.is_none());
    let steps = app.database().texts("SELECT change FROM audit_events WHERE action = 'billing.step'").await;
    let steps: Vec<Value> = steps.iter().map(|step| serde_json::from_str(step).expect("JSON")).collect();
    let mut names: Vec<_> = steps.iter().map(|step| step["step"].as_str().expect("a name")).collect();
    names.sort_unstable();
    assert_eq!(names, ["close", "end_period", "remind", "remind", "remind", "resume_site", "suspend_site"]);
}

#[tokio::test]
async fn a_pass_that_was_made_before_the_end_is_not_redeemed_behind_it() {
    let app = TestApp::start().await;
    let acme = with_site(&app, "acme").await;
    app.pass(13 * DAY + Duration::from_secs(86_370));
    acme.owner.sign_in_if_signed_out().await;
    let token = acme.owner.post_nothing("/sso/erpnext/token").await.ok()["token"].clone();
    app.pass(Duration::from_secs(40));
    look(&app).await;
    assert_eq!(app.post("/sso/erpnext/callback", json!({"token": token})).await.status(), 403);
}

#[tokio::test]
async fn an_unpaid_period_leads_through_the_grace_to_the_end() {
    let app = TestApp::start().await;
    let acme = with_site(&app, "acme").await;
    pay(&app, &acme).await;
    live(&app, 32).await;
    assert_eq!(state(&app).await, both("past_due", "active"));
    let overdue = app.mail_to(&acme.owner.email, "Your payment is overdue").await;
    assert!(overdue.text.contains("stays open until"), "{}", overdue.text);
    acme.owner.sign_in_if_signed_out().await;
    acme.owner.post_nothing("/sso/erpnext/token").await.ok();
    live(&app, 7).await;
    assert_eq!(state(&app).await, both("expired", "suspended"));
    assert_eq!(countdown(&app).await[3..], [7, 3, 1], "before the end of the grace");
}

#[tokio::test]
async fn cancelling_with_the_period_ends_with_it_and_at_once_ends_at_once() {
    let app = TestApp::start().await;
    let acme = with_site(&app, "acme").await;
    acme.owner.post("/billing/cancel", json!({})).await.ok();
    live(&app, 13).await;
    assert_eq!(state(&app).await, both("trial", "active"));
    live(&app, 1).await;
    assert_eq!(state(&app).await, both("cancelled", "suspended"));
    pay(&app, &acme).await;
    assert_eq!(state(&app).await, both("active", "active"));
    acme.owner.post("/billing/cancel", json!({"cancel_at_period_end": false})).await.ok();
    assert_eq!(state(&app).await, both("cancelled", "suspended"));
    for job_type in [JobType::SuspendSite, JobType::ResumeSite, JobType::SuspendSite] {
        carry_out(&app, job_type).await;
    }
}

#[tokio::test]
async fn without_a_site_nothing_is_suspended_or_deleted() {
    let app = TestApp::start().await;
    let acme = app.tenant("acme").await;
    live(&app, 120).await;
    assert_eq!(state(&app).await, both("expired", "pending"));
    app.mail_to(&acme.owner.email, "Your subscription is over").await;
    assert!(app.database().texts("SELECT id FROM jobs").await.is_empty());
    assert_eq!(app.database().texts("SELECT id FROM subscriptions WHERE next_step_at IS NULL").await.len(), 1);
}

#[tokio::test]
async fn a_site_that_is_ready_behind_the_end_is_closed() {
    let app = TestApp::start().await;
    let acme = app.tenant("acme").await;
    acme.ask_for("create_site").await;
    live(&app, 15).await;
    carry_out(&app, JobType::CreateSite).await;
    look(&app).await;
    assert_eq!(state(&app).await, both("expired", "suspended"));
    carry_out(&app, JobType::SuspendSite).await;
}

#[tokio::test]
async fn a_suspended_site_is_kept_warned_of_and_deleted() {
    let app = TestApp::start().await;
    let acme = suspended(&app, "acme").await;
    live(&app, 59).await;
    let warnings = "SELECT title FROM notifications WHERE title = 'Your data will be deleted'";
    assert_eq!(app.database().texts(warnings).await.len(), 3);
    app.mail_to(&acme.owner.email, "Your data will be deleted").await;
    assert!(Work::lease_if_due(&app).await.is_none());
    live(&app, 1).await;
    carry_out(&app, JobType::DeleteSite).await;
    assert_eq!(state(&app).await, both("expired", "cancelled"));
    look(&app).await;
    live(&app, 100).await;
    assert!(Work::lease_if_due(&app).await.is_none());

    pay(&app, &acme).await;
    assert_eq!(state(&app).await, both("active", "pending"));
    acme.ask_for("create_site").await;
}

#[tokio::test]
async fn a_payment_before_the_last_step_calls_the_deletion_off() {
    let app = TestApp::start().await;
    let acme = suspended(&app, "acme").await;
    live(&app, 60).await;
    let mut work = Work::lease(&app).await;
    assert_eq!(work.lease.job_type, JobType::DeleteSite);
    work.begin("archive", 30).await;
    pay(&app, &acme).await;
    assert_eq!(work.begin_irrevocable("remove", 60).await, Wish::Cancel);
    work.turn_round("Cancelled").await;
    work.undone("archive").await;
    work.fail("Cancelled").await;
    look(&app).await;
    assert_eq!(state(&app).await, both("active", "active"));
    carry_out(&app, JobType::ResumeSite).await;
    let errors = app.database().texts("SELECT error FROM jobs WHERE job_type = 'delete_site'").await;
    assert_eq!(errors, ["Called off, because a payment came."]);
    acme.owner.post_nothing("/sso/erpnext/token").await.ok();
}

#[tokio::test]
async fn a_server_that_was_away_warns_a_day_before_it_deletes() {
    let app = TestApp::start().await;
    suspended(&app, "acme").await;
    app.pass(200 * DAY);
    look(&app).await;
    assert!(Work::lease_if_due(&app).await.is_none());
    assert_eq!(countdown(&app).await.last(), Some(&1));
    live(&app, 1).await;
    carry_out(&app, JobType::DeleteSite).await;
}

#[tokio::test]
async fn nobody_asks_for_cancels_or_retries_what_the_subscription_asks_for() {
    let app = TestApp::start().await;
    let acme = with_site(&app, "acme").await;
    live(&app, 14).await;
    acme.owner.sign_in_if_signed_out().await;
    let jobs = acme.owner.get("/provisioning/jobs?types=all").await.ok();
    assert_eq!(jobs[0]["job_type"], "suspend_site");
    let listed = acme.owner.get("/provisioning/jobs").await;
    assert_eq!(
        (&listed.body["pagination"]["total"], &listed.body["data"][0]["job_type"]),
        (&json!(1), &"create_site".into())
    );
    let path = format!("/provisioning/jobs/{}", jobs[0]["id"].as_str().expect("an id"));
    acme.owner.post_nothing(&format!("{path}/cancel")).await.refused(409, "job_not_cancellable");
    Work::lease(&app).await.fail("The disk is full").await;
    acme.owner.post_nothing(&format!("{path}/retry")).await.refused(409, "job_not_retryable");
    for job_type in ["suspend_site", "resume_site"] {
        acme.owner.post("/provisioning/jobs", json!({"job_type": job_type})).await.invalid(&["job_type"]);
    }
    for job_type in ["create_site", "backup_site"] {
        let code = if job_type == "create_site" { (409, "site_exists") } else { (403, "subscription_inactive") };
        acme.owner.post("/provisioning/jobs", json!({"job_type": job_type})).await.refused(code.0, code.1);
    }
    acme.ask_for("delete_site").await;
    let told = app.events().await;
    assert_eq!(told.iter().filter(|name| name.starts_with("status:")).count(), 3, "of the creation alone: {told:?}");
}

#[tokio::test]
async fn a_suspension_that_fails_is_asked_for_again_after_a_while() {
    let app = TestApp::start().await;
    with_site(&app, "acme").await;
    live(&app, 14).await;
    Work::lease(&app).await.fail("The disk is full").await;
    look(&app).await;
    assert!(Work::lease_if_due(&app).await.is_none());
    app.pass(Duration::from_secs(601));
    look(&app).await;
    carry_out(&app, JobType::SuspendSite).await;
    assert!(app.database().texts("SELECT id FROM mails WHERE kind = 'job_failed'").await.is_empty());
}

#[tokio::test]
async fn two_schedulers_at_once_tell_everything_once() {
    let app = TestApp::quiet().await;
    for number in 0..12 {
        app.tenant(&format!("company{number}")).await;
    }
    look(&app).await;
    app.pass(11 * DAY);
    let (first, second, third) = tokio::join!(look(&app), look(&app), look(&app));
    assert!(first + second + third >= 12);
    assert_eq!(countdown(&app).await, [3; 12]);
    let mails = "SELECT id FROM mails WHERE kind = 'trial_ends'";
    assert_eq!(app.database().texts(mails).await.len(), 12);
}

#[tokio::test]
async fn a_look_that_is_cut_off_anywhere_loses_and_repeats_nothing() {
    let app = TestApp::quiet().await;
    for number in 0..6 {
        app.tenant(&format!("company{number}")).await;
    }
    look(&app).await;
    app.pass(11 * DAY);
    for milliseconds in 0.. {
        let looking = tokio::time::timeout(Duration::from_millis(milliseconds), look(&app));
        if looking.await.is_ok() {
            break;
        }
    }
    assert_eq!(countdown(&app).await, [3; 6]);
    let mails = "SELECT id FROM mails WHERE kind = 'trial_ends'";
    assert_eq!(app.database().texts(mails).await.len(), 6);
}

#[tokio::test]
async fn a_subscription_that_cannot_go_on_does_not_hold_up_the_others() {
    let app = TestApp::quiet().await;
    app.tenant("acme").await;
    app.tenant("globex").await;
    let broken =
        "UPDATE subscriptions SET status = 'torn' WHERE tenant_id = (SELECT id FROM tenants WHERE slug = 'acme')";
    app.database().execute(broken).await;
    app.pass(7 * DAY);
    assert_eq!(look(&app).await, 2);
    assert_eq!(countdown(&app).await, [7]);
    assert_eq!(look(&app).await, 0, "it waits");
}
