//! A database of the first version opens with the present one, and that version's schema is never edited.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use erpmax_store::{outbox, sockets};
use sqlx::migrate::{Migration, MigrationType, Migrator};
use sqlx::{AssertSqlSafe, Connection as _, PgConnection, SqlSafeStr as _, SqliteConnection};

use crate::lived_in;
use crate::reading::read_everything;
use crate::sample::{emission, session_id};
use crate::support::{Checked, TestDatabase, on_postgres};

const FIRST: &str = include_str!("../../migrations/0001_first.sql");
/// An installation as the first version wrote it: data alone, good for both databases.
const LIVED_IN: &str = include_str!("../fixtures/first.sql");
/// What both databases keep as the first migration's checksum, since its release.
const CHECKSUMS: &str = include_str!("../fixtures/first.checksums");

const SQLITE: (&str, &str) = ("sqlite", "INTEGER PRIMARY KEY AUTOINCREMENT");
const POSTGRES: (&str, &str) = ("postgres", "BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY");

/// The first migration in the words of one database.
fn first(serial: &str) -> Migration {
    let sql = AssertSqlSafe(FIRST.replace("{serial}", serial)).into_sql_str();
    Migration::new(1, "first".into(), MigrationType::Simple, sql, false)
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// A database as the first version left it.
async fn of_first_version() -> Checked<TestDatabase> {
    let database = TestDatabase::create().await?;
    let only_first = |serial| Migrator::with_migrations(vec![first(serial)]);
    if on_postgres() {
        only_first(POSTGRES.1).run(&mut PgConnection::connect(&database.url).await?).await?;
    } else {
        let mut link = SqliteConnection::connect(&format!("{}?mode=rwc", database.url)).await?;
        only_first(SQLITE.1).run(&mut link).await?;
    }
    database.execute(LIVED_IN).await?;
    Ok(database)
}

#[tokio::test]
async fn a_database_of_the_first_version_opens_and_every_list_reads_it() -> Checked {
    let database = of_first_version().await?;
    read_everything(&database.open().await?).await
}

#[tokio::test]
async fn a_database_of_the_first_version_goes_on_to_be_used() -> Checked {
    let database = of_first_version().await?;
    let store = database.open().await?;
    let last = outbox::last_number(&mut store.read().await?).await?;
    let mut tx = store.begin().await?;
    tx.emit(emission(1));
    tx.commit().await?;
    let events = outbox::list_after(&mut store.read().await?, last, 10).await?;
    assert_eq!(events.iter().map(|(number, _)| *number).collect::<Vec<_>>(), [last + 1]);
    let mut tx = store.begin().await?;
    for heard in [last, last + 1, last] {
        sockets::note_heard(&mut tx, &[session_id()], heard).await?;
    }
    let (sessions, _) = sockets::list_sessions(&mut tx, &[session_id()]).await?;
    assert_eq!(sessions[0].heard_event, Some(last + 1), "what was heard stays heard");
    Ok(())
}

#[tokio::test]
async fn the_first_migration_is_what_it_was_at_its_release() -> Checked {
    let database = TestDatabase::create().await?;
    database.open().await?.close().await;
    let sql = "SELECT checksum FROM _sqlx_migrations WHERE version = 1";
    let (name, checksum): (_, Vec<u8>) = if on_postgres() {
        let mut link = PgConnection::connect(&database.url).await?;
        (POSTGRES.0, sqlx::query_scalar(sql).fetch_one(&mut link).await?)
    } else {
        let mut link = SqliteConnection::connect(&database.url).await?;
        (SQLITE.0, sqlx::query_scalar(sql).fetch_one(&mut link).await?)
    };
    let released = CHECKSUMS.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
    assert_eq!(released, Some(hex(&checksum).as_str()), "a released migration is never edited; write a new one");
    Ok(())
}

#[test]
fn the_first_version_left_a_row_in_each_of_its_tables() {
    for table in FIRST.split("CREATE TABLE ").skip(1).filter_map(|rest| rest.split(' ').next()) {
        assert!(LIVED_IN.contains(&format!("INSERT INTO {table} (")), "the fixture has no row of {table}");
    }
}

#[tokio::test]
#[ignore = "rewrites the fixture and the checksums, until the first version is released"]
async fn refresh_the_fixture() -> Checked {
    let database = TestDatabase::create_sqlite()?;
    let store = database.open().await?;
    lived_in::fill(&store).await?;
    store.close().await;
    let mut link = SqliteConnection::connect(&database.url).await?;
    let migrations: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM _sqlx_migrations").fetch_one(&mut link).await?;
    assert_eq!(migrations, 1, "only the first version could write its own fixture");
    std::fs::write(fixture("first.sql"), dump(&mut link).await?)?;
    let checksums = [SQLITE, POSTGRES].map(|(name, serial)| format!("{name} {}\n", hex(&first(serial).checksum)));
    Ok(std::fs::write(fixture("first.checksums"), checksums.concat())?)
}

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures").join(name)
}

/// All rows as statements that both databases understand. Tables are in the order of their making, and so of their
/// references; a key that is counted up is left to the database.
async fn dump(link: &mut SqliteConnection) -> Checked<String> {
    let tables: Vec<String> = sqlx::query_scalar(
        "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE '%sql%' ORDER BY rowid",
    )
    .fetch_all(&mut *link)
    .await?;
    let mut text = String::new();
    for table in tables {
        let columns: Vec<(String, String)> =
            sqlx::query_as("SELECT name, type FROM pragma_table_info($1) WHERE type <> 'INTEGER' ORDER BY cid")
                .bind(&table)
                .fetch_all(&mut *link)
                .await?;
        let names: Vec<&str> = columns.iter().map(|(name, _)| name.as_str()).collect();
        let values: Vec<String> = columns.iter().map(literal).collect();
        let head = format!("INSERT INTO {table} ({}) VALUES (", names.join(", "));
        let sql = format!("SELECT {} FROM {table} ORDER BY rowid", values.join(" || ', ' || "));
        let rows: Vec<String> = sqlx::query_scalar(AssertSqlSafe(sql)).fetch_all(&mut *link).await?;
        for row in rows {
            writeln!(text, "{head}{row});")?;
        }
    }
    Ok(text)
}

/// The expression that writes a column's value as SQL.
fn literal((name, kind): &(String, String)) -> String {
    match kind.as_str() {
        "BOOLEAN" => format!("CASE {name} WHEN TRUE THEN 'TRUE' WHEN FALSE THEN 'FALSE' ELSE 'NULL' END"),
        _ => format!("QUOTE({name})"),
    }
}
