//! A company whose every text holds its mark.

use axum::http::Method;
use axum::http::header::USER_AGENT;
use serde_json::{Value, json};

use super::people::fresh_link;
use crate::support::{Call, Factor, Ids, Key, PASSWORD, Person, TestApp, Work, token_of};

/// A company, its people and what there is to know of it.
pub(super) struct Company {
    app: TestApp,
    pub(super) mark: String,
    pub(super) owner: Person,
    pub(super) admin: Person,
    pub(super) user: Person,
    /// Somebody who may be removed.
    pub(super) spare: Person,
    /// A program that may do what an admin may.
    pub(super) key: Key,
    pub(super) ids: Ids,
}

/// Unguessable, and good as a part of an address and a slug.
pub(super) fn new_mark() -> String {
    let random = erpmax_core::random_token().to_lowercase();
    let letters: String = random.chars().filter(char::is_ascii_alphanumeric).take(16).collect();
    format!("q{letters}")
}

impl Company {
    /// Two companies. What waits for a runner is asked for at the end, so that each gets its own work done.
    pub(super) async fn found_two(app: &TestApp) -> [Self; 2] {
        let mut two = [Self::found(app).await, Self::found(app).await];
        for company in &mut two {
            company.finish().await;
        }
        two
    }

    async fn found(app: &TestApp) -> Self {
        let mark = new_mark();
        let owner = register(app, &mark, "owner").await;
        app.database().execute("UPDATE plans SET limits = '{}'").await;
        let mut company = Self {
            app: app.clone(),
            key: Key::of(&owner, &owner.own_tenant, json!({"name": mark})).await,
            admin: owner.clone(),
            user: owner.clone(),
            spare: owner.clone(),
            ids: blank(&owner),
            mark,
            owner,
        };
        company.admin = company.join("admin", "admin").await;
        company.user = company.join("user", "user").await;
        company.spare = company.join("spare", "user").await;
        company.fill().await;
        company
    }

    fn marked(&self, text: &str) -> String {
        format!("{text} {}", self.mark)
    }

    async fn join(&self, name: &str, role: &str) -> Person {
        self.invite(&address(&self.mark, name), role).await;
        let person = register(&self.app, &self.mark, name).await;
        person.switch_to(&self.owner.own_tenant).await;
        person
    }

    async fn invite(&self, email: &str, role: &str) -> Value {
        let path = format!("/tenants/{}/users/invite", self.owner.own_tenant);
        let call = self.owner.call(Method::POST, &path).header("idempotency-key", &format!("{}-{email}", self.mark));
        call.json(&json!({"email": email, "role": role})).send().await.ok()
    }

    /// Writes everything that there is to write, through the API as far as it reaches.
    async fn fill(&mut self) {
        let tenant = format!("/tenants/{}", self.owner.own_tenant);
        let settings = json!({"settings": {"note": self.marked("note"), self.marked("key"): 1}});
        self.owner.patch(&tenant, settings).await.ok();
        self.ids.invitation = text(&self.invite(&address(&self.mark, "waiting"), "user").await["id"]);
        self.pay().await;
        let reason = json!({"reason": self.marked("reason"), "cancel_at_period_end": true});
        self.owner.post("/billing/cancel", reason).await.ok();
        self.provision().await;
        self.read_ids().await;
        self.ids.refresh_token = self.ended_refresh_token().await;
        self.ids.pass = self.spent_pass().await;
        self.ids.backup_token = self.spent_link().await;
        self.ids.challenge = self.spent_challenge().await;
        self.ids.mail_token = self.spent_mail_token().await;
        self.ids.access = self.support_access().await;
        self.ids.invitation_token = self.spent_invitation().await;
    }

    /// And the link of an invitation.
    async fn spent_invitation(&self) -> String {
        let email = address(&self.mark, "former");
        let invitation = self.invite(&email, "user").await;
        let path = format!("/tenants/{}/invitations/{}", self.owner.own_tenant, text(&invitation["id"]));
        self.owner.delete(&path).await.ok();
        token_of(&text(&invitation["link"]))
    }

    async fn finish(&mut self) {
        self.ids.pending_job = self.ask_for("delete_site").await;
        self.fill_columns().await;
    }

    async fn pay(&mut self) {
        let plans = self.owner.get("/billing/plans").await.ok();
        self.ids.plan = text(&plans[1]["id"]);
        let back = format!("https://{}.example/back", self.mark);
        let order =
            json!({"plan_id": self.ids.plan, "billing_period": "monthly", "success_url": back, "cancel_url": back});
        let data = self.owner.post("/billing/checkout", order).await.ok();
        self.ids.checkout = text(&data["session_id"]);
        let page = format!("/sandbox/checkout/{}/pay", self.ids.checkout);
        Call::new(&self.app, Method::POST, &page, self.app.new_address()).send().await;
        self.app.settled().await;
        self.ids.letter = self.app.postbox().newest();
    }

    /// A ready site and a failed job.
    async fn provision(&mut self) {
        self.ask_for("create_site").await;
        let mut work = Work::lease(&self.app).await;
        self.ids.site_key.clone_from(&work.lease.site.key);
        work.begin(&self.marked("step"), 10).await;
        work.complete().await;
        self.ask_for("backup_site").await;
        let mut work = Work::lease(&self.app).await;
        work.begin(&self.marked("step"), 10).await;
        work.complete_with_archive(&self.mark).await;
        self.ids.failed_job = self.ask_for("backup_site").await;
        let mut work = Work::lease(&self.app).await;
        work.begin(&self.marked("step"), 10).await;
        work.progress(&self.marked("step"), 20).await;
        work.turn_round(&self.marked("reason")).await;
        work.fail(&self.marked("error")).await;
    }

    async fn ask_for(&self, job_type: &str) -> String {
        let job = self.owner.post("/provisioning/jobs", json!({"job_type": job_type})).await.created();
        text(&job["id"])
    }

    async fn read_ids(&mut self) {
        self.ids.tenant.clone_from(&self.owner.own_tenant);
        self.ids.user.clone_from(&self.spare.id);
        let told = self.owner.get("/notifications").await.ok();
        self.ids.notification = text(&told["notifications"][0]["id"]);
        self.ids.backup = text(&self.owner.get("/backups").await.ok()[0]["id"]);
        self.ids.session = self.owner.session_id().await;
        let spare = Key::of(&self.owner, &self.ids.tenant, json!({"name": self.marked("spare")})).await;
        self.ids.api_key = spare.id;
    }

    /// A refresh token is a right in itself: only one that is no longer good may be answered like one that never was.
    async fn ended_refresh_token(&self) -> String {
        let session = self.owner.login_again().await;
        session.post_nothing("/auth/logout").await.ok();
        session.refresh_token()
    }

    /// And so is a pass.
    async fn spent_pass(&self) -> String {
        let pass = fresh_pass(&self.owner).await;
        let call = self.app.call(Method::POST, "/sso/erpnext/callback").header("x-erpmax-site-key", &self.ids.site_key);
        assert_eq!(call.json(&json!({"token": pass})).send().await.status(), 200);
        pass
    }

    /// And a link to an archive.
    async fn spent_link(&self) -> String {
        let token = fresh_link(&self.owner, &self.ids.backup).await.expect("an owner may have one");
        assert_eq!(self.app.get(&format!("/backups/download/{token}")).await.status(), 200);
        token
    }

    /// And a challenge.
    async fn spent_challenge(&self) -> String {
        let factor = Factor::of(&self.spare).await;
        let challenge = factor.challenge().await;
        factor.answer(&challenge, &factor.code_of(1)).await.ok();
        factor.disable().await;
        challenge
    }

    /// And what stands in a link.
    async fn spent_mail_token(&self) -> String {
        let token = self.app.plant_token(&self.spare, "verify").await;
        self.app.post("/auth/verify-email", json!({"token": token, "password": PASSWORD})).await.ok();
        token
    }

    /// An operator who may sign in to the site for an hour.
    async fn support_access(&self) -> String {
        let operator = self.app.operator(&format!("helper{}", self.ids.tenant)).await;
        let body = json!({"reason": self.marked("reason"), "minutes": 60});
        let started = operator.post(&format!("/operator/tenants/{}/access", self.ids.tenant), body).await.ok();
        text(&started["access"]["id"])
    }

    /// What runners and providers write, where no request of ours reaches.
    async fn fill_columns(&self) {
        let (mark, tenant) = (&self.mark, &self.owner.own_tenant);
        let jobs = ["message", "error", "step", "reason", "result", "leak", "cancelled_by", "begun_step"];
        let jobs = jobs.map(|column| format!("{column} = 'job {mark}'")).join(", ");
        for sql in [
            format!("UPDATE jobs SET {jobs} WHERE tenant_id = '{tenant}' AND status = 'failed'"),
            format!("UPDATE work SET last_error = 'last {mark}' WHERE lane = 'tenant/{tenant}'"),
            format!(
                "UPDATE sessions SET end_reason = 'end {mark}' WHERE tenant_id = '{tenant}' AND ended_at IS NOT NULL"
            ),
            format!("UPDATE provider_events SET outcome = 'booked {mark}' WHERE body LIKE '%{}%'", self.ids.checkout),
            format!("UPDATE subscriptions SET provider_reference = 'ref {mark}' WHERE tenant_id = '{tenant}'"),
            format!("UPDATE payment_events SET provider_reference = 'ref {mark}' WHERE tenant_id = '{tenant}'"),
        ] {
            assert!(self.app.database().execute(&sql).await > 0, "{sql}");
        }
    }

    /// All that its people see of it.
    pub(super) async fn look(&self) -> Vec<Value> {
        let tenant = format!("/tenants/{}", self.ids.tenant);
        let mut seen = Vec::new();
        self.owner.sign_in_if_signed_out().await;
        for path in [
            "/tenants/current",
            "/billing/subscription",
            "/billing/invoices",
            "/provisioning/jobs",
            "/backups",
            "/notifications",
            "/auth/me",
            &format!("{tenant}/users"),
            &format!("{tenant}/api-keys"),
            &format!("{tenant}/support-access"),
            &format!("{tenant}/invitations"),
        ] {
            let mut answer = self.owner.get(path).await.ok();
            if let Some(me) = answer.as_object_mut() {
                me.remove("session_id");
            }
            seen.push(answer);
        }
        seen
    }

    /// The ids that name something of this company.
    pub(super) fn secrets(&self) -> Vec<&str> {
        let ids = &self.ids;
        let people = [&self.owner.id, &self.admin.id, &self.user.id, &self.spare.id].map(String::as_str);
        let own = [
            &ids.tenant,
            &ids.failed_job,
            &ids.pending_job,
            &ids.notification,
            &ids.session,
            &ids.api_key,
            &ids.backup,
            &ids.checkout,
            &ids.pass,
            &ids.invitation,
            &ids.access,
            &self.key.id,
            &self.key.text,
        ];
        people.into_iter().chain(own.map(String::as_str)).chain([self.mark.as_str()]).collect()
    }
}

pub(super) async fn fresh_pass(person: &Person) -> String {
    let answer = person.post_nothing("/sso/erpnext/token").await;
    answer.body["data"]["token"].as_str().unwrap_or("no-pass").to_owned()
}

fn text(value: &Value) -> String {
    value.as_str().expect("a text").to_owned()
}

fn address(mark: &str, name: &str) -> String {
    format!("{name}@{mark}.example")
}

async fn register(app: &TestApp, mark: &str, name: &str) -> Person {
    let address = app.new_address();
    let body = json!({"email": self::address(mark, name), "password": PASSWORD, "full_name": format!("{name} {mark}"),
        "company_name": format!("{mark} {name}")});
    let call = Call::new(app, Method::POST, "/api/v1/auth/register", address).header(USER_AGENT, mark);
    Person::signed_in(app, address, &call.json(&body).send().await.created())
}

fn blank(owner: &Person) -> Ids {
    Ids { email: owner.email.clone(), password: PASSWORD.to_owned(), ..Ids::default() }
}
