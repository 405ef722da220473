//! What is not committed never was.

use erpmax_store::{outbox, tenants, users};

use crate::sample;
use crate::support::{Checked, fresh};

#[tokio::test]
async fn a_transaction_that_is_dropped_leaves_nothing() -> Checked {
    let (_database, store) = fresh().await?;
    {
        let mut tx = store.begin().await?;
        users::insert(&mut tx, &sample::user(sample::OWNER, "owner@acme.example"), "owner@acme.example").await?;
        tx.emit(sample::emission(1));
    }
    let mut tx = store.begin().await?;
    assert!(users::find(&mut tx, sample::owner()).await?.is_none());
    assert_eq!(outbox::last_number(&mut tx).await?, 0);
    Ok(())
}

#[tokio::test]
async fn a_transaction_that_failed_leaves_nothing_and_its_connection_works() -> Checked {
    let (_database, store) = fresh().await?;
    let mut tx = store.begin().await?;
    tenants::insert(&mut tx, &sample::tenant(1, "acme")).await?;
    assert!(tenants::insert(&mut tx, &sample::tenant(2, "acme")).await.is_err());
    drop(tx);
    let mut tx = store.begin().await?;
    assert!(!tenants::slug_is_taken(&mut tx, "acme").await?);
    tenants::insert(&mut tx, &sample::tenant(3, "acme")).await?;
    tx.commit().await?;
    assert!(tenants::slug_is_taken(&mut store.read().await?, "acme").await?);
    Ok(())
}

#[tokio::test]
async fn readers_do_not_see_what_is_not_committed() -> Checked {
    let (_database, store) = fresh().await?;
    let mut tx = store.begin().await?;
    tenants::insert(&mut tx, &sample::tenant(1, "acme")).await?;
    assert!(!tenants::slug_is_taken(&mut store.read().await?, "acme").await?);
    tx.commit().await?;
    assert!(tenants::slug_is_taken(&mut store.read().await?, "acme").await?);
    Ok(())
}

#[tokio::test]
async fn a_closed_store_is_not_reachable() -> Checked {
    let (_database, store) = fresh().await?;
    assert!(store.is_reachable().await);
    store.close().await;
    assert!(!store.is_reachable().await);
    Ok(())
}
