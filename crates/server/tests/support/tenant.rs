//! A company and its people.

use serde_json::{Value, json};

use super::{Person, TestApp, Work};

/// A company with its owner. Cheap to clone.
#[derive(Clone)]
pub(crate) struct TestTenant {
    app: TestApp,
    pub(crate) name: String,
    pub(crate) id: String,
    pub(crate) owner: Person,
}

impl TestTenant {
    pub(crate) async fn found(app: &TestApp, name: &str) -> Self {
        let owner = Person::register(app, &format!("owner@{name}.example"), name).await;
        Self { app: app.clone(), name: name.to_owned(), id: owner.own_tenant.clone(), owner }
    }

    /// `/tenants/{id}` and what follows.
    pub(crate) fn path(&self, rest: &str) -> String {
        format!("/tenants/{}{rest}", self.id)
    }

    pub(crate) async fn member(&self, name: &str) -> Person {
        self.join(name, "user").await
    }

    pub(crate) async fn admin(&self, name: &str) -> Person {
        self.join(name, "admin").await
    }

    /// A further owner.
    pub(crate) async fn co_owner(&self, name: &str) -> Person {
        let person = self.join(name, "admin").await;
        self.owner.patch(&self.path(&format!("/users/{}", person.id)), json!({"role": "owner"})).await.ok();
        person
    }

    /// Registers somebody who is invited and whose current tenant is this one.
    async fn join(&self, name: &str, role: &str) -> Person {
        let email = format!("{name}@{}.example", self.name);
        self.invite(&email, role).await;
        let person = Person::register(&self.app, &email, &format!("{name} of {}", self.name)).await;
        person.switch_to(&self.id).await;
        person
    }

    pub(crate) async fn invite(&self, email: &str, role: &str) -> Value {
        self.owner.post(&self.path("/users/invite"), json!({"email": email, "role": role})).await.ok()
    }

    pub(crate) async fn ask_for(&self, job_type: &str) -> Value {
        self.owner.post("/provisioning/jobs", json!({"job_type": job_type})).await.created()
    }

    /// Asks for a job and lets a runner complete it.
    pub(crate) async fn complete(&self, job_type: &str) -> Value {
        let job = self.ask_for(job_type).await;
        Work::lease(&self.app).await.complete().await;
        job
    }

    /// Asks for a job and lets a runner fail.
    pub(crate) async fn fail(&self, job_type: &str) -> Value {
        let job = self.ask_for(job_type).await;
        Work::lease(&self.app).await.fail("The disk is full").await;
        job
    }

    /// The id of a plan.
    pub(crate) async fn plan(&self, slug: &str) -> String {
        let plans = self.owner.get("/billing/plans").await.ok();
        let plan = plans.as_array().expect("a list").iter().find(|plan| plan["slug"] == slug).expect("the plan");
        plan["id"].as_str().expect("an id").to_owned()
    }

    /// A valid checkout of the plan.
    pub(crate) async fn order(&self, slug: &str) -> Value {
        json!({
            "plan_id": self.plan(slug).await,
            "billing_period": "monthly",
            "payment_provider": "stripe",
            "success_url": "https://app.erpmax.com/billing/success",
            "cancel_url": "https://app.erpmax.com/billing/cancel",
        })
    }
}
