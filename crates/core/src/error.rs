//! What the rules refuse, and how they fail.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use erpmax_store::StoreError;
use erpmax_types::ErrorCode;

/// What core functions return.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why a request was not carried out.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The caller asked for what cannot be had.
    #[error("refused: {}", .0.code)]
    Refused(Refusal),
    /// Our own fault; the cause is for the log alone.
    #[error("internal error")]
    Internal(#[source] anyhow::Error),
}

/// A refusal, in words for a program; [`crate::messages`] has the sentences for people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The stable word.
    pub code: ErrorCode,
    /// What is wrong with which field.
    pub details: FieldErrors,
    /// How long to wait before trying again.
    pub retry_after: Option<Duration>,
    /// 400 in place of the code's own status: a wrong password beside a bearer token (contract, trap 3).
    pub answers_bad_request: bool,
    /// What the second step of a sign-in has to show beside its code; stands in `details`.
    pub challenge: Option<Challenge>,
    /// Which limit of the plan is reached; stands in `details`.
    pub plan_limit: Option<Box<PlanLimit>>,
}

/// A limit of a plan that is reached.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlanLimit {
    /// The limit's name in the plan.
    pub limit: &'static str,
    /// How much of it is used.
    pub used: u64,
    /// How much the plan allows.
    pub allowed: u64,
    /// The slug of the smallest plan on sale that allows it.
    pub lifting_plan: Option<String>,
}

/// A right password's receipt. It is half of a sign-in, so no log shows it.
#[derive(Clone, PartialEq, Eq)]
pub struct Challenge(pub String);

impl fmt::Debug for Challenge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Challenge(..)")
    }
}

/// A field's name to what is wrong with it.
pub type FieldErrors = BTreeMap<Cow<'static, str>, Vec<Problem>>;

/// What is wrong with a field: the name of a message, and the number that it speaks of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The message's name in the catalogue, without `field-`.
    pub message: &'static str,
    /// `{ $number }` in the message.
    pub number: Option<u64>,
}

impl Refusal {
    /// A refusal with nothing but its code.
    pub const fn of(code: ErrorCode) -> Self {
        Self {
            code,
            details: BTreeMap::new(),
            retry_after: None,
            answers_bad_request: false,
            challenge: None,
            plan_limit: None,
        }
    }
}

/// A refusal with nothing but its code.
pub fn refuse(code: ErrorCode) -> Error {
    Error::Refused(Refusal::of(code))
}

/// A refusal of one field's value.
pub fn field(name: impl Into<Cow<'static, str>>, message: &'static str) -> Error {
    invalid(BTreeMap::from([(name.into(), vec![Problem { message, number: None }])]))
}

/// A refusal of one field's value, with the number that the message speaks of.
pub(crate) fn field_with(name: &'static str, message: &'static str, number: u64) -> Error {
    invalid(BTreeMap::from([(name.into(), vec![Problem { message, number: Some(number) }])]))
}

/// A refusal of several fields' values.
pub(crate) fn invalid(details: FieldErrors) -> Error {
    Error::Refused(Refusal { details, ..Refusal::of(ErrorCode::ValidationFailed) })
}

/// The password was right, and a code is asked for.
pub(crate) fn challenge(challenge: Challenge) -> Error {
    Error::Refused(Refusal { challenge: Some(challenge), ..Refusal::of(ErrorCode::SecondFactorRequired) })
}

/// The plan does not allow more.
pub(crate) fn plan_limit(limit: PlanLimit) -> Error {
    Error::Refused(Refusal { plan_limit: Some(Box::new(limit)), ..Refusal::of(ErrorCode::PlanLimitReached) })
}

/// Too many attempts.
pub(crate) fn rate_limited(retry_after: Duration) -> Error {
    Error::Refused(Refusal { retry_after: Some(retry_after), ..Refusal::of(ErrorCode::RateLimited) })
}

impl From<ErrorCode> for Error {
    fn from(code: ErrorCode) -> Self {
        refuse(code)
    }
}

impl From<StoreError> for Error {
    fn from(error: StoreError) -> Self {
        Self::Internal(error.into())
    }
}

impl From<serde_json::Error> for Error {
    fn from(error: serde_json::Error) -> Self {
        Self::Internal(error.into())
    }
}

impl From<anyhow::Error> for Error {
    fn from(error: anyhow::Error) -> Self {
        Self::Internal(error)
    }
}

impl Error {
    /// The code of a refusal; `unavailable` while the database is away, `internal` for our own faults.
    pub fn code(&self) -> ErrorCode {
        match self {
            Self::Refused(refusal) => refusal.code,
            Self::Internal(cause) if cause.downcast_ref().is_some_and(StoreError::is_unreachable) => {
                ErrorCode::Unavailable
            }
            Self::Internal(_) => ErrorCode::Internal,
        }
    }
}
