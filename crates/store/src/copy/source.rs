//! The `SQLite` side of a copy: up to date, and still for as long as the copy takes.

use std::str::FromStr as _;
use std::time::Duration;

use futures_util::stream::BoxStream;
use futures_util::{StreamExt as _, TryStreamExt as _};
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{AssertSqlSafe, ConnectOptions as _, SqliteConnection};

use super::CopyError;
use super::rows::{Value, from_sqlite};
use super::schema::{self, Table};
use crate::engine::{OpenError, explain, sqlite_migrator};

const BUSY_TIMEOUT: Duration = Duration::from_secs(10);

pub(super) struct Source(SqliteConnection);

impl Source {
    /// Opens the file, brings its schema up to date and keeps writers out.
    pub(super) async fn open(url: &str) -> Result<Self, CopyError> {
        let options = options(url)?;
        let mut link = options.connect().await.map_err(|error| CopyError::Source(OpenError::Unreachable(error)))?;
        sqlite_migrator().run(&mut link).await.map_err(|error| CopyError::Source(explain(error)))?;
        sqlx::query("BEGIN IMMEDIATE").execute(&mut link).await?;
        Ok(Self(link))
    }

    pub(super) async fn tables(&mut self) -> Result<Vec<Table>, CopyError> {
        Ok(schema::read(&mut self.0).await?)
    }

    /// All rows of a table, in the order of its key, one at a time.
    pub(super) fn rows<'a>(&'a mut self, table: &'a Table) -> BoxStream<'a, Result<Vec<Value>, sqlx::Error>> {
        let rows = sqlx::query(AssertSqlSafe(table.select(""))).fetch(&mut self.0);
        rows.and_then(move |row| async move { from_sqlite(table, &row) }).boxed()
    }

    /// The highest number that a table ever gave to a row, which may be gone since.
    pub(super) async fn counter(&mut self, table: &Table) -> Result<Option<i64>, CopyError> {
        if table.counted().is_none() {
            return Ok(None);
        }
        let row: Option<(i64,)> = sqlx::query_as("SELECT seq FROM sqlite_sequence WHERE name = $1")
            .bind(&table.name)
            .fetch_optional(&mut self.0)
            .await?;
        Ok(row.map(|(counter,)| counter))
    }
}

fn options(url: &str) -> Result<SqliteConnectOptions, CopyError> {
    if !url.starts_with("sqlite:") {
        return Err(CopyError::NotSqlite);
    }
    let options = SqliteConnectOptions::from_str(url).map_err(|error| CopyError::Source(OpenError::BadUrl(error)))?;
    let file = options.get_filename();
    if !file.is_file() {
        return Err(CopyError::NoSource(file.display().to_string()));
    }
    Ok(options.create_if_missing(false).foreign_keys(true).busy_timeout(BUSY_TIMEOUT).disable_statement_logging())
}
