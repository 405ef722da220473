//! Copies of a whole database, taken while others read and write, and making room for one.

mod libpq;
mod postgres;
mod sqlite;

pub use libpq::environment;
pub use postgres::{PostgresSnapshot, contents_of_postgres, make_room_in_postgres, move_back_in_postgres};
pub use sqlite::{contents_of_sqlite, copy_sqlite, file_of};

use crate::engine::OpenError;

/// What is in a database.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contents {
    /// The number of the last migration.
    pub schema: i64,
    /// Each table with its number of rows, in the order of names.
    pub tables: Vec<(String, u64)>,
}

/// Why a database could not be copied or made room in.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// The database cannot be used.
    #[error("{0}")]
    Open(#[from] OpenError),
    /// The copy is not whole.
    #[error("the copy of the database is damaged: {0}")]
    Damaged(String),
    /// There is something already.
    #[error("the database is not empty")]
    NotEmpty,
    /// A node is running.
    #[error("`erpmax serve` is using the database; stop it first")]
    InUse,
    /// The database failed.
    #[error("the database failed: {0}")]
    Database(#[from] sqlx::Error),
}
