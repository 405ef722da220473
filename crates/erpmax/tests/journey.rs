//! The newcomer's journey: a company registers, watches its site being built, opens it, buys a plan and invites a colleague.

mod support;

use std::time::Duration;

use reqwest::Method;
use reqwest::header::HeaderMap;
use serde_json::{Value, json};
use support::{Granted, Listener, PASSWORD, Server, text, until};

const PATIENCE: Duration = Duration::from_secs(10);
const SITE: &str = "acme-trading.localhost";
const STEPS: [&str; 7] = ["reserve", "database", "apps", "configure", "user", "check", "open"];

/// Somebody with a session.
struct Person<'a> {
    server: &'a Server,
    token: String,
}

impl<'a> Person<'a> {
    async fn register(server: &'a Server, email: &str, name: &str, company: &str) -> (Self, Value) {
        let body = json!({"email": email, "password": PASSWORD, "full_name": name, "company_name": company});
        let registered = server.post("/auth/register", "", body).await;
        (Self { server, token: text(&registered, "access_token").to_owned() }, registered)
    }

    async fn get(&self, path: &str) -> Value {
        self.server.get(path, &self.token).await
    }

    async fn post(&self, path: &str, body: Value) -> Value {
        self.server.post(path, &self.token, body).await
    }

    /// Watches a job by asking for it; every step that was seen, in its order.
    async fn watch(&self, job: &str) -> (Value, Vec<String>) {
        let (mut steps, mut progress) = (Vec::new(), 0);
        loop {
            let now = self.get(&format!("/provisioning/jobs/{job}")).await;
            assert!(now["progress"].as_i64() >= Some(progress), "progress went down from {progress}: {now}");
            progress = now["progress"].as_i64().unwrap_or(0);
            let step = now["step"].as_str().unwrap_or_default();
            if !step.is_empty() && steps.last().is_none_or(|last| last != step) {
                steps.push(step.to_owned());
            }
            if support::has_ended(&now) {
                return (now, steps);
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// Opens the site with one click; the page as the person sees it.
    async fn open_site(&self) -> String {
        self.open_site_at(SITE).await
    }

    async fn open_site_at(&self, host: &str) -> String {
        let sso = self.post("/sso/erpnext/token", json!({})).await;
        let (status, headers, page) = self.server.page(Method::GET, host, &path_of(text(&sso, "sso_url"))).await;
        assert_eq!((status, header(&headers, "location")), (303, "/app"), "{page}");
        let cookie = header(&headers, "set-cookie").split(';').next().expect("a cookie").to_owned();
        let request = self.server.page_request(Method::GET, host, "/app").header("cookie", cookie);
        let answer = request.send().await.expect("the site answers");
        assert_eq!(answer.status(), 200);
        answer.text().await.expect("a page")
    }
}

fn header<'a>(headers: &'a HeaderMap, name: &str) -> &'a str {
    headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_else(|| panic!("no {name} in {headers:?}"))
}

/// What comes after scheme and host.
fn path_of(url: &str) -> String {
    format!("/{}", url.splitn(4, '/').nth(3).unwrap_or_default())
}

async fn build(owner: &Person<'_>) {
    assert_eq!(owner.get("/tenants/current").await["erpnext_site_url"], Value::Null);
    let (status, ..) = owner.server.page(Method::GET, SITE, "/").await;
    assert_eq!(status, 404, "there is no site yet");
    let job = owner.post("/provisioning/jobs", json!({"job_type": "createSite"})).await;
    assert_eq!((&job["job_type"], &job["status"]), (&json!("create_site"), &json!("pending")));
    let again = owner.post("/provisioning/jobs", json!({"job_type": "create_site"})).await;
    assert_eq!(again["id"], job["id"], "a second tap is harmless");
    let (ended, steps) = owner.watch(text(&job, "id")).await;
    assert_eq!((&ended["status"], &ended["progress"]), (&json!("completed"), &json!(100)), "{ended}");
    let places: Vec<_> = steps.iter().map(|step| STEPS.iter().position(|known| known == step)).collect();
    assert!(places.len() >= 4 && places.is_sorted() && !places.contains(&None), "{steps:?}");
}

async fn look_at_site(owner: &Person<'_>) {
    let tenant = owner.get("/tenants/current").await;
    let url = format!("http://{SITE}:{}", owner.server.port());
    assert_eq!((&tenant["status"], &tenant["erpnext_site_url"]), (&json!("active"), &json!(url)));
    let (status, _, page) = owner.server.page(Method::GET, SITE, "/").await;
    assert_eq!(status, 200);
    assert!(page.contains("Acme Trading") && page.to_lowercase().contains("sandbox"), "{page}");
    let (status, ..) = owner.server.page(Method::GET, SITE, "/api/v1/billing/plans").await;
    assert_eq!(status, 404, "a site has no API of the control plane");
}

async fn sign_on(owner: &Person<'_>) {
    let page = owner.open_site().await;
    assert!(page.contains("owner@acme.example"), "{page}");
    let sso = owner.post("/sso/erpnext/token", json!({})).await;
    let path = path_of(text(&sso, "sso_url"));
    assert_eq!(owner.server.page(Method::GET, SITE, &path).await.0, 303);
    assert_eq!(owner.server.page(Method::GET, SITE, &path).await.0, 403, "a link signs in once");
}

async fn buy(owner: &Person<'_>, socket: &Listener) {
    assert_eq!(owner.get("/billing/subscription").await["status"], "trial");
    let page = owner.server.checkout(&owner.token).await;
    let (status, _, shown) = owner.server.page(Method::GET, "localhost", &page).await;
    assert_eq!(status, 200);
    assert!(shown.contains("Acme Trading") && shown.to_lowercase().contains("test mode"), "{shown}");
    let (status, _, thanks) = owner.server.page(Method::POST, "localhost", &format!("{page}/pay")).await;
    assert!(status == 200 && thanks.contains("https://app.example/paid"), "{status} {thanks}");
    let is_paid = async || Some(owner.get("/billing/subscription").await).filter(|found| found["status"] == "active");
    let paid = until("the payment", PATIENCE, is_paid).await;
    assert_eq!(paid["billing_period"], "yearly");
    let invoices = owner.get("/billing/invoices").await;
    assert_eq!(invoices[0]["event_type"], "payment_success");
    assert_eq!(invoices[0]["amount"], paid["plan"]["price_yearly"]);
    socket.wait_for("subscription:updated", |payload| payload["subscription"]["status"] == "active").await;
    let received = socket.wait_for("payment:received", |_| true).await;
    assert_eq!(received["amount"], invoices[0]["amount"]);
}

/// A colleague who was invited registers, and goes over to the inviting company.
async fn bring_in_a_colleague(owner: &Person<'_>, tenant: &str) {
    let invitation = json!({"email": "sales@acme.example", "role": "user"});
    owner.post(&format!("/tenants/{tenant}/users/invite"), invitation).await;
    let (newcomer, registered) =
        Person::register(owner.server, "sales@acme.example", "Acme Sales", "Acme Sales Office").await;
    let tenants = registered["tenants"].as_array().expect("a list");
    assert!(tenants.iter().any(|joined| joined["tenant_id"] == *tenant && joined["role"] == "user"), "{registered}");
    let switched = newcomer.post("/auth/switch-tenant", json!({"tenant_id": tenant})).await;
    let colleague = Person { token: text(&switched, "access_token").to_owned(), ..newcomer };
    let users = owner.get(&format!("/tenants/{tenant}/users")).await;
    let roles: Vec<_> = users.as_array().expect("a list").iter().map(|user| user["role"].clone()).collect();
    assert_eq!(roles, ["owner", "user"]);
    assert!(colleague.open_site().await.contains("sales@acme.example"));
    let body = json!({"job_type": "delete_site"});
    let (status, _) = owner.server.api(Method::POST, "/provisioning/jobs", &colleague.token, Some(body)).await;
    assert_eq!(status, 403, "a user may not delete the site");
}

async fn read_notifications(owner: &Person<'_>) {
    let found = owner.get("/notifications").await;
    let list = found["notifications"].as_array().expect("a list");
    assert_eq!((&found["unread"], list.len()), (&json!(2), 2), "{found}");
    assert!(list.iter().all(|notification| notification["type"] == "success"), "{found}");
    owner.post(&format!("/notifications/{}/read", text(&list[0], "id")), json!({})).await;
    assert_eq!(owner.get("/notifications").await["unread"], 1);
    owner.post("/notifications/read-all", json!({})).await;
    assert_eq!(owner.get("/notifications").await["unread"], 0);
}

/// All of it, from registration to a paid site with a colleague.
async fn play(server: &Server) {
    let (owner, registered) = Person::register(server, "owner@acme.example", "Acme Owner", "Acme Trading").await;
    let tenant = text(&registered["current_tenant"], "id");
    assert_eq!(registered["current_tenant"]["slug"], "acme-trading");
    let socket = Listener::connect(server.port(), &owner.token).await;
    build(&owner).await;
    socket.wait_for("status:completed", |payload| payload["erpnext_url"].is_string()).await;
    look_at_site(&owner).await;
    sign_on(&owner).await;
    buy(&owner, &socket).await;
    bring_in_a_colleague(&owner, tenant).await;
    read_notifications(&owner).await;
    let log = server.log();
    assert_eq!(log, "", "nothing on the way deserves a warning");
}

#[tokio::test]
async fn a_newcomer_gets_from_registration_to_a_paid_site_with_a_colleague() {
    play(&Server::start(&[("SANDBOX__STEP_MILLISECONDS", "250")]).await).await;
}

#[tokio::test]
async fn the_journey_goes_as_well_where_the_database_lets_nobody_rewrite_the_audit_trail() {
    let Some(granted) = Granted::prepare() else { return };
    let url = granted.url();
    let environment = [("SANDBOX__STEP_MILLISECONDS", "250"), ("LOG__FILTER", "warn"), ("DATABASE__URL", url.as_str())];
    let server = Server::on(granted.folder(), &environment).await;
    play(&server).await;
    for statement in [
        "UPDATE audit_events SET action = 'nothing'",
        "DELETE FROM audit_events",
        "TRUNCATE audit_events",
        "DROP TABLE audit_events",
        "ALTER TABLE audit_events ADD COLUMN more TEXT",
        "INSERT INTO _sqlx_migrations SELECT * FROM _sqlx_migrations",
    ] {
        let refused = granted.refusal(statement).await;
        assert!(refused.contains("permission denied") || refused.contains("must be owner"), "{statement}: {refused}");
    }
    let gone = granted.number("SELECT prune_audit_events(9223372036854775807, 1000)").await;
    assert_eq!(gone, 0, "what is younger than a year stays");
    assert!(granted.number("SELECT COUNT(*) FROM audit_events WHERE action = 'auth.register'").await > 0);
    granted.run(&["backup"], &url);
    let doctor = granted.run(&["doctor"], &url);
    assert!(doctor.contains("neither change nor delete"), "{doctor}");
}

#[tokio::test]
async fn only_the_owner_of_a_schema_gives_rights_and_brings_it_up_to_date() {
    let Some(granted) = Granted::prepare() else { return };
    let refused = granted.refused(&["database", "grant", granted.role()], &granted.url());
    assert!(refused.contains("only the owner of the tables can give rights"), "{refused}");
    granted.forget_newest_migration();
    let refused = granted.refused(&["serve", "--listen", "127.0.0.1:0"], &granted.url());
    assert!(refused.contains("run `erpmax database grant ROLE` as the owner"), "{refused}");
}

#[tokio::test]
async fn a_site_shows_that_it_is_being_built_and_is_gone_after_its_deletion() {
    let server = Server::start(&[("SANDBOX__STEP_MILLISECONDS", "250")]).await;
    let (owner, _) = Person::register(&server, "owner@acme.example", "Acme Owner", "Acme Trading").await;
    let job = server.begin(&owner.token, "create_site").await;
    server.job_until(&owner.token, &job, |job| job["step"] == "apps").await;
    let (status, _, page) = server.page(Method::GET, SITE, "/").await;
    assert!(status == 503 && page.contains("being built"), "{status} {page}");
    server.job_ended(&owner.token, &job).await;
    let job = server.begin(&owner.token, "delete_site").await;
    let (ended, _) = owner.watch(&job).await;
    assert_eq!(ended["status"], "completed");
    assert_eq!(server.page(Method::GET, SITE, "/").await.0, 404);
    let (status, answer) = server.api(Method::POST, "/sso/erpnext/token", &owner.token, Some(json!({}))).await;
    assert_eq!((status, &answer["error"]["code"]), (409, &json!("site_missing")));
}

/// The names of a page's elements.
fn elements(page: &str) -> Vec<&str> {
    let tags = page.split('<').skip(1);
    tags.filter_map(|tag| tag.split(|c: char| c.is_whitespace() || c == '>').next()).collect()
}

#[tokio::test]
async fn names_that_try_tricks_are_words_on_the_page_of_a_site() {
    let server = Server::start(&[("SANDBOX__STEP_MILLISECONDS", "1")]).await;
    let mut plain = Vec::new();
    for (number, words) in
        ["Plain", "<img src=x onerror=alert(1)>", "\"><script>alert(1)</script>", "</h1><style>*{}</style>"]
            .iter()
            .enumerate()
    {
        let (owner, _) = Person::register(&server, &format!("owner{number}@acme.example"), words, words).await;
        let job = server.begin(&owner.token, "create_site").await;
        server.job_ended(&owner.token, &job).await;
        let tenant = owner.get("/tenants/current").await;
        let page = owner.open_site_at(&format!("{}.localhost", text(&tenant, "slug"))).await;
        let found: Vec<String> = elements(&page).into_iter().map(str::to_owned).collect();
        if number == 0 {
            plain = found;
        } else {
            assert_eq!(found, plain, "{words}: {page}");
            assert!(!page.contains(words), "{page}");
        }
    }
}
