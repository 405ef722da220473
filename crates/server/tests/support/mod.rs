//! A whole control plane for one test, and the people who use it.
//!
//! ```ignore
//! let app = TestApp::start().await;
//! let acme = app.tenant("acme").await;
//! let member = acme.member("accountant").await;
//! member.post(&acme.path("/users/invite"), json!({"email": "b@x.example", "role": "user"})).await.refused(403, "forbidden");
//! ```

mod answer;
mod app;
mod database;
mod factor;
mod key;
mod operations;
mod operator;
mod outbox;
mod person;
mod postbox;
mod runner;
mod tenant;
mod waiting;

pub(crate) use answer::Answer;
pub(crate) use app::{Setup, TestApp};
pub(crate) use factor::{Factor, answer, challenge_in};
pub(crate) use key::Key;
pub(crate) use operations::{Ids, Operation, Request, SLOTS, operations};
pub(crate) use operator::TestOperator;
pub(crate) use outbox::Mail;
pub(crate) use person::{Call, PASSWORD, Person};
pub(crate) use postbox::Letter;
pub(crate) use runner::Work;
pub(crate) use tenant::TestTenant;
pub(crate) use waiting::{eventually, until};

/// The token of a one-time link.
pub(crate) fn token_of(link: &str) -> String {
    link.split_once("?token=").expect("a link").1.to_owned()
}

/// An id that nobody has.
pub(crate) fn random_id() -> String {
    uuid::Uuid::now_v7().to_string()
}
