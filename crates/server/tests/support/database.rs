//! An empty database per test: a `SQLite` file, or a `PostgreSQL` database when `ERPMAX_TEST_DATABASE` says so.

use std::fmt::Debug;

use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection, SqliteConnection};
use tempfile::TempDir;

#[path = "spares.rs"]
mod spares;

/// The database of one test; gone with it.
pub(crate) struct TestDatabase {
    url: String,
    kind: Kind,
}

enum Kind {
    Sqlite { _folder: TempDir },
    Postgres { server: String, name: String },
}

impl TestDatabase {
    pub(crate) async fn create() -> Self {
        match std::env::var("ERPMAX_TEST_DATABASE").as_deref() {
            Ok("postgres") => Self::create_postgres().await,
            _ => Self::create_sqlite(),
        }
    }

    fn create_sqlite() -> Self {
        let folder = tempfile::tempdir().expect("a folder can be made");
        let url = format!("sqlite:{}", folder.path().join("erpmax.sqlite").display());
        Self { url, kind: Kind::Sqlite { _folder: folder } }
    }

    async fn create_postgres() -> Self {
        let server = std::env::var("ERPMAX_TEST_POSTGRES_URL").expect("ERPMAX_TEST_POSTGRES_URL names a server");
        let name = spares::take(&server).await;
        Self { url: spares::address(&server, &name), kind: Kind::Postgres { server, name } }
    }

    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// Carries a statement out behind the rules' back; how many rows it touched.
    pub(crate) async fn execute(&self, sql: &str) -> u64 {
        match self.kind {
            Kind::Postgres { .. } => run_on_postgres(&self.url, sql).await,
            Kind::Sqlite { .. } => {
                let mut connection = known(SqliteConnection::connect(&self.url).await);
                known(connection.execute(AssertSqlSafe(sql)).await).rows_affected()
            }
        }
    }

    /// Holds a table against writers until it is dropped; none on `SQLite`, which has one writer anyway.
    pub(crate) async fn hold(&self, table: &str) -> Option<PgConnection> {
        let Kind::Postgres { .. } = &self.kind else { return None };
        let mut connection = known(PgConnection::connect(&self.url).await);
        let sql = format!("BEGIN; LOCK TABLE {table} IN EXCLUSIVE MODE");
        known(connection.execute(AssertSqlSafe(sql)).await);
        Some(connection)
    }

    /// How many transactions wait for others.
    pub(crate) async fn waiting(&self) -> usize {
        let sql =
            "SELECT pid::text FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'";
        self.texts(sql).await.len()
    }

    /// Every column that holds text, as `table.column`.
    pub(crate) async fn text_columns(&self) -> Vec<String> {
        let sql = match self.kind {
            Kind::Postgres { .. } => {
                "SELECT table_name || '.' || column_name FROM information_schema.columns
                 WHERE table_schema = 'public' AND data_type = 'text' AND table_name NOT LIKE '\\_%'"
            }
            Kind::Sqlite { .. } => {
                "SELECT m.name || '.' || c.name FROM sqlite_master m JOIN pragma_table_info(m.name) c
                 WHERE m.type = 'table' AND c.type = 'TEXT' AND m.name NOT LIKE '\\_%' ESCAPE '\\'"
            }
        };
        self.texts(sql).await
    }

    /// The texts of a statement's first column.
    pub(crate) async fn texts(&self, sql: &str) -> Vec<String> {
        match self.kind {
            Kind::Postgres { .. } => {
                let mut connection = known(PgConnection::connect(&self.url).await);
                known(sqlx::query_scalar(AssertSqlSafe(sql)).fetch_all(&mut connection).await)
            }
            Kind::Sqlite { .. } => {
                let mut connection = known(SqliteConnection::connect(&self.url).await);
                known(sqlx::query_scalar(AssertSqlSafe(sql)).fetch_all(&mut connection).await)
            }
        }
    }
}

async fn run_on_postgres(url: &str, sql: &str) -> u64 {
    let mut connection = known(PgConnection::connect(url).await);
    known(connection.execute(AssertSqlSafe(sql)).await).rows_affected()
}

fn known<T, E: Debug>(result: Result<T, E>) -> T {
    result.expect("the database answers")
}

impl Drop for TestDatabase {
    fn drop(&mut self) {
        let Kind::Postgres { server, name } = &self.kind else { return };
        let (server, name, failed) = (server.clone(), name.clone(), std::thread::panicking());
        // A thread of its own, because a test that panics takes its runtime along.
        let thread = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime starts");
            runtime.block_on(spares::give_back(&server, name, failed));
        });
        let _ = thread.join();
    }
}
