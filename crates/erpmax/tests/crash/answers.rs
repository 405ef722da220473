//! Kills right after an answer, and in the middle of a request: what was answered stays, and nothing is done by half.

use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{PASSWORD, Server, registration, text, until};

const SOON: Duration = Duration::from_secs(5);

pub(crate) async fn crash(server: &mut Server) {
    server.kill();
    server.restart().await;
}

/// Sends a request and kills the server so many milliseconds later; the answer, if it came before.
pub(crate) async fn kill_during(
    server: &mut Server,
    request: reqwest::RequestBuilder,
    milliseconds: u64,
) -> Option<(u16, Value)> {
    let asking = tokio::spawn(async move {
        let answer = request.send().await.ok()?;
        Some((answer.status().as_u16(), answer.json().await.ok()?))
    });
    tokio::time::sleep(Duration::from_millis(milliseconds)).await;
    crash(server).await;
    asking.await.expect("the client does not panic")
}

#[tokio::test]
async fn a_registration_is_whole_or_never_was() {
    let mut server = Server::start(&[]).await;
    for (number, moment) in [5, 20, 35, 50, 70, 100, 150].into_iter().enumerate() {
        let company = format!("company{number}");
        let request = server.request(Method::POST, "/auth/register", "", Some(registration(&company)));
        let answer = kill_during(&mut server, request, moment).await;
        let again = server.api(Method::POST, "/auth/register", "", Some(registration(&company))).await;
        if answer.is_some() {
            assert_eq!(again.0, 409, "what was answered stays: {again:?}");
        }
        assert!(again.0 == 201 || again.1["error"]["code"] == "email_taken", "{again:?}");
        let login = json!({"email": format!("owner@{company}.example"), "password": PASSWORD});
        let signed_in = server.post("/auth/login", "", login).await;
        let token = text(&signed_in, "access_token");
        assert_eq!(server.get("/tenants/current", token).await["slug"], company.as_str());
        assert_eq!(server.get("/billing/subscription", token).await["status"], "trial");
        assert_eq!(signed_in["tenants"][0]["role"], "owner");
    }
    let companies = server.count("SELECT count(*) FROM tenants").await;
    assert_eq!((companies, server.count("SELECT count(*) FROM users").await), (7, 7));
}

#[tokio::test]
async fn a_session_outlives_the_server_that_began_it() {
    let mut server = Server::start(&[]).await;
    let registered = server.register("acme").await;
    crash(&mut server).await;
    server.get("/auth/me", text(&registered, "access_token")).await;
    let refresh = json!({"refresh_token": registered["refresh_token"]});
    let first = server.post("/auth/refresh", "", refresh.clone()).await;
    crash(&mut server).await;
    let second = server.post("/auth/refresh", "", refresh).await;
    assert_eq!(first["refresh_token"], second["refresh_token"], "a lost answer is given again");
    server.get("/auth/me", text(&first, "access_token")).await;
}

#[tokio::test]
async fn a_job_that_was_asked_for_is_done_once_however_the_answer_got_lost() {
    let mut server = Server::start(&[("SANDBOX__STEP_MILLISECONDS", "20")]).await;
    let token = text(&server.register("acme").await, "access_token").to_owned();
    let body = json!({"job_type": "create_site"});
    for (number, moment) in [0, 2, 5, 10, 20].into_iter().enumerate() {
        let request = |server: &Server| {
            let request = server.request(Method::POST, "/provisioning/jobs", &token, Some(body.clone()));
            request.header("idempotency-key", format!("key-{number}"))
        };
        let asked = request(&server);
        let answer = kill_during(&mut server, asked, moment).await;
        let again: Value = request(&server).send().await.expect("an answer").json().await.expect("JSON");
        if let Some((_, before)) = &answer {
            assert_eq!(again["data"]["id"], before["data"]["id"], "the same key, the same job");
        }
        assert!(again["data"].is_object(), "{again} after {answer:?}");
        let job = text(&again["data"], "id");
        assert_eq!(server.job_ended(&token, job).await["status"], "completed");
        let deletion = server.begin(&token, "delete_site").await;
        assert_eq!(server.job_ended(&token, &deletion).await["status"], "completed");
        let jobs = server.count("SELECT count(*) FROM jobs WHERE job_type = 'create_site'").await;
        assert_eq!(jobs, i64::try_from(number).unwrap_or(0) + 1);
    }
}

#[tokio::test]
async fn a_kill_right_after_a_job_was_asked_for_loses_nothing() {
    let mut server = Server::start(&[("SANDBOX__STEP_MILLISECONDS", "20")]).await;
    let token = text(&server.register("acme").await, "access_token").to_owned();
    let job = server.begin(&token, "create_site").await;
    crash(&mut server).await;
    assert_eq!(server.job_ended(&token, &job).await["status"], "completed");
}

async fn is_active(server: &Server, token: &str) -> bool {
    server.get("/billing/subscription", token).await["status"] == "active"
}

#[tokio::test]
async fn a_payment_counts_and_counts_once() {
    let mut server = Server::start(&[]).await;
    for (number, moment) in [1, 3, 6, 10, 15, 25, 60].into_iter().enumerate() {
        let company = format!("company{number}");
        let token = text(&server.register(&company).await, "access_token").to_owned();
        let page = server.checkout(&token).await;
        let request = server.page_request(Method::POST, "localhost", &format!("{page}/pay"));
        let kept = "SELECT count(*) FROM provider_events";
        kill_during(&mut server, request, moment).await;
        // The webhook may not have come in; what came in is worked through without anybody's help.
        if server.count(kept).await == i64::try_from(number).unwrap_or(0) {
            let (status, ..) = server.page(Method::POST, "localhost", &format!("{page}/pay")).await;
            assert_eq!(status, 200);
        }
        until("the payment's work", SOON, async || is_active(&server, &token).await.then_some(())).await;
        server.page(Method::POST, "localhost", &format!("{page}/pay")).await;
        let invoices = server.get("/billing/invoices", &token).await;
        assert_eq!(invoices.as_array().map(Vec::len), Some(1), "{invoices}");
        let notifications = server.get("/notifications", &token).await;
        assert_eq!(notifications["unread"], 1, "{notifications}");
    }
}

#[tokio::test]
async fn a_kill_right_after_paying_loses_no_payment() {
    let mut server = Server::start(&[]).await;
    let token = text(&server.register("acme").await, "access_token").to_owned();
    let page = server.checkout(&token).await;
    assert_eq!(server.page(Method::POST, "localhost", &format!("{page}/pay")).await.0, 200);
    crash(&mut server).await;
    until("the payment's work", SOON, async || is_active(&server, &token).await.then_some(())).await;
}

/// What a crash leaves in the instant between the leasing of a webhook's work and its end.
fn cut_off_payment(host: &str) -> String {
    format!(
        r#"INSERT INTO provider_events (provider, event_id, body, received_at)
           SELECT 'sandbox', 'evt_' || id, '{{"id":"evt_' || id || '","type":"payment_success","payment":"pay_' || id ||
                '","checkout":"' || id || '","amount":' || amount || ',"currency":"' || currency || '","live":false}}',
                created_at FROM checkouts;
           INSERT INTO work (id, queue, subject, lane, run_at, attempts, lease_id, lease_host, lease_boot, lease_until,
                fence, sequence, created_at)
           SELECT id, 'webhook', 'sandbox/evt_' || id, 'sandbox/evt_' || id, created_at, 1, id, '{host}', 'before',
                created_at + 60000000, 1, 0, created_at FROM checkouts"#
    )
}

#[tokio::test]
async fn a_payment_whose_work_was_cut_off_is_settled_right_after_the_start() {
    let mut server = Server::start(&[]).await;
    let token = text(&server.register("acme").await, "access_token").to_owned();
    server.checkout(&token).await;
    server.kill();
    let machine = rustix::system::uname().nodename().to_string_lossy().into_owned();
    server.execute(&cut_off_payment(&format!("{machine}:{}", server.folder().display()))).await;
    server.restart().await;
    until("the payment's work", SOON, async || is_active(&server, &token).await.then_some(())).await;
    assert_eq!(server.count("SELECT count(*) FROM work WHERE queue <> 'mail'").await, 0);
}
