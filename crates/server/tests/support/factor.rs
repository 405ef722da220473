//! Somebody's authenticator app.

use std::time::Duration;

use axum::http::Method;
use erpmax_core::auth::two_factor::totp::{Secret, step_at};
use serde_json::{Value, json};

use super::{Answer, PASSWORD, Person};

/// A second factor, with whose it is.
pub(crate) struct Factor {
    person: Person,
    secret: Secret,
    /// As they were shown at the activation.
    pub(crate) recovery_codes: Vec<String>,
}

impl Factor {
    /// Begins one that is not active yet.
    pub(crate) async fn begin(person: &Person) -> Self {
        let begun = person.post("/auth/two-factor", json!({"password": PASSWORD})).await.ok();
        let secret = Secret::from_text(begun["secret"].as_str().expect("a text")).expect("a good secret");
        Self { person: person.clone(), secret, recovery_codes: Vec::new() }
    }

    /// Begins one and activates it.
    pub(crate) async fn of(person: &Person) -> Self {
        let mut factor = Self::begin(person).await;
        let answer = person.post("/auth/two-factor/activate", json!({"code": factor.code()})).await.ok();
        factor.recovery_codes = serde_json::from_value(answer["recovery_codes"].clone()).expect("a list of texts");
        factor
    }

    /// The code of this moment.
    pub(crate) fn code(&self) -> String {
        self.code_of(0)
    }

    /// The code of so many steps from now.
    pub(crate) fn code_of(&self, steps: i64) -> String {
        self.secret.code(step_at(self.person.app().now()) + steps).expect("a code")
    }

    /// The next code that the app shows, once it does.
    pub(crate) fn next_code(&self) -> String {
        self.person.app().pass(Duration::from_secs(30));
        self.code()
    }

    /// A code that is wrong now and around now.
    pub(crate) fn wrong_code(&self) -> String {
        let good: Vec<String> = (-2..=2).map(|steps| self.code_of(steps)).collect();
        (0..10).map(|digit| digit.to_string().repeat(6)).find(|code| !good.contains(code)).expect("one is left")
    }

    /// The first step of a sign-in, from the person's address.
    pub(crate) async fn challenge(&self) -> String {
        challenge_in(&self.password(PASSWORD).await.refused(403, "second_factor_required"))
    }

    pub(crate) async fn password(&self, password: &str) -> Answer {
        let body = json!({"email": self.person.email, "password": password});
        self.person.bare(Method::POST, "/auth/login").json(&body).send().await
    }

    /// The second step of a sign-in, from the person's address.
    pub(crate) async fn answer(&self, challenge: &str, code: &str) -> Answer {
        self.person.bare(Method::POST, "/auth/login/second-factor").json(&answer(challenge, code)).send().await
    }

    /// Switches it off with the last recovery code.
    pub(crate) async fn disable(&self) {
        let body = json!({"password": PASSWORD, "code": self.recovery_codes.last()});
        self.person.call(Method::DELETE, "/auth/two-factor").json(&body).send().await.ok();
    }
}

/// The body of the second step.
pub(crate) fn answer(challenge: &str, code: &str) -> Value {
    json!({"challenge": challenge, "code": code})
}

/// The challenge in a refusal's details: a map of lists, which is all that the seed client decodes.
pub(crate) fn challenge_in(refused: &Answer) -> String {
    let details = refused.body["error"]["details"].as_object().expect("details are an object");
    assert_eq!(details.keys().collect::<Vec<_>>(), ["challenge"]);
    details["challenge"][0].as_str().expect("a text").to_owned()
}
