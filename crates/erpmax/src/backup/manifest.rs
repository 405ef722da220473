//! What a backup says of itself, readable by anybody who has the file.

use std::collections::BTreeMap;

use erpmax_core::secrets::passphrase::Stretching;
use erpmax_types::Timestamp;
use serde::{Deserialize, Serialize};

/// The form of archives that this program writes and reads.
pub(super) const FORMAT: u32 = 1;

/// The first entry of an archive, as JSON.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Manifest {
    pub(crate) format: u32,
    /// The version of the program that wrote it.
    pub(crate) erpmax: String,
    /// The number of the database's last migration.
    pub(crate) schema: i64,
    pub(crate) database: Kind,
    pub(crate) created_at: Timestamp,
    pub(crate) reason: Reason,
    /// Rows of each table.
    pub(crate) tables: BTreeMap<String, u64>,
    /// How the passphrase becomes the key that seals the other entries; none if they are not sealed.
    pub(crate) sealed: Option<Stretching>,
    /// Whether the master key is in it.
    pub(crate) has_keyring: bool,
}

/// Which database.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Kind {
    Sqlite,
    Postgres,
}

impl Kind {
    pub(crate) fn of(url: &str) -> Self {
        if url.starts_with("sqlite:") { Self::Sqlite } else { Self::Postgres }
    }

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Sqlite => "SQLite",
            Self::Postgres => "PostgreSQL",
        }
    }

    /// The archive's entry with the database.
    pub(super) const fn entry(self) -> &'static str {
        match self {
            Self::Sqlite => "database.sqlite.gz",
            Self::Postgres => "database.dump",
        }
    }
}

/// Why a backup was made; each is named and kept apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Reason {
    /// Somebody ran `erpmax backup`. These are kept.
    Asked,
    /// `serve`, once a day.
    Daily,
    /// `serve`, before it changed the schema.
    BeforeMigration,
}

impl Reason {
    /// What a file's name begins with.
    pub(super) const fn prefix(self) -> &'static str {
        match self {
            Self::Asked => "erpmax-",
            Self::Daily => "daily-",
            Self::BeforeMigration => "before-migration-",
        }
    }

    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::Asked => "asked for",
            Self::Daily => "daily",
            Self::BeforeMigration => "before a migration",
        }
    }
}

/// `YYYYMMDD-HHMMSS` in UTC.
pub(super) fn stamp(moment: Timestamp) -> String {
    let digits: String = moment.to_string().chars().filter(char::is_ascii_digit).take(14).collect();
    let (day, time) = digits.split_at(8);
    format!("{day}-{time}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stamp_is_day_and_time() {
        assert_eq!(stamp(Timestamp::from_micros(1_700_000_000_123_456)), "20231114-221320");
    }
}
