//! The list of sealed columns.

use std::collections::BTreeSet;

use erpmax_store::sealed::{self, COLUMNS, sealed_by};
use erpmax_store::signing_keys;
use sqlx::{Connection as _, SqliteConnection};

use crate::lived_in;
use crate::support::{Checked, TestDatabase, at, fresh};

#[tokio::test]
async fn every_column_that_is_named_sealed_is_on_the_list() -> Checked {
    let database = TestDatabase::create_sqlite()?;
    database.open().await?.close().await;
    let mut link = SqliteConnection::connect(&database.url).await?;
    let found: Vec<(String, String)> = sqlx::query_as(
        "SELECT t.name, c.name FROM sqlite_master t, pragma_table_info(t.name) c
         WHERE t.type = 'table' AND c.name LIKE '%\\_sealed' ESCAPE '\\'",
    )
    .fetch_all(&mut link)
    .await?;
    let found: BTreeSet<_> = found.into_iter().collect();
    let listed = COLUMNS.iter().map(|column| (column.table.to_owned(), column.column.to_owned()));
    let listed: BTreeSet<_> = listed.filter(|(_, column)| column.ends_with("_sealed")).collect();
    assert_eq!(found, listed, "a column of secrets is missing in erpmax_store::sealed");
    Ok(())
}

#[tokio::test]
async fn secrets_under_other_keys_are_found_and_replaced_unless_somebody_was_faster() -> Checked {
    let (_database, store) = fresh().await?;
    lived_in::fill(&store).await?;
    let mut tx = store.begin().await?;
    let sites = COLUMNS.iter().find(|column| column.table == "sites").ok_or("sites have keys")?;
    let others = sealed::list_others(&mut tx, sites, "abc", 10).await?;
    assert_eq!(sealed::count_others(&mut tx, sites, "abc").await?, others.len() as u64);
    let (key, old) = others.first().ok_or("there is a site")?;
    assert_eq!(sites.place(key), format!("sites/{key}"));
    let new = format!("{}text", sealed_by("abc"));
    sealed::replace(&mut tx, sites, key, "something else", &new).await?;
    assert_eq!(sealed::count_others(&mut tx, sites, "abc").await?, others.len() as u64);
    sealed::replace(&mut tx, sites, key, old, &new).await?;
    assert_eq!(sealed::count_others(&mut tx, sites, "abc").await?, others.len() as u64 - 1);
    Ok(())
}

#[tokio::test]
async fn an_emptied_secret_is_none() -> Checked {
    let (_database, store) = fresh().await?;
    lived_in::fill(&store).await?;
    let mut tx = store.begin().await?;
    let sites = COLUMNS.iter().find(|column| column.table == "sites").ok_or("sites have keys")?;
    for (key, old) in sealed::list_others(&mut tx, sites, "", 10).await? {
        sealed::replace(&mut tx, sites, &key, &old, "").await?;
    }
    assert_eq!(sealed::count_others(&mut tx, sites, "abc").await?, 0);
    Ok(())
}

#[tokio::test]
async fn keys_that_are_retired_verify_for_a_while() -> Checked {
    let (_database, store) = fresh().await?;
    lived_in::fill(&store).await?;
    let mut tx = store.begin().await?;
    signing_keys::retire_all(&mut tx, at(100)).await?;
    let keys = signing_keys::list(&mut tx, at(99)).await?;
    assert!(!keys.is_empty() && keys.iter().all(|key| key.retired_at.is_some()));
    assert!(signing_keys::list(&mut tx, at(100)).await?.is_empty());
    Ok(())
}
