//! A fresh database for each test, and what tests of all tables need.

use std::error::Error;

use erpmax_store::Store;
use erpmax_types::Timestamp;
use sqlx::{AssertSqlSafe, Connection as _, Executor as _, PgConnection, SqliteConnection};
use tempfile::TempDir;
use uuid::Uuid;

/// How a test ends: whatever fails is told.
pub(crate) type Checked<T = ()> = Result<T, Box<dyn Error + Send + Sync>>;

const CONNECTIONS: u32 = 24;

/// The database of one test; gone with it.
pub(crate) struct TestDatabase {
    pub(crate) url: String,
    place: Place,
}

enum Place {
    File { _folder: TempDir },
    Server { address: String, name: String },
}

impl TestDatabase {
    /// An empty database of the kind that is tested, without a schema.
    pub(crate) async fn create() -> Checked<Self> {
        if on_postgres() {
            Self::create_postgres(&server().ok_or("ERPMAX_TEST_POSTGRES_URL is not set")?).await
        } else {
            Self::create_sqlite()
        }
    }

    pub(crate) fn create_sqlite() -> Checked<Self> {
        let folder = tempfile::tempdir()?;
        let url = format!("sqlite:{}", folder.path().join("erpmax.sqlite").display());
        Ok(Self { url, place: Place::File { _folder: folder } })
    }

    pub(crate) async fn create_postgres(server: &str) -> Checked<Self> {
        let name = format!("store_{}", Uuid::now_v7().simple());
        PgConnection::connect(server).await?.execute(AssertSqlSafe(format!("CREATE DATABASE {name}"))).await?;
        let (base, _) = server.rsplit_once('/').ok_or("the server's address has no database")?;
        Ok(Self { url: format!("{base}/{name}"), place: Place::Server { address: server.to_owned(), name } })
    }

    /// The database with the present schema.
    pub(crate) async fn open(&self) -> Checked<Store> {
        Ok(Store::open(&self.url, CONNECTIONS).await?)
    }

    /// Carries statements out behind the store's back.
    pub(crate) async fn execute(&self, sql: &str) -> Checked {
        let sql = sqlx::raw_sql(AssertSqlSafe(sql.to_owned()));
        match self.place {
            Place::File { .. } => {
                let mut link = SqliteConnection::connect(&format!("{}?mode=rwc", self.url)).await?;
                sql.execute(&mut link).await?;
            }
            Place::Server { .. } => {
                let mut link = PgConnection::connect(&self.url).await?;
                sql.execute(&mut link).await?;
            }
        }
        Ok(())
    }
}

impl Drop for TestDatabase {
    fn drop(&mut self) {
        let Place::Server { address, name } = &self.place else { return };
        let (address, name) = (address.clone(), name.clone());
        // A test's runtime cannot wait here, another thread's can.
        let dropping = std::thread::spawn(move || drop_database(&address, &name));
        let _ = dropping.join();
    }
}

fn drop_database(address: &str, name: &str) {
    let Ok(runtime) = tokio::runtime::Builder::new_current_thread().enable_all().build() else { return };
    runtime.block_on(async {
        if let Ok(mut server) = PgConnection::connect(address).await {
            let _ = server.execute(AssertSqlSafe(format!("DROP DATABASE {name} WITH (FORCE)"))).await;
        }
    });
}

/// Whether this run is about `PostgreSQL`.
pub(crate) fn on_postgres() -> bool {
    std::env::var("ERPMAX_TEST_DATABASE").is_ok_and(|database| database == "postgres")
}

/// A server where databases can be made.
pub(crate) fn server() -> Option<String> {
    std::env::var("ERPMAX_TEST_POSTGRES_URL").ok().filter(|url| !url.is_empty())
}

/// Says why a test proves nothing here.
#[expect(clippy::print_stderr, reason = "whoever runs the tests reads it")]
pub(crate) fn skipped(why: &str) {
    eprintln!("skipped: {why}");
}

/// A fresh database and the store on it.
pub(crate) async fn fresh() -> Checked<(TestDatabase, Store)> {
    let database = TestDatabase::create().await?;
    let store = database.open().await?;
    Ok((database, store))
}

/// A moment, so many seconds after the first one.
pub(crate) const fn at(seconds: i64) -> Timestamp {
    Timestamp::from_micros((1_790_000_000 + seconds) * 1_000_000)
}

/// The id with this number; ids are in the order of numbers.
pub(crate) fn id<T: From<Uuid>>(number: u128) -> T {
    Uuid::from_u128(0x0198_0000_0000_7000_8000_0000_0000_0000 + number).into()
}
