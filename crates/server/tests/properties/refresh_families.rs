//! Random histories of refreshing, compared with the model.

use std::time::Duration;

use axum::http::Method;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use serde_json::{Value, json};

use super::refresh_model::{Access, Expected, Family};
use crate::support::{Answer, Person, TestApp, TestTenant};

/// How many histories there are unless `PROPTEST_CASES` says otherwise.
const CASES: u32 = 24;

/// Milliseconds around the limits of the contract.
const PAUSES: &[u64] = &[137, 4_211, 9_313, 10_417, 61_007, 118_801, 121_019];
const LONG_PAUSES: &[u64] = &[900_001, 29 * 86_400_000, 31 * 86_400_000];

/// Something that happens to a session.
#[derive(Clone, Debug)]
enum Step {
    /// A token is refreshed: the newest known one, or one so many before it.
    Refresh {
        back: usize,
        lost: bool,
    },
    /// The same token is refreshed many times at once.
    Parallel {
        back: usize,
        times: usize,
    },
    Pass(Duration),
    Switch,
    Logout,
}

fn step() -> impl Strategy<Value = Step> {
    let back = || prop_oneof![4 => Just(0_usize), 2 => Just(1), 1 => 2_usize..6];
    prop_oneof![
        10 => (back(), prop::bool::weighted(0.25)).prop_map(|(back, lost)| Step::Refresh { back, lost }),
        1 => (back(), 2_usize..50).prop_map(|(back, times)| Step::Parallel { back, times }),
        6 => pause().prop_map(Step::Pass),
        2 => Just(Step::Switch),
        1 => prop::bool::weighted(0.1).prop_map(|ends| if ends { Step::Logout } else { Step::Switch }),
    ]
}

fn pause() -> impl Strategy<Value = Duration> {
    let millis = prop_oneof![12 => prop::sample::select(PAUSES), 1 => prop::sample::select(LONG_PAUSES)];
    millis.prop_map(Duration::from_millis)
}

/// A token is used once more after a pause, with so many successors in use.
fn late_reuse() -> impl Strategy<Value = Vec<Step>> {
    (1_usize..3, pause()).prop_map(|(back, pause)| {
        let newest = || Step::Refresh { back: 0, lost: false };
        let refreshes = std::iter::repeat_with(newest).take(back);
        refreshes.chain([Step::Pass(pause), Step::Refresh { back, lost: false }]).collect()
    })
}

/// A token is used once more after it ran out, while the family lives on.
fn reuse_after_expiry() -> impl Strategy<Value = Vec<Step>> {
    (1_usize..4).prop_map(|back| {
        let newest = || Step::Refresh { back: 0, lost: false };
        let month = || Step::Pass(Duration::from_millis(29 * 86_400_000));
        vec![newest(), month(), newest(), month(), newest(), Step::Refresh { back, lost: false }]
    })
}

fn history() -> impl Strategy<Value = Vec<Step>> {
    let part = prop_oneof![3 => step().prop_map(|step| vec![step]), 1 => late_reuse()];
    let part = prop_oneof![16 => part, 1 => reuse_after_expiry()];
    prop::collection::vec(part, 1..30).prop_map(|parts| parts.concat())
}

/// A session in the hands of a client, beside its model.
struct History {
    app: TestApp,
    person: Person,
    tenants: [String; 2],
    family: Family,
    /// Refresh tokens in the order in which the client got them.
    known: Vec<String>,
    accesses: Vec<Access>,
}

impl History {
    async fn begin(app: &TestApp, member: &Person, acme: &TestTenant) -> Self {
        let person = member.login_again().await;
        let (tenant, now) = (member.own_tenant.clone(), app.now());
        Self {
            app: app.clone(),
            tenants: [tenant.clone(), acme.id.clone()],
            family: Family::new(person.refresh_token(), tenant.clone(), now),
            known: vec![person.refresh_token()],
            accesses: vec![Access { token: person.access(), made: now, tenant }],
            person,
        }
    }

    fn token(&self, back: usize) -> String {
        self.known[self.known.len().saturating_sub(back + 1)].clone()
    }

    async fn take(&mut self, step: &Step) {
        match step {
            Step::Refresh { back, lost } => {
                let token = self.token(*back);
                let answer = self.person.refresh_with(&token).await;
                self.judge(&token, &answer, !lost);
            }
            Step::Parallel { back, times } => {
                let token = self.token(*back);
                self.app.stand_still(true);
                let refreshes = (0..*times).map(|_| self.person.refresh_with(&token));
                let answers = futures_util::future::join_all(refreshes).await;
                self.app.stand_still(false);
                for answer in &answers {
                    self.judge(&token, answer, true);
                }
            }
            Step::Pass(time) => self.app.pass(*time),
            Step::Switch => self.switch().await,
            Step::Logout => {
                let answer = self.with_newest_access(Method::POST, "/auth/logout").await;
                if answer.status() == 200 {
                    self.family.end();
                }
            }
        }
        self.check_access().await;
    }

    /// Holds an answer to a refresh against the model.
    fn judge(&mut self, token: &str, answer: &Answer, kept: bool) {
        let now = self.app.now();
        match self.family.refresh(token, now) {
            Expected::Refused => {
                assert_eq!((answer.status(), answer.code()), (400, "invalid_grant"), "{}", answer.text);
            }
            Expected::Successor(known) => {
                assert_eq!(answer.status(), 200, "{}", answer.text);
                let successor = text(&answer.body["data"]["refresh_token"]);
                assert!(known.is_none_or(|known| known == successor), "a token has two successors");
                self.family.succeed(token, &successor, now);
                let tenant = self.family.tenant().to_owned();
                self.accesses.push(Access { token: text(&answer.body["data"]["access_token"]), made: now, tenant });
                if kept && !self.known.contains(&successor) {
                    self.known.push(successor);
                }
            }
        }
    }

    async fn switch(&mut self) {
        let other = usize::from(self.family.tenant() == self.tenants[0]);
        let tenant = self.tenants[other].clone();
        let newest = self.accesses.last().expect("there is one").token.clone();
        let call = self.person.bare(Method::POST, "/auth/switch-tenant").bearer(&newest);
        let answer = call.json(&json!({"tenant_id": tenant})).send().await;
        if answer.status() != 200 {
            assert_eq!(answer.status(), 401, "{}", answer.text);
            return;
        }
        let (now, refresh) = (self.app.now(), text(&answer.body["data"]["refresh_token"]));
        self.family.switch(tenant.clone(), refresh.clone(), now);
        self.known.push(refresh);
        self.accesses.push(Access { token: text(&answer.body["data"]["access_token"]), made: now, tenant });
    }

    async fn with_newest_access(&self, method: Method, path: &str) -> Answer {
        let newest = &self.accesses.last().expect("there is one").token;
        self.person.bare(method, path).bearer(newest).send().await
    }

    /// The newest, the oldest and a middle access token fare as the model says.
    async fn check_access(&self) {
        for index in [0, self.accesses.len() / 2, self.accesses.len() - 1] {
            let access = &self.accesses[index];
            let answer = self.person.bare(Method::GET, "/auth/me").bearer(&access.token).send().await;
            assert_eq!(answer.code(), self.family.fate(access, self.app.now()), "{}", answer.text);
        }
    }
}

fn text(value: &Value) -> String {
    value.as_str().expect("a text").to_owned()
}

fn cases() -> u32 {
    std::env::var("PROPTEST_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(CASES)
}

#[test]
fn refresh_families_fare_as_the_model_says() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    let runtime = runtime.expect("a runtime starts");
    let (app, acme, member) = runtime.block_on(async {
        let app = TestApp::quiet().await;
        let acme = app.tenant("acme").await;
        let member = acme.member("accountant").await;
        (app, acme, member)
    });
    let config = Config { cases: cases(), failure_persistence: None, ..Config::default() };
    let result = TestRunner::new(config).run(&history(), |steps| {
        runtime.block_on(async {
            let mut history = History::begin(&app, &member, &acme).await;
            for step in &steps {
                history.take(step).await;
            }
        });
        Ok(())
    });
    let _inside = runtime.enter();
    drop((acme, member, app));
    result.unwrap_or_else(|failure| panic!("{failure}"));
}
