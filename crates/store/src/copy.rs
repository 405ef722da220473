//! Moves a whole installation from `SQLite` to an empty `PostgreSQL` database: every table that the schema has, in one
//! transaction, row by row, and each table is read back and compared before anything is made true.

mod digest;
mod rows;
mod schema;
mod source;
mod target;

use crate::engine::OpenError;
use schema::Table;
use source::Source;
use target::Target;

/// A table that was copied, and what both databases say of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CopiedTable {
    /// The table's name.
    pub name: String,
    /// How many rows it has.
    pub rows: u64,
    /// SHA-256 over all its rows in the order of keys, in hex.
    pub checksum: String,
}

/// Why nothing was copied. All but the last two are for the person who asked for it to put right.
#[derive(Debug, thiserror::Error)]
pub enum CopyError {
    /// There is no such file.
    #[error("there is no database to copy: {0} does not exist")]
    NoSource(String),
    /// The source is another kind of database.
    #[error("only a SQLite database can be copied")]
    NotSqlite,
    /// The target is another kind of database.
    #[error("the target must be a PostgreSQL database; its address begins with postgres://")]
    NotPostgres,
    /// The source cannot be used.
    #[error("the database to copy cannot be used: {0}")]
    Source(#[source] OpenError),
    /// The target cannot be used.
    #[error("the target cannot be used: {0}")]
    Target(#[source] OpenError),
    /// The target does not answer.
    #[error("the target cannot be used: it does not answer within {0} seconds")]
    Silent(u64),
    /// The target holds something already.
    #[error("the target is not empty: it has {0}; choose an empty database")]
    NotEmpty(String),
    /// Source and target differ after the copy; it was rolled back.
    #[error("the table {table} differs after the copy ({found} rows in place of {expected}); nothing was kept")]
    Differs {
        /// The table.
        table: String,
        /// Rows in the source.
        expected: u64,
        /// Rows in the target.
        found: u64,
    },
    /// One of the databases failed; the copy was rolled back.
    #[error("the copy failed and nothing was kept: {0}")]
    Database(#[from] sqlx::Error),
}

impl CopyError {
    /// Whether whoever asked for the copy can put it right.
    pub const fn is_wrong_use(&self) -> bool {
        !matches!(self, Self::Differs { .. } | Self::Database(_))
    }
}

/// Copies the database at `from` (`sqlite:…`) to the empty one at `to` (`postgres:…`). Nobody may write to either meanwhile.
///
/// The source is brought up to date first, as opening it would. The target has everything or nothing afterwards.
pub async fn copy(from: &str, to: &str) -> Result<Vec<CopiedTable>, CopyError> {
    let mut source = Source::open(from).await?;
    let tables = source.tables().await?;
    let mut target = Target::open(to).await?;
    target.refuse_rows(&tables).await?;
    let mut copied = Vec::with_capacity(tables.len());
    for table in &tables {
        copied.push(copy_table(&mut source, &mut target, table).await?);
    }
    for table in &tables {
        target.set_counter(table, source.counter(table).await?).await?;
    }
    target.commit().await?;
    Ok(copied)
}

async fn copy_table(source: &mut Source, target: &mut Target, table: &Table) -> Result<CopiedTable, CopyError> {
    let expected = target.fill(table, source.rows(table)).await?;
    let found = target.read_back(table).await?;
    if expected != found {
        return Err(CopyError::Differs { table: table.name.clone(), expected: expected.rows, found: found.rows });
    }
    Ok(CopiedTable { name: table.name.clone(), rows: found.rows, checksum: found.checksum })
}
