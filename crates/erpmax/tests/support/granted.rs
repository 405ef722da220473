//! A `PostgreSQL` database that `serve` signs in to as a role that does not own it.

use std::path::{Path, PathBuf};
use std::process::Output;
use std::sync::atomic::{AtomicU32, Ordering};

use sqlx::{AssertSqlSafe, Connection as _, PgConnection};
use tempfile::TempDir;

use super::database::{Database, count, psql, server};
use super::process::command;

const PASSWORD: &str = "role-of-serve";

static NUMBER: AtomicU32 = AtomicU32::new(0);

/// The database, its narrow role and a data folder.
pub struct Granted {
    _folder: TempDir,
    data: PathBuf,
    database: Option<Database>,
    server: String,
    role: String,
}

impl Granted {
    /// Makes all of it, as the owner of the schema does before the first start; nothing without a server for tests.
    pub fn prepare() -> Option<Self> {
        let server = server()?;
        let role = format!("erpmax_serve_{}_{}", std::process::id(), NUMBER.fetch_add(1, Ordering::Relaxed));
        psql(&server, &format!("CREATE ROLE {role} LOGIN PASSWORD '{PASSWORD}'"));
        let folder = tempfile::tempdir().expect("a folder can be made");
        let data = folder.path().join("data");
        let granted = Self { _folder: folder, data, database: Some(Database::create_postgres(&server)), server, role };
        let told = granted.run(&["database", "grant", &granted.role], granted.owner_url());
        assert!(told.contains("neither change nor delete"), "{told}");
        granted.run(&["database", "grant", &granted.role], granted.owner_url());
        Some(granted)
    }

    fn owner_url(&self) -> &str {
        self.database.as_ref().and_then(Database::url).expect("it is on a server")
    }

    /// The database's address for the narrow role.
    pub fn url(&self) -> String {
        let (_, place) = self.owner_url().rsplit_once('@').expect("the address names a user");
        format!("postgres://{}:{PASSWORD}@{place}", self.role)
    }

    /// The data folder.
    pub fn folder(&self) -> &Path {
        &self.data
    }

    /// The narrow role's name.
    pub fn role(&self) -> &str {
        &self.role
    }

    /// As if an update of the program brought another migration.
    pub fn forget_newest_migration(&self) {
        let newest = "(SELECT MAX(version) FROM _sqlx_migrations)";
        psql(self.owner_url(), &format!("DELETE FROM _sqlx_migrations WHERE version = {newest}"));
    }

    /// Runs a command on the database at `url`; the one sentence with which it was refused.
    pub fn refused(&self, arguments: &[&str], url: &str) -> String {
        let output = self.output(arguments, url);
        let told = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(2), "{told}");
        told
    }

    fn output(&self, arguments: &[&str], url: &str) -> Output {
        let environment = [("ERPMAX_DATABASE__URL".to_owned(), url.to_owned())];
        let output = command(&environment).args(arguments).arg("--data").arg(&self.data).output();
        output.expect("the binary starts")
    }

    /// Runs a command on the database at `url`; what it said.
    pub fn run(&self, arguments: &[&str], url: &str) -> String {
        let output = self.output(arguments, url);
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8_lossy(&output.stdout).into_owned()
    }

    /// What the database says to a statement of the narrow role.
    pub async fn refusal(&self, statement: &str) -> String {
        let mut link = PgConnection::connect(&self.url()).await.expect("the role signs in");
        let done = sqlx::raw_sql(AssertSqlSafe(statement.to_owned())).execute(&mut link).await;
        done.map_or_else(|error| error.to_string(), |_| "it was carried out".to_owned())
    }

    /// The number that a statement of the narrow role selects.
    pub async fn number(&self, statement: &str) -> i64 {
        count(Some(&self.url()), &self.data, statement).await
    }
}

impl Drop for Granted {
    fn drop(&mut self) {
        // The role's rights go with the database.
        drop(self.database.take());
        psql(&self.server, &format!("DROP ROLE IF EXISTS {}", self.role));
    }
}
