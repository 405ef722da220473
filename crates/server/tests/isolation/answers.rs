//! Every operation × every visitor × own, foreign and random ids in every place.

use std::collections::BTreeSet;
use std::net::IpAddr;

use erpmax_core::realtime::{Audience, News};
use serde_json::Value;

use super::company::{Company, new_mark};
use super::log::Log;
use super::people::Visitor;
use crate::support::{Answer, Ids, Operation, PASSWORD, Person, Request, SLOTS, TestApp, operations, random_id};

/// Someone looking around: what came back to whom is collected and searched.
struct Tour<'a> {
    app: &'a TestApp,
    foreign: &'a Company,
    visitor: &'a Visitor,
}

#[tokio::test]
async fn a_foreign_id_is_answered_like_a_random_one_and_nothing_foreign_is_told() {
    let log = Log::keep();
    let app = TestApp::start().await;
    let [ours, theirs] = Company::found_two(&app).await;
    let before = theirs.look().await;
    let marked = before.iter().filter(|answer| answer.to_string().contains(&theirs.mark));
    assert!(marked.count() >= 5, "the marks show where they belong");
    for visitor in Visitor::all(&app, &ours).await {
        let tour = Tour { app: &app, foreign: &theirs, visitor: &visitor };
        for operation in operations() {
            tour.try_foreign_ids(&operation).await;
            tour.smuggle(&operation).await;
            tour.use_it(&operation).await;
        }
    }
    assert_eq!(theirs.look().await, before, "somebody changed what is not theirs");
    check_events(&app, &ours, &theirs).await;
    check_log(&log.text(), &[&ours, &theirs]);
}

impl Tour<'_> {
    /// Puts a foreign id and a random one into each place in turn, and into all at once.
    async fn try_foreign_ids(&self, operation: &Operation) {
        let (person, own) = self.visitor.session(operation).await;
        let usual = operation.request(&own);
        let (all_foreign, all_random) = (self.foreign_ids(&own), random_ids(&own));
        let mut variants = vec![("all", all_foreign.clone(), all_random.clone())];
        for (name, slot) in SLOTS {
            let (mut foreign, mut random) = (own.clone(), own.clone());
            slot(&mut foreign).clone_from(slot(&mut all_foreign.clone()));
            slot(&mut random).clone_from(slot(&mut all_random.clone()));
            if name == "email" {
                foreign.password.clone_from(&all_foreign.password);
                random.password.clone_from(&all_random.password);
            }
            variants.push((name, foreign, random));
        }
        for (name, foreign, random) in variants {
            let (foreign, random) = (operation.request(&foreign), operation.request(&random));
            if without_new_names(&foreign) != without_new_names(&usual) {
                self.compare(operation, name, &person, &foreign, &random).await;
            }
        }
    }

    async fn compare(&self, operation: &Operation, place: &str, person: &Person, foreign: &Request, random: &Request) {
        let of_foreign = self.send(operation, person, foreign).await;
        let of_random = self.send(operation, person, random).await;
        let name = format!("{} as {} with a foreign {place}", operation.id, self.visitor.name);
        assert!(!of_foreign.status.is_success(), "{name}: {}", of_foreign.text);
        assert_eq!(
            (of_foreign.status, of_foreign.code(), &of_foreign.text),
            (of_random.status, of_random.code(), &of_random.text),
            "{name}"
        );
        let names = |answer: &Answer| answer.headers.keys().map(ToString::to_string).collect::<BTreeSet<_>>();
        assert_eq!(names(&of_foreign), names(&of_random), "{name}");
    }

    /// Foreign ids where no operation asks for any change nothing.
    async fn smuggle(&self, operation: &Operation) {
        let (person, own) = self.visitor.session(operation).await;
        let mut request = operation.request(&own);
        let theirs = &self.foreign.ids;
        for (name, value) in [("tenant_id", &theirs.tenant), ("user_id", &theirs.user), ("id", &theirs.failed_job)] {
            request.query.push((name, value.clone()));
            request.headers.push(("x-tenant-id", theirs.tenant.clone()));
            if let Some(Ok(Value::Object(mut body))) = request.body.as_deref().map(serde_json::from_str)
                && operation.id != "billing.webhook"
            {
                body.entry(name).or_insert_with(|| value.as_str().into());
                request.body = Some(Value::Object(body).to_string());
            }
        }
        self.send(operation, &person, &request).await;
    }

    /// The operation as it is meant; the table of requests is good only if an owner succeeds with it.
    async fn use_it(&self, operation: &Operation) {
        let (person, own) = self.visitor.session(operation).await;
        let answer = self.send(operation, &person, &operation.request(&own)).await;
        if operation.id.starts_with("operator.") {
            assert!(!answer.status.is_success(), "{} let {} in: {}", operation.id, self.visitor.name, answer.text);
            return;
        }
        // Whatever it is that was asked for was done before, by the request with something smuggled in.
        let was_done = answer.status() == 409
            || matches!(
                operation.id.as_str(),
                "tenants.remove_user" | "tenants.change_role" | "tenants.revoke_api_key"
            );
        assert!(
            self.visitor.name != "owner" || answer.status.is_success() || was_done,
            "the request for {} is not valid: {}",
            operation.id,
            answer.text
        );
    }

    /// Sends a request and searches what comes back.
    async fn send(&self, operation: &Operation, person: &Person, request: &Request) -> Answer {
        let token = self.visitor.token(person);
        // A challenge is answered from where it was asked for.
        let bound = operation.id == "auth.login_second_factor";
        let address: IpAddr = if bound { person.address } else { self.app.new_address() };
        let call = request.call(&operation.method, person, token.as_deref()).from(&address.to_string());
        let answer = call.send().await;
        let headers = format!("{:?}", answer.headers);
        for secret in self.foreign.secrets() {
            let leaks = answer.text.contains(secret) || headers.contains(secret);
            assert!(!leaks, "{} tells {} of {secret}: {}", operation.id, self.visitor.name, answer.text);
        }
        for cookie in answer.headers.get_all("set-cookie") {
            assert!(cookie.as_bytes().starts_with(b"__Host-"), "{} sets {cookie:?}", operation.id);
        }
        answer
    }

    fn foreign_ids(&self, own: &Ids) -> Ids {
        let theirs = &self.foreign.ids;
        let password = "wrong".to_owned();
        Ids {
            plan: own.plan.clone(),
            site_key: own.site_key.clone(),
            letter: own.letter.clone(),
            code: own.code.clone(),
            password,
            ..theirs.clone()
        }
    }
}

fn random_ids(own: &Ids) -> Ids {
    Ids {
        mail_token: random_id(),
        tenant: random_id(),
        user: random_id(),
        failed_job: random_id(),
        pending_job: random_id(),
        notification: random_id(),
        session: random_id(),
        api_key: random_id(),
        backup: random_id(),
        backup_token: erpmax_core::random_token(),
        checkout: random_id(),
        pass: erpmax_core::random_token(),
        refresh_token: format!("ert_{}", erpmax_core::random_token()),
        email: format!("owner@{}.example", new_mark()),
        password: "wrong".to_owned(),
        challenge: erpmax_core::random_token(),
        access: random_id(),
        invitation: random_id(),
        invitation_token: format!("{}.{}", random_id(), erpmax_core::random_token()),
        ..own.clone()
    }
}

/// Requests that make something new give it a new name each time.
fn without_new_names(request: &Request) -> Request {
    let body = request.body.as_deref().filter(|body| !body.contains("new@"));
    Request { body: body.map(ToOwned::to_owned), ..request.clone() }
}

/// What one company's sockets hear holds nothing of the other.
async fn check_events(app: &TestApp, ours: &Company, theirs: &Company) {
    let mut heard = 0;
    for emission in app.emissions().await {
        let News::Event(event) = &emission.news else { continue };
        let text = serde_json::to_string(event).expect("events are JSON");
        for (hears, other) in [(ours, theirs), (theirs, ours)] {
            if is_of(hears, emission.audience) {
                heard += usize::from(text.contains(&hears.mark));
                assert!(other.secrets().iter().all(|secret| !text.contains(secret)), "{text}");
            }
        }
    }
    assert!(heard > 20, "the marks are heard where they belong");
}

fn is_of(company: &Company, audience: Audience) -> bool {
    let people = [&company.owner, &company.admin, &company.user, &company.spare].map(|person| person.id.clone());
    match audience {
        Audience::Tenant(tenant) | Audience::Member(tenant, _) => tenant.to_string() == company.ids.tenant,
        Audience::User(user) => people.contains(&user.to_string()),
        Audience::Session(_) => false,
    }
}

/// The log names routes, never what people wrote or what opens a door.
fn check_log(log: &str, companies: &[&Company]) {
    // On a developer's machine the links of mails are printed, with whom they are for.
    let lines = log.lines().filter(|line| !line.contains("erpmax_core::mail::transport::folder"));
    let log = &lines.collect::<Vec<_>>().join("\n");
    assert!(log.contains("/api/v1/tenants/{id}"), "the log was not kept");
    for company in companies {
        let ids = &company.ids;
        for person in [&company.owner, &company.admin, &company.user, &company.spare] {
            for secret in [person.access(), person.refresh_token(), person.email.clone()] {
                assert!(!log.contains(&secret), "{}", line_with(log, &secret));
            }
        }
        for secret in
            [&company.mark, &ids.pass, &ids.refresh_token, &ids.site_key, &ids.letter.signature, &company.key.text]
        {
            assert!(!log.contains(secret), "{}", line_with(log, secret));
        }
    }
    assert!(!log.contains(PASSWORD), "{}", line_with(log, PASSWORD));
}

fn line_with<'a>(log: &'a str, text: &str) -> &'a str {
    log.lines().find(|line| line.contains(text)).unwrap_or_default()
}
