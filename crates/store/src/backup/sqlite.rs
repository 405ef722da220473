//! `SQLite`: a copy of what is committed at one moment, in a file of its own.

use std::path::{Path, PathBuf};
use std::str::FromStr as _;

use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{AssertSqlSafe, ConnectOptions as _, SqliteConnection};

use super::{BackupError, Contents};
use crate::engine::OpenError;
use crate::schema::{connect_sqlite, look_at_sqlite};

/// The file that a `sqlite:` address names.
pub fn file_of(url: &str) -> Result<PathBuf, OpenError> {
    let options = SqliteConnectOptions::from_str(url).map_err(OpenError::BadUrl)?;
    Ok(options.get_filename().to_owned())
}

/// Copies the database at `url` to the file `to`, which must not be there. Writers go on meanwhile.
pub async fn copy_sqlite(url: &str, to: &Path) -> Result<(), BackupError> {
    let mut link = connect_sqlite(url).await?.ok_or(OpenError::Empty)?;
    let target = to.to_string_lossy().into_owned();
    sqlx::query("VACUUM INTO $1").bind(target).execute(&mut link).await?;
    Ok(())
}

/// What is in the file, if it is whole.
pub async fn contents_of_sqlite(file: &Path) -> Result<Contents, BackupError> {
    let options = SqliteConnectOptions::new().filename(file).create_if_missing(false).disable_statement_logging();
    let mut link = options.connect().await?;
    let verdict: String = sqlx::query_scalar("PRAGMA integrity_check(1)").fetch_one(&mut link).await?;
    if verdict != "ok" {
        return Err(BackupError::Damaged(verdict));
    }
    let schema = look_at_sqlite(&mut link).await?.version();
    Ok(Contents { schema, tables: count_rows(&mut link).await? })
}

async fn count_rows(link: &mut SqliteConnection) -> Result<Vec<(String, u64)>, sqlx::Error> {
    let names: Vec<String> = sqlx::query_scalar(
        "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY name",
    )
    .fetch_all(&mut *link)
    .await?;
    let mut tables = Vec::with_capacity(names.len());
    for name in names {
        let sql = AssertSqlSafe(format!(r#"SELECT COUNT(*) FROM "{name}""#));
        let rows: i64 = sqlx::query_scalar(sql).fetch_one(&mut *link).await?;
        tables.push((name, u64::try_from(rows).unwrap_or(0)));
    }
    Ok(tables)
}
