//! The process dies between any two statements of an operation, is started again, and the request is repeated as clients
//! repeat it: everything is there once, whenever it died.
//!
//! Nothing here knows what an operation writes: each table has to grow as by an undisturbed run. Another operation is one
//! more line in `cut_off_anywhere`.

use std::collections::{BTreeMap, BTreeSet};
use std::future::Future;
use std::time::Duration;

use axum::http::Method;
use serde_json::{Value, json};

use crate::support::{Answer, PASSWORD, Person, TestApp, TestTenant, token_of};

/// No operation takes as many statements.
const MOST: u64 = 200;
/// What is counted for its own sake, whatever becomes of the request.
const COUNTERS: [&str; 2] = ["throttles", "refused_logins"];

/// A request of somebody that may be cut off.
struct Request {
    /// None: nobody is signed in.
    person: Option<Person>,
    method: Method,
    path: String,
    body: Value,
    /// What a repetition hears where the first request was carried out and the answer lost: the code of a refusal, for an
    /// operation that has no other answer to a second time.
    done_already: &'static str,
}

/// A test for each operation: a function that makes what it needs, in a new company, and the request.
macro_rules! cut_off_anywhere {
    ($($name:ident: $operation:expr,)*) => {
        $(#[tokio::test]
        async fn $name() {
            is_there_once($operation).await;
        })*
    };
}

cut_off_anywhere! {
    a_registration_happens_once: register,
    an_invitation_of_somebody_unknown_happens_once: invite,
    an_invitation_of_somebody_known_happens_once: invite_known,
    a_registration_that_accepts_an_invitation_happens_once: join,
    a_change_of_role_happens_once: change_role,
    a_removal_happens_once: remove,
    a_creation_of_a_site_happens_once: create_site,
    a_cancelled_subscription_is_told_once: cancel,
    a_change_of_password_happens_once: change_password,
    a_forgotten_password_is_set_anew_once: reset_password,
    a_proof_of_an_address_happens_once: verify_email,
    an_invitation_is_accepted_once: accept,
    a_company_is_handed_over_once: transfer,
    an_api_key_is_made_once: create_key,
}

impl Request {
    fn of(person: &Person, method: Method, path: String, body: Value) -> Self {
        Self { person: Some(person.clone()), method, path, body, done_already: "" }
    }

    fn of_nobody(path: &str, body: Value) -> Self {
        Self { person: None, method: Method::POST, path: path.to_owned(), body, done_already: "" }
    }

    fn then(self, done_already: &'static str) -> Self {
        Self { done_already, ..self }
    }

    /// Sends it to an app, always with the same key.
    async fn send(&self, app: &TestApp) -> Answer {
        let call = app.call(self.method.clone(), &self.path).header("idempotency-key", "one-and-the-same");
        let call = match &self.person {
            Some(person) => call.bearer(&person.access()),
            None => call,
        };
        call.json(&self.body).send().await
    }
}

fn registration(email: &str) -> Value {
    json!({"email": email, "password": PASSWORD, "full_name": "New Owner", "company_name": email})
}

async fn register(acme: TestTenant) -> Request {
    let body = registration(&format!("new@{}.example", acme.name));
    Request::of_nobody("/auth/register", body).then("email_taken")
}

async fn invite(acme: TestTenant) -> Request {
    let body = json!({"email": format!("known@{}.example", acme.name), "role": "user"});
    Request::of(&acme.owner, Method::POST, acme.path("/users/invite"), body)
}

async fn invite_known(acme: TestTenant) -> Request {
    let email = format!("known@{}.example", acme.name);
    Person::register(acme.owner.app(), &email, &email).await;
    invite(acme).await
}

async fn join(acme: TestTenant) -> Request {
    let email = format!("new@{}.example", acme.name);
    acme.invite(&email, "user").await;
    register(acme).await
}

async fn change_role(acme: TestTenant) -> Request {
    let member = acme.member("member").await;
    Request::of(&acme.owner, Method::PATCH, acme.path(&format!("/users/{}", member.id)), json!({"role": "admin"}))
}

async fn remove(acme: TestTenant) -> Request {
    let member = acme.member("member").await;
    let path = acme.path(&format!("/users/{}", member.id));
    Request::of(&acme.owner, Method::DELETE, path, Value::Null).then("not_found")
}

async fn create_site(acme: TestTenant) -> Request {
    let body = json!({"job_type": "create_site"});
    Request::of(&acme.owner, Method::POST, "/provisioning/jobs".to_owned(), body)
}

async fn cancel(acme: TestTenant) -> Request {
    let body = json!({"cancel_at_period_end": true, "reason": "We close"});
    Request::of(&acme.owner, Method::POST, "/billing/cancel".to_owned(), body)
}

async fn change_password(acme: TestTenant) -> Request {
    let body = json!({"current_password": PASSWORD, "new_password": "AnotherPass456"});
    Request::of(&acme.owner, Method::POST, "/auth/password/change".to_owned(), body).then("validation_failed")
}

async fn reset_password(acme: TestTenant) -> Request {
    let token = acme.owner.app().plant_token(&acme.owner, "reset").await;
    let body = json!({"token": token, "new_password": "AnotherPass456"});
    Request::of_nobody("/auth/password/reset", body).then("invalid_token")
}

async fn verify_email(acme: TestTenant) -> Request {
    let token = acme.owner.app().plant_token(&acme.owner, "verify").await;
    Request::of_nobody("/auth/verify-email", json!({"token": token, "password": PASSWORD})).then("invalid_token")
}

async fn accept(acme: TestTenant) -> Request {
    let email = format!("new@{}.example", acme.name);
    let invitation = acme.invite(&email, "user").await;
    let token = token_of(invitation["link"].as_str().expect("a link"));
    let body = json!({"token": token, "full_name": "New Colleague", "password": PASSWORD});
    Request::of_nobody("/auth/invitations/accept", body).then("invalid_token")
}

async fn transfer(acme: TestTenant) -> Request {
    let member = acme.member("member").await;
    let body = json!({"user_id": member.id, "password": PASSWORD});
    Request::of(&acme.owner, Method::POST, acme.path("/transfer"), body).then("forbidden")
}

async fn create_key(acme: TestTenant) -> Request {
    let expires_at = acme.owner.app().now() + Duration::from_secs(86_400);
    let body = json!({"name": "Nightly backup", "role": "user", "scopes": ["jobs:read"], "expires_at": expires_at});
    Request::of(&acme.owner, Method::POST, acme.path("/api-keys"), body)
}

/// How many rows each table has.
type Rows = BTreeMap<String, i64>;

async fn rows(app: &TestApp) -> Rows {
    let columns = app.database().text_columns().await;
    let tables = columns.iter().map(|column| column.split('.').next().unwrap_or_default());
    let tables: BTreeSet<&str> = tables.filter(|table| !COUNTERS.contains(table)).collect();
    let count = |table: &&str| format!("SELECT '{table} ' || CAST(count(*) AS TEXT) FROM {table}");
    let counts = tables.iter().map(count).collect::<Vec<_>>().join(" UNION ALL ");
    let lines = app.database().texts(&counts).await;
    lines
        .iter()
        .filter_map(|line| line.split_once(' '))
        .map(|(table, n)| (table.to_owned(), n.parse().expect("a number")))
        .collect()
}

/// What became more or less.
fn growth(before: &Rows, after: &Rows) -> Rows {
    let all = after.iter().map(|(table, count)| (table.clone(), count - before[table]));
    all.filter(|(_, difference)| *difference != 0).collect()
}

/// Whether the request was carried out, now or before.
#[track_caller]
fn check_repeated(request: &Request, answer: &Answer, place: &str) {
    let done_already = !request.done_already.is_empty() && answer.code() == request.done_already;
    assert!(answer.status.is_success() || done_already, "{place}: {}", answer.text);
}

/// Deaths are at every statement; on `PostgreSQL`, which takes longer, at some of them unless the full proof is asked for.
fn stride() -> u64 {
    let is_full = std::env::var("ERPMAX_PROVE").as_deref() == Ok("full");
    let is_postgres = std::env::var("ERPMAX_TEST_DATABASE").as_deref() == Ok("postgres");
    if is_postgres && !is_full { 5 } else { 1 }
}

/// Kills the process after so many statements, `whole` being what the whole operation writes; whether the operation had ended
/// before, and the app that is there afterwards.
async fn cut_off(app: &TestApp, request: Request, after: u64, whole: &Rows) -> (TestApp, bool) {
    let place = format!("cut off after {after} statements");
    let before = rows(app).await;
    app.core().store().cut_off_after(after);
    let ended = request.send(app).await.status.is_success();
    let app = app.after_its_death().await;
    let left = growth(&before, &rows(&app).await);
    assert!(left == *whole || left.is_empty() && !ended, "{place}, there is {left:?}");
    check_repeated(&request, &request.send(&app).await, &place);
    assert_eq!(growth(&before, &rows(&app).await), *whole, "{place} and repeated");
    (app, ended)
}

async fn is_there_once<F: Future<Output = Request>>(operation: impl Fn(TestTenant) -> F) {
    let mut app = TestApp::quiet().await;
    let request = operation(app.tenant(&super::company_name()).await).await;
    let before = rows(&app).await;
    let answer = request.send(&app).await;
    assert!(answer.status.is_success(), "{}", answer.text);
    let whole = growth(&before, &rows(&app).await);
    let (mut after, mut ended) = (0, false);
    while !ended {
        assert!(after < MOST, "it does not end");
        let request = operation(app.tenant(&super::company_name()).await).await;
        (app, ended) = cut_off(&app, request, after, &whole).await;
        after += stride();
    }
    assert!(after > 3, "it was hardly cut off");
}
