//! What can go wrong between us and the database.

/// A query failed.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The database or the way to it.
    #[error("the database failed")]
    Database(#[from] sqlx::Error),
    /// A JSON column does not hold what it should.
    #[error("a JSON column cannot be read")]
    Json(#[from] serde_json::Error),
}

impl StoreError {
    /// Whether the database could not be reached at all; another moment may do.
    pub fn is_unreachable(&self) -> bool {
        use sqlx::Error::{Io, PoolClosed, PoolTimedOut, Tls};
        matches!(self, Self::Database(Io(_) | PoolClosed | PoolTimedOut | Tls(_)))
    }

    /// Whether the unique index on `column` (`table.column`) refused the row.
    ///
    /// `SQLite` says so in words, `PostgreSQL` by the index's name, which is always `table_column` in our schema.
    pub fn is_unique(&self, column: &str) -> bool {
        let Self::Database(sqlx::Error::Database(error)) = self else { return false };
        if !error.is_unique_violation() {
            return false;
        }
        match error.constraint() {
            Some(index) => index == column.replace('.', "_"),
            None => error.message().ends_with(column),
        }
    }
}

/// The database cannot be opened; each is a sentence for the person who starts the server.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The URL names no database that we know.
    #[error("the database URL must begin with sqlite: or postgres:")]
    UnknownScheme,
    /// The URL cannot be read.
    #[error("the database URL cannot be read: {0}")]
    BadUrl(#[source] sqlx::Error),
    /// No connection.
    #[error("the database cannot be opened: {0}")]
    Unreachable(#[source] sqlx::Error),
    /// A migration is there that this program does not know.
    #[error("the database was written by a newer version (migration {0}); start that version, or restore a backup")]
    Newer(i64),
    /// There is nothing in it.
    #[error("there is no installation: the database is missing or empty")]
    Empty,
    /// It belongs to another program.
    #[error("the database holds tables of something else")]
    Foreign,
    /// `serve` has to bring it up to date first.
    #[error("the database is that of an older version (migration {0}); start `erpmax serve` of this version once")]
    Behind(i64),
    /// A migration needs the owner of the schema.
    #[error(
        "the schema has to be brought up to date, which this role of the database may not; run `erpmax database grant ROLE` as \
         the owner of the schema"
    )]
    NotOwner,
    /// A migration did not go through.
    #[error("the database cannot be brought up to date: {0}")]
    Migration(#[source] sqlx::migrate::MigrateError),
}
