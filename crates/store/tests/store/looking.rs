//! What a database tells of itself, and copies of it taken while it is in use.

use erpmax_store::backup::{self, BackupError, PostgresSnapshot};
use erpmax_store::schema::{self, Schema};
use erpmax_store::{OpenError, Store, audit, health, installation};

use crate::lived_in;
use crate::support::{Checked, TestDatabase, at, fresh, on_postgres};

#[tokio::test]
async fn a_schema_is_looked_at_without_being_changed() -> Checked {
    let database = TestDatabase::create().await?;
    assert_eq!(schema::look(&database.url).await?, Schema::Empty);
    assert!(matches!(Store::open_current(&database.url, 1).await, Err(OpenError::Empty)));
    assert_eq!(schema::look(&database.url).await?, Schema::Empty);
    database.open().await?.close().await;
    let newest = schema::newest();
    assert_eq!(schema::look(&database.url).await?, Schema::Current(newest));
    Store::open_current(&database.url, 1).await?.close().await;
    database.execute("UPDATE _sqlx_migrations SET version = 9999 WHERE version = 1").await?;
    assert_eq!(schema::look(&database.url).await?, Schema::Newer(9_999));
    database.execute("DELETE FROM _sqlx_migrations").await?;
    assert_eq!(schema::look(&database.url).await?, Schema::Behind(0));
    assert!(matches!(Store::open_current(&database.url, 1).await, Err(OpenError::Behind(0))));
    database.execute("DROP TABLE _sqlx_migrations").await?;
    assert_eq!(schema::look(&database.url).await?, Schema::Foreign);
    Ok(())
}

#[tokio::test]
async fn a_database_tells_version_and_time_and_may_be_written() -> Checked {
    let (_database, store) = fresh().await?;
    assert!(health::version(&mut store.read().await?).await?.contains('.'));
    assert_eq!(health::time(&mut store.read().await?).await?.is_some(), on_postgres());
    health::try_to_write(&store).await?;
    assert_eq!(installation::find(&mut store.read().await?, "written_to_try").await?, None);
    Ok(())
}

#[tokio::test]
async fn of_two_who_replace_a_fact_one_is_first() -> Checked {
    let (_database, store) = fresh().await?;
    let mut tx = store.begin().await?;
    installation::insert(&mut tx, "fact", "old").await?;
    assert!(installation::replace(&mut tx, "fact", "old", "new").await?);
    assert!(!installation::replace(&mut tx, "fact", "old", "newer").await?);
    assert_eq!(installation::find(&mut tx, "fact").await?.as_deref(), Some("new"));
    Ok(())
}

#[tokio::test]
async fn a_copy_holds_what_was_committed_when_it_began() -> Checked {
    let (database, store) = fresh().await?;
    lived_in::fill(&store).await?;
    let mut tx = store.begin().await?;
    installation::insert(&mut tx, "not_yet", "committed").await?;
    let contents = if on_postgres() {
        let snapshot = PostgresSnapshot::take(&database.url).await?;
        let contents = snapshot.contents.clone();
        snapshot.release().await?;
        contents
    } else {
        let folder = tempfile::tempdir()?;
        let copy = folder.path().join("copy.sqlite");
        backup::copy_sqlite(&database.url, &copy).await?;
        backup::contents_of_sqlite(&copy).await?
    };
    tx.commit().await?;
    assert_eq!(contents.schema, schema::newest());
    let rows = |name: &str| contents.tables.iter().find(|(table, _)| table == name).map(|(_, rows)| *rows);
    let facts = installation::find(&mut store.read().await?, "not_yet").await?;
    assert!(facts.is_some() && rows("users") > Some(0), "{contents:?}");
    assert_eq!(rows("installation"), Some(1), "{contents:?}");
    Ok(())
}

#[tokio::test]
async fn room_is_made_only_where_nobody_is_and_can_be_taken_back() -> Checked {
    if !on_postgres() {
        return Ok(());
    }
    let database = TestDatabase::create().await?;
    assert!(!backup::make_room_in_postgres(&database.url, None).await?);
    let store = database.open().await?;
    lived_in::fill(&store).await?;
    let before = backup::contents_of_postgres(&database.url).await?;
    let refusal = backup::make_room_in_postgres(&database.url, None).await;
    assert!(matches!(refusal, Err(BackupError::NotEmpty)));
    let refusal = backup::make_room_in_postgres(&database.url, Some("aside")).await;
    assert!(matches!(refusal, Err(BackupError::InUse)));
    store.close().await;
    assert!(backup::make_room_in_postgres(&database.url, Some("aside")).await?);
    assert_eq!(schema::look(&database.url).await?, Schema::Empty);
    database.open().await?.close().await;
    backup::move_back_in_postgres(&database.url, Some("aside")).await?;
    assert_eq!(backup::contents_of_postgres(&database.url).await?, before);
    let store = database.open().await?;
    let mut tx = store.begin().await?;
    assert_eq!(audit::delete_expired(&mut tx, at(-90_000_000), 10).await?, 0, "functions came back too");
    Ok(())
}
