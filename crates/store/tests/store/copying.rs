//! A copy has everything, or nothing was changed.

use erpmax_store::copy::{self, CopyError};
use erpmax_store::{Store, outbox, tenants};
use sqlx::{Connection as _, PgConnection};

use crate::lived_in;
use crate::reading::read_everything;
use crate::sample::{self, emission};
use crate::support::{Checked, TestDatabase, at, server, skipped};

/// A lived-in file and an empty database, where there is a server for one.
async fn pair() -> Checked<Option<(TestDatabase, TestDatabase)>> {
    let Some(server) = server() else {
        skipped("a copy needs a PostgreSQL: ERPMAX_TEST_POSTGRES_URL is not set");
        return Ok(None);
    };
    let source = TestDatabase::create_sqlite()?;
    let store = source.open().await?;
    lived_in::fill(&store).await?;
    store.close().await;
    Ok(Some((source, TestDatabase::create_postgres(&server).await?)))
}

async fn reason(from: &str, to: &str) -> Checked<CopyError> {
    Ok(copy::copy(from, to).await.err().ok_or("the copy was not refused")?)
}

async fn tables(database: &TestDatabase) -> Checked<i64> {
    let mut link = PgConnection::connect(&database.url).await?;
    let count = sqlx::query_scalar("SELECT COUNT(*) FROM pg_tables WHERE schemaname = 'public'").fetch_one(&mut link);
    Ok(count.await?)
}

#[tokio::test]
async fn every_row_of_every_table_arrives() -> Checked {
    let Some((source, target)) = pair().await? else { return Ok(()) };
    let copied = copy::copy(&source.url, &target.url).await?;
    for table in &copied {
        assert!(table.rows > 0, "the lived-in installation has no row in {}", table.name);
        assert_eq!(table.checksum.len(), 64);
    }
    assert_eq!(i64::try_from(copied.len())? + 1, tables(&target).await?, "and the list of migrations");
    read_everything(&target.open().await?).await
}

#[tokio::test]
async fn what_is_longer_than_a_batch_arrives() -> Checked {
    let Some((source, target)) = pair().await? else { return Ok(()) };
    source
        .execute(
            "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 4321)
             INSERT INTO throttles SELECT 'Ж' || i || 'a_-~', i, 0, i, 9223372036854775807 - i FROM n;
             WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 12)
             INSERT INTO installation SELECT 'big' || i, hex(zeroblob(400000)) FROM n;",
        )
        .await?;
    let copied = copy::copy(&source.url, &target.url).await?;
    let rows = |name: &str| copied.iter().find(|table| table.name == name).map(|table| table.rows);
    assert_eq!((rows("throttles"), rows("installation")), (Some(4_322), Some(13)));
    Ok(())
}

#[tokio::test]
async fn numbers_go_on_behind_those_that_were_forgotten() -> Checked {
    let Some((source, target)) = pair().await? else { return Ok(()) };
    let store = source.open().await?;
    let mut tx = store.begin().await?;
    let last = outbox::last_number(&mut tx).await?;
    outbox::delete_expired(&mut tx, at(99_999_999), 1_000).await?;
    tx.commit().await?;
    store.close().await;
    copy::copy(&source.url, &target.url).await?;
    let store = target.open().await?;
    let mut tx = store.begin().await?;
    tx.emit(emission(1));
    tx.commit().await?;
    let events = outbox::list_after(&mut store.read().await?, 0, 10).await?;
    assert_eq!(events.first().map(|(number, _)| *number), Some(last + 1));
    Ok(())
}

#[tokio::test]
async fn a_fresh_schema_is_empty_and_rows_are_not() -> Checked {
    let Some((source, target)) = pair().await? else { return Ok(()) };
    target.open().await?.close().await;
    copy::copy(&source.url, &target.url).await?;
    let error = reason(&source.url, &target.url).await?;
    assert!(matches!(&error, CopyError::NotEmpty(what) if what.starts_with("rows in")), "{error}");
    assert!(error.is_wrong_use());
    Ok(())
}

#[tokio::test]
async fn a_database_of_something_else_is_left_alone() -> Checked {
    let Some((source, target)) = pair().await? else { return Ok(()) };
    target.execute("CREATE TABLE ledger (id INT)").await?;
    assert!(matches!(reason(&source.url, &target.url).await?, CopyError::NotEmpty(_)));
    assert_eq!(tables(&target).await?, 1);
    Ok(())
}

#[tokio::test]
async fn a_target_of_a_newer_version_is_refused() -> Checked {
    let Some((source, target)) = pair().await? else { return Ok(()) };
    target.open().await?.close().await;
    target.execute("INSERT INTO _sqlx_migrations VALUES (999, 'later', NOW(), TRUE, '', 0)").await?;
    let error = reason(&source.url, &target.url).await?;
    assert!(error.to_string().contains("newer version"), "{error}");
    Ok(())
}

#[tokio::test]
async fn a_copy_that_fails_leaves_an_empty_database() -> Checked {
    let Some((source, target)) = pair().await? else { return Ok(()) };
    source.execute("UPDATE tenants SET name = 'a' || char(0) || 'b' WHERE slug = 'acme'").await?;
    let error = reason(&source.url, &target.url).await?;
    assert!(!error.is_wrong_use(), "{error}");
    assert_eq!(tables(&target).await?, 0);
    Ok(())
}

#[tokio::test]
async fn the_source_stays_as_it_was() -> Checked {
    let Some((source, target)) = pair().await? else { return Ok(()) };
    copy::copy(&source.url, &target.url).await?;
    let store: Store = source.open().await?;
    let mut tx = store.begin().await?;
    assert!(tenants::find(&mut tx, sample::acme()).await?.is_some());
    drop(tx);
    read_everything(&store).await
}

#[tokio::test]
async fn what_cannot_be_copied_is_told_before_anything_is_touched() -> Checked {
    let folder = tempfile::tempdir()?;
    let missing = format!("sqlite:{}", folder.path().join("missing.sqlite").display());
    let nowhere = "postgres://127.0.0.1:1/erpmax";
    assert!(matches!(reason(&missing, nowhere).await?, CopyError::NoSource(_)));
    assert!(matches!(reason(nowhere, nowhere).await?, CopyError::NotSqlite));
    let source = TestDatabase::create_sqlite()?;
    source.open().await?.close().await;
    assert!(matches!(reason(&source.url, "sqlite:other.sqlite").await?, CopyError::NotPostgres));
    assert!(matches!(reason(&source.url, nowhere).await?, CopyError::Target(_)));
    assert!(!folder.path().join("missing.sqlite").exists());
    Ok(())
}
