//! The two databases that everything runs on, and how tests are told which one it is.

use std::fmt;
use std::process::Command;

/// One of the two databases.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Database {
    Sqlite,
    Postgres,
}

impl Database {
    /// The one that `ERPMAX_TEST_DATABASE` names.
    pub(crate) fn asked_for() -> Self {
        let name = std::env::var("ERPMAX_TEST_DATABASE").unwrap_or_default();
        if name == Self::Postgres.value() { Self::Postgres } else { Self::Sqlite }
    }

    /// Tells `command` to test on this database; `postgres` is the server's address, when there is one.
    pub(crate) fn choose(self, command: &mut Command, postgres: Option<&str>) {
        command.env("ERPMAX_TEST_DATABASE", self.value());
        if let Some(url) = postgres {
            command.env("ERPMAX_TEST_POSTGRES_URL", url);
        }
    }

    fn value(self) -> &'static str {
        match self {
            Self::Sqlite => "sqlite",
            Self::Postgres => "postgres",
        }
    }
}

impl fmt::Display for Database {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Sqlite => "SQLite",
            Self::Postgres => "PostgreSQL",
        })
    }
}
