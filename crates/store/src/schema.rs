//! How far a database's schema is, looked at without changing anything.

use std::str::FromStr as _;

use sqlx::postgres::PgConnectOptions;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions as _, Connection as _, PgConnection, SqliteConnection};

use crate::engine::{OpenError, newest_migration};

macro_rules! last_migration {
    ($link:expr) => {
        sqlx::query_scalar("SELECT MAX(version) FROM _sqlx_migrations").fetch_one(&mut *$link).await?
    };
}

/// How far a schema is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Schema {
    /// There is no database, or one without a table.
    Empty,
    /// Tables of something else: no list of migrations.
    Foreign,
    /// The last migration was this one, and this program knows later ones.
    Behind(i64),
    /// As this program has it.
    Current(i64),
    /// A migration that this program does not know.
    Newer(i64),
}

impl Schema {
    /// The number of the last migration; 0 if there is none.
    pub const fn version(self) -> i64 {
        match self {
            Self::Empty | Self::Foreign => 0,
            Self::Behind(version) | Self::Current(version) | Self::Newer(version) => version,
        }
    }

    /// Whether the database can be used as it is.
    pub fn check_current(self) -> Result<(), OpenError> {
        match self {
            Self::Current(_) => Ok(()),
            Self::Newer(version) => Err(OpenError::Newer(version)),
            Self::Empty => Err(OpenError::Empty),
            Self::Foreign => Err(OpenError::Foreign),
            Self::Behind(version) => Err(OpenError::Behind(version)),
        }
    }

    fn from_counts(tables: i64, has_list: bool, last: Option<i64>) -> Self {
        match (tables, has_list, last.unwrap_or(0)) {
            (0, ..) => Self::Empty,
            (_, false, _) => Self::Foreign,
            (.., last) if last > newest_migration() => Self::Newer(last),
            (.., last) if last == newest_migration() => Self::Current(last),
            (.., last) => Self::Behind(last),
        }
    }
}

/// The number of the last migration that this program knows.
pub fn newest() -> i64 {
    newest_migration()
}

/// How far the schema of the database at `url` is.
pub async fn look(url: &str) -> Result<Schema, OpenError> {
    if url.starts_with("sqlite:") {
        return match connect_sqlite(url).await? {
            Some(mut link) => look_at_sqlite(&mut link).await.map_err(OpenError::Unreachable),
            None => Ok(Schema::Empty),
        };
    }
    let mut link = connect_postgres(url).await?;
    let schema = look_at_postgres(&mut link).await.map_err(OpenError::Unreachable)?;
    link.close().await.map_err(OpenError::Unreachable)?;
    Ok(schema)
}

/// A connection that only reads; `None` if there is no file.
pub(crate) async fn connect_sqlite(url: &str) -> Result<Option<SqliteConnection>, OpenError> {
    let options = SqliteConnectOptions::from_str(url).map_err(OpenError::BadUrl)?;
    let is_there = options.get_filename().metadata().is_ok_and(|file| file.len() > 0);
    if !is_there {
        return Ok(None);
    }
    let options = options.create_if_missing(false).read_only(true).disable_statement_logging();
    options.connect().await.map(Some).map_err(OpenError::Unreachable)
}

pub(crate) async fn connect_postgres(url: &str) -> Result<PgConnection, OpenError> {
    if !url.starts_with("postgres:") && !url.starts_with("postgresql:") {
        return Err(OpenError::UnknownScheme);
    }
    let options = PgConnectOptions::from_str(url).map_err(OpenError::BadUrl)?;
    // Not the name of a node: nobody takes us for one.
    let options = options.application_name("erpmax-tool").disable_statement_logging();
    options.connect().await.map_err(OpenError::Unreachable)
}

pub(crate) async fn look_at_sqlite(link: &mut SqliteConnection) -> Result<Schema, sqlx::Error> {
    let (tables, lists): (i64, i64) = sqlx::query_as(
        "SELECT COUNT(*), COUNT(CASE WHEN name = '_sqlx_migrations' THEN 1 END) FROM sqlite_master
         WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'",
    )
    .fetch_one(&mut *link)
    .await?;
    let last = if lists > 0 { last_migration!(link) } else { None };
    Ok(Schema::from_counts(tables, lists > 0, last))
}

pub(crate) async fn look_at_postgres(link: &mut PgConnection) -> Result<Schema, sqlx::Error> {
    let (tables, lists): (i64, i64) = sqlx::query_as(
        "SELECT COUNT(*), COUNT(CASE WHEN tablename = '_sqlx_migrations' THEN 1 END) FROM pg_tables
         WHERE schemaname = CURRENT_SCHEMA()",
    )
    .fetch_one(&mut *link)
    .await?;
    let last = if lists > 0 { last_migration!(link) } else { None };
    Ok(Schema::from_counts(tables, lists > 0, last))
}
