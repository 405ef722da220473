//! A subscription ends and comes back, with the real scheduler, runner and site; and what is foretold of it.

mod support;

use std::time::Duration;

use reqwest::Method;
use serde_json::Value;
use support::{Server, command, text, until};

const SOON: Duration = Duration::from_secs(60);

/// Waits until the site's page has this status; the page.
async fn page_is(server: &Server, status: u16) -> String {
    let look = async || {
        let (now, _, page) = server.page(Method::GET, "acme.localhost", "/app").await;
        (now == status).then_some(page)
    };
    until(&format!("a site that answers {status}"), SOON, look).await
}

#[tokio::test]
async fn a_trial_that_ends_closes_the_site_and_a_payment_opens_it() {
    let server = Server::start(&[("SANDBOX__STEP_MILLISECONDS", "50")]).await;
    let owner = server.register("acme").await;
    let token = text(&owner, "access_token");
    let job = server.begin(token, "create_site").await;
    server.job_ended(token, &job).await;
    page_is(&server, 200).await;
    server.execute("UPDATE subscriptions SET trial_ends_at = 1, next_step_at = 0").await;
    let page = page_is(&server, 402).await;
    assert!(page.contains("Pay in ERPMax"), "{page}");
    let checkout = server.checkout(token).await;
    let (status, _, page) = server.page(Method::POST, "localhost", &format!("{checkout}/pay")).await;
    assert_eq!(status, 200, "{page}");
    page_is(&server, 200).await;
    assert_eq!(server.count("SELECT COUNT(*) FROM tenants WHERE status = 'active'").await, 1);

    let ended = "UPDATE subscriptions SET status = 'expired', deadline_at = 1, reminded_of = 1, reminded_days = 1, next_step_at = 0";
    server.execute(ended).await;
    page_is(&server, 404).await;
    let archives = std::fs::read_dir(server.folder().join("sandbox/backups/acme")).expect("the backups are kept");
    assert_eq!(archives.count(), 1, "the last backup");
    let done = async || {
        let sql = "SELECT COUNT(*) FROM tenants WHERE status = 'cancelled'";
        (server.count(sql).await == 1).then_some(())
    };
    until("a tenant that is cancelled", SOON, done).await;
}

#[tokio::test]
async fn a_simulation_tells_what_would_happen_and_touches_nothing() {
    let server = Server::start(&[]).await;
    server.register("acme").await;
    let simulate = |more: &[&str]| {
        let environment = [("ERPMAX_DATABASE__URL".to_owned(), server.database_url())];
        let mut command = command(&environment);
        let command = command.args(["billing", "simulate"]).args(more).arg("--data").arg(server.folder());
        command.output().expect("the binary starts")
    };
    let output = simulate(&["acme", "--json", "--pays-on", "5", "--cancels-on", "9"]);
    let document: Value = serde_json::from_slice(&output.stdout).expect("a document");
    let names: Vec<&str> =
        document["happenings"].as_array().expect("a list").iter().map(|one| text(one, "happening")).collect();
    assert_eq!(names, ["payment", "cancellation", "remind", "remind", "remind", "end_period", "close"]);
    let table = String::from_utf8(simulate(&["acme", "--days", "30"]).stdout).expect("text");
    assert!(table.starts_with("acme (acme) is trial now.\nday  date") && table.contains("end_period"), "{table}");
    let unknown = simulate(&["nobody"]);
    assert_eq!(unknown.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&unknown.stderr).contains("there is no company `nobody`"));
    assert_eq!(server.count("SELECT COUNT(*) FROM subscriptions WHERE status = 'trial'").await, 1);
}

#[test]
fn the_policy_is_checked() {
    let check = |key: &str, value: &str| {
        let environment = [(format!("ERPMAX_BILLING__{key}"), value.to_owned())];
        command(&environment).args(["config", "check"]).output().expect("the binary starts")
    };
    let (good, bad) = (check("WARNING_DAYS", "30,2"), check("WARNING_DAYS", "90,1"));
    assert_eq!(good.status.code(), Some(0), "{}", String::from_utf8_lossy(&good.stderr));
    assert_eq!(bad.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&bad.stderr).contains("billing.warning_days: give at least one"));
    assert_eq!(check("GRACE_DAYS", "0").status.code(), Some(2));
}
