//! How a command fails: a sentence, and an exit code.

use std::collections::BTreeMap;
use std::process::ExitCode;

use serde_json::{Value, json};

/// Why a command failed.
#[derive(Debug)]
pub(crate) enum Failure {
    /// What was looked at is not as it should be: exit code 1.
    Unwell(String),
    /// Wrong use, a wrong configuration, or surroundings that do not allow it: exit code 2.
    Use(String),
    /// Something that should not happen: exit code 3.
    Unexpected(anyhow::Error),
    /// What came of a request to a server.
    Told(Box<Told>),
    /// Somebody pressed Ctrl-C, and this is how things are left: exit code 130, as shells have it.
    Interrupted(String),
}

/// A failure with all that is known of it.
#[derive(Debug, Default)]
pub(crate) struct Told {
    /// 1 where the request was refused, 3 where that should not happen.
    pub(crate) exit: u8,
    pub(crate) sentence: String,
    /// A field's name to what is wrong with it.
    pub(crate) details: BTreeMap<String, Vec<String>>,
    /// The stable word for programs.
    pub(crate) code: Option<String>,
    /// Finds the request in the server's log.
    pub(crate) request_id: Option<String>,
    /// What to do next.
    pub(crate) next: Option<String>,
}

impl Failure {
    /// Wrong use, as a sentence that says what to do.
    pub(crate) fn wrong(sentence: impl Into<String>) -> Self {
        Self::Use(sentence.into())
    }

    pub(crate) fn unexpected(error: impl Into<anyhow::Error>) -> Self {
        Self::Unexpected(error.into())
    }

    pub(crate) fn exit_code(&self) -> ExitCode {
        ExitCode::from(match self {
            Self::Unwell(_) => 1,
            Self::Use(_) => 2,
            Self::Unexpected(_) => 3,
            Self::Told(told) => told.exit,
            Self::Interrupted(_) => 130,
        })
    }

    /// For programs.
    pub(crate) fn document(&self) -> Value {
        match self {
            Self::Told(told) => told.document(),
            other => json!({"error": other.to_string()}),
        }
    }
}

impl Told {
    fn document(&self) -> Value {
        let mut document = json!({"error": self.sentence});
        let parts = [("code", &self.code), ("request_id", &self.request_id), ("next", &self.next)];
        for (name, text) in parts.into_iter().filter_map(|(name, text)| Some((name, text.as_ref()?))) {
            document[name] = json!(text);
        }
        if !self.details.is_empty() {
            document["details"] = json!(self.details);
        }
        document
    }
}

impl std::fmt::Display for Failure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Unwell(sentence) | Self::Use(sentence) | Self::Interrupted(sentence) => f.write_str(sentence),
            Self::Unexpected(error) => write!(f, "{error:#}"),
            Self::Told(told) => told.fmt(f),
        }
    }
}

/// The sentence, a line for each problem of a field, and what to do next.
impl std::fmt::Display for Told {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.sentence)?;
        for (field, problems) in &self.details {
            for problem in problems {
                write!(f, "\n  {field}: {problem}")?;
            }
        }
        if let Some(id) = &self.request_id {
            write!(f, "\nRequest {id}")?;
        }
        self.next.iter().try_for_each(|next| write!(f, "\n{next}"))
    }
}
