//! The database of one test: a file in its data folder, or a `PostgreSQL` database that is dropped at the end.

use std::path::Path;
use std::process::Command;
use std::sync::atomic::{AtomicU32, Ordering};

use sqlx::{AssertSqlSafe, Connection as _, PgConnection, SqliteConnection};

/// A fresh database.
pub struct Database {
    postgres: Option<(String, String)>,
    url: Option<String>,
}

static NUMBER: AtomicU32 = AtomicU32::new(0);

impl Database {
    /// What `ERPMAX_TEST_DATABASE` asks for.
    pub fn create() -> Self {
        match std::env::var("ERPMAX_TEST_DATABASE").as_deref() {
            Ok("postgres") => Self::create_postgres(&server().expect("ERPMAX_TEST_POSTGRES_URL names a server")),
            _ => Self { postgres: None, url: None },
        }
    }

    /// A database on the `PostgreSQL` server at `server`.
    pub fn create_postgres(server: &str) -> Self {
        let name = format!("binary_{}_{}", std::process::id(), NUMBER.fetch_add(1, Ordering::Relaxed));
        psql(server, &format!("CREATE DATABASE {name}"));
        let base = server.rsplit_once('/').expect("the address ends in a database").0;
        Self { url: Some(format!("{base}/{name}")), postgres: Some((server.to_owned(), name)) }
    }

    /// Its address; none for a file in the data folder.
    pub fn url(&self) -> Option<&str> {
        self.url.as_deref()
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        if let Some((server, name)) = &self.postgres {
            psql(server, &format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)"));
        }
    }
}

/// Keeps everybody else from writing mails, until it is dropped.
pub enum Hold {
    Sqlite(SqliteConnection),
    Postgres(PgConnection),
}

impl Hold {
    /// On the database of a server.
    pub async fn on(server: &super::Server) -> Self {
        let url = server.database_url();
        if url.is_empty() {
            let url = format!("sqlite:{}", server.folder().join("erpmax.sqlite").display());
            let mut connection = SqliteConnection::connect(&url).await.expect("the database can be opened");
            sqlx::raw_sql("BEGIN IMMEDIATE").execute(&mut connection).await.expect("nobody else writes for long");
            return Self::Sqlite(connection);
        }
        let mut connection = PgConnection::connect(&url).await.expect("the database can be reached");
        let lock = sqlx::raw_sql("BEGIN; LOCK TABLE mails IN SHARE MODE").execute(&mut connection);
        lock.await.expect("nobody else writes for long");
        Self::Postgres(connection)
    }
}

/// The `PostgreSQL` server for tests, if there is one.
pub fn server() -> Option<String> {
    std::env::var("ERPMAX_TEST_POSTGRES_URL").ok()
}

/// Carries a statement out; its output.
pub fn psql(url: &str, statement: &str) -> String {
    let output = Command::new("psql")
        .args([url, "--no-psqlrc", "--tuples-only", "--no-align", "--command", statement])
        .output()
        .expect("psql is installed");
    assert!(output.status.success(), "{statement}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).trim().to_owned()
}

/// The number that a statement selects from a database: the one at `url`, or the file in a data folder.
pub(super) async fn count(url: Option<&str>, folder: &Path, statement: &str) -> i64 {
    if let Some(url) = url {
        let query = sqlx::query_scalar(AssertSqlSafe(statement.to_owned()));
        let mut connection = PgConnection::connect(url).await.expect("the database can be reached");
        return query.fetch_one(&mut connection).await.expect("the statement selects a number");
    }
    let url = format!("sqlite:{}", folder.join("erpmax.sqlite").display());
    let mut connection = SqliteConnection::connect(&url).await.expect("the database can be opened");
    let query = sqlx::query_scalar(AssertSqlSafe(statement.to_owned()));
    query.fetch_one(&mut connection).await.expect("the statement selects a number")
}

/// Carries a statement out on a database: the one at `url`, or the file in a data folder.
pub(super) async fn execute(url: Option<&str>, folder: &Path, statement: &str) {
    let query = AssertSqlSafe(statement.to_owned());
    if let Some(url) = url {
        let mut connection = PgConnection::connect(url).await.expect("the database can be reached");
        sqlx::raw_sql(query).execute(&mut connection).await.expect("the statement can be carried out");
        return;
    }
    let url = format!("sqlite:{}", folder.join("erpmax.sqlite").display());
    let mut connection = SqliteConnection::connect(&url).await.expect("the database can be opened");
    sqlx::raw_sql(query).execute(&mut connection).await.expect("the statement can be carried out");
}
