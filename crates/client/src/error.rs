//! What can go wrong, as an application has to tell it apart.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use erpmax_types::ErrorCode;
use http::StatusCode;

use crate::store::StoreError;

/// The outcome of everything that can go wrong here.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why a request did not do what it was to do.
///
/// ```
/// use erpmax_client::Error;
///
/// fn sentence(error: &Error) -> String {
///     match error {
///         Error::Unauthorized(_) => "Please sign in.".to_owned(),
///         Error::Validation { details, .. } => format!("Please look at: {:?}", details.keys()),
///         Error::RateLimited { retry_after: Some(time), .. } => format!("Please wait {} seconds.", time.as_secs()),
///         other => other.to_string(),
///     }
/// }
/// assert_eq!(sentence(&Error::Timeout), "the server did not answer in time");
/// ```
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// 401: nobody is signed in, or no longer. A refresh was tried and did not help.
    #[error("{0}")]
    Unauthorized(Box<Refusal>),
    /// 403: the role, the account or the tenant does not allow it.
    #[error("{0}")]
    Forbidden(Box<Refusal>),
    /// 404: not there, or not for the caller to know of.
    #[error("{0}")]
    NotFound(Box<Refusal>),
    /// 409: the present state does not allow it.
    #[error("{0}")]
    Conflict(Box<Refusal>),
    /// 422: fields are refused.
    #[error("{refusal}")]
    Validation {
        /// A field's name to what is wrong with it.
        details: BTreeMap<String, Vec<String>>,
        /// All that was answered.
        refusal: Box<Refusal>,
    },
    /// 429: too many attempts.
    #[error("{refusal}")]
    RateLimited {
        /// How long to wait, where the server says it.
        retry_after: Option<Duration>,
        /// All that was answered.
        refusal: Box<Refusal>,
    },
    /// Any other 4xx.
    #[error("{0}")]
    Refused(Box<Refusal>),
    /// 5xx: the server's or a proxy's fault.
    #[error("{0}")]
    Server(Box<Refusal>),
    /// The server cannot be reached, or the connection broke.
    #[error("the server cannot be reached: {0}")]
    Connection(Cause),
    /// The answer was not whole in time.
    #[error("the server did not answer in time")]
    Timeout,
    /// An answer that is not the API's, such as a page of a proxy, a redirect or a body that cannot be read.
    #[error("the answer is not the API's (status {status}): {reason}")]
    Unexpected {
        /// Its status.
        status: u16,
        /// What is wrong with it.
        reason: String,
    },
    /// The token store does not work.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// What the client was given cannot be used.
    #[error("{0}")]
    Invalid(String),
}

/// What the server said when it refused.
#[derive(Clone, PartialEq, Eq)]
pub struct Refusal {
    /// The HTTP status.
    pub status: u16,
    /// The stable word, where this SDK knows it.
    pub code: Option<ErrorCode>,
    /// The stable word as it came; empty from deployments that give none.
    pub word: String,
    /// A sentence for a person.
    pub message: String,
    /// A field's name to what is wrong with it.
    pub details: BTreeMap<String, Vec<String>>,
    /// Finds the request in the server's log.
    pub request_id: Option<String>,
    /// Whether the API said it, and not something on the way to it.
    pub(crate) is_told: bool,
}

impl Refusal {
    /// The refusal of an answer that says nothing more.
    pub(crate) fn bare(status: StatusCode) -> Self {
        let message = status.canonical_reason().unwrap_or("the request was refused").to_owned();
        let (code, word, details) = (None, String::new(), BTreeMap::new());
        Self { status: status.as_u16(), code, word, message, details, request_id: None, is_told: false }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

/// Without the challenge of a sign-in in two steps, which is as good as a password that was shown.
impl fmt::Debug for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let details: BTreeMap<_, _> = self.details.iter().filter(|(field, _)| *field != CHALLENGE).collect();
        f.debug_struct("Refusal")
            .field("status", &self.status)
            .field("word", &self.word)
            .field("message", &self.message)
            .field("details", &details)
            .field("request_id", &self.request_id)
            .finish_non_exhaustive()
    }
}

/// Why a connection could not be made or broke.
#[derive(Clone, Debug)]
pub struct Cause(Arc<dyn std::error::Error + Send + Sync>);

impl Cause {
    pub(crate) fn new(error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self(error.into().into())
    }
}

/// The whole chain: what hyper says alone is seldom of help.
impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)?;
        let mut next = self.0.source();
        while let Some(error) = next {
            write!(f, ": {error}")?;
            next = error.source();
        }
        Ok(())
    }
}

const CHALLENGE: &str = "challenge";

impl Error {
    /// The error that a status stands for.
    pub(crate) fn refused(refusal: Refusal, retry_after: Option<Duration>) -> Self {
        let refusal = Box::new(refusal);
        match refusal.status {
            401 => Self::Unauthorized(refusal),
            403 => Self::Forbidden(refusal),
            404 => Self::NotFound(refusal),
            409 => Self::Conflict(refusal),
            422 => Self::Validation { details: refusal.details.clone(), refusal },
            429 => Self::RateLimited { retry_after, refusal },
            500.. => Self::Server(refusal),
            _ => Self::Refused(refusal),
        }
    }

    pub(crate) fn connection(error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self::Connection(Cause::new(error))
    }

    pub(crate) fn unexpected(status: StatusCode, reason: impl Into<String>) -> Self {
        Self::Unexpected { status: status.as_u16(), reason: reason.into() }
    }

    /// What the server said, if it said something.
    pub fn refusal(&self) -> Option<&Refusal> {
        match self {
            Self::Unauthorized(refusal)
            | Self::Forbidden(refusal)
            | Self::NotFound(refusal)
            | Self::Conflict(refusal)
            | Self::Validation { refusal, .. }
            | Self::RateLimited { refusal, .. }
            | Self::Refused(refusal)
            | Self::Server(refusal) => Some(refusal),
            _ => None,
        }
    }

    /// The stable word, where this SDK knows it.
    pub fn code(&self) -> Option<ErrorCode> {
        self.refusal().and_then(|refusal| refusal.code)
    }

    /// The challenge of a sign-in that asks for a second factor, for [`Auth::login_second_factor`].
    ///
    /// [`Auth::login_second_factor`]: crate::services::Auth::login_second_factor
    pub fn challenge(&self) -> Option<&str> {
        let refusal = self.refusal().filter(|refusal| refusal.code == Some(ErrorCode::SecondFactorRequired))?;
        refusal.details.get(CHALLENGE)?.first().map(String::as_str)
    }

    /// Whether the same request may succeed a little later.
    pub(crate) fn is_passing(&self) -> bool {
        match self {
            Self::Connection(_) | Self::RateLimited { .. } => true,
            Self::Server(refusal) => matches!(refusal.status, 502..=504),
            Self::Unexpected { status, .. } => matches!(*status, 502..=504),
            _ => false,
        }
    }
}
