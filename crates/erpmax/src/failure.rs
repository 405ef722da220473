//! How a command fails: a sentence, and an exit code.

use std::process::ExitCode;

/// Why a command failed.
#[derive(Debug)]
pub(crate) enum Failure {
    /// What was looked at is not as it should be: exit code 1.
    Unwell(String),
    /// Wrong use, a wrong configuration, or surroundings that do not allow it: exit code 2.
    Use(String),
    /// Something that should not happen: exit code 3.
    Unexpected(anyhow::Error),
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
        })
    }
}

impl std::fmt::Display for Failure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Unwell(sentence) | Self::Use(sentence) => f.write_str(sentence),
            Self::Unexpected(error) => write!(f, "{error:#}"),
        }
    }
}
