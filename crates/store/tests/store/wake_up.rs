//! Nobody has to wait for the next look: a commit of this node rings at once, and on `PostgreSQL` that of another one too.

use std::time::{Duration, Instant};

use erpmax_store::{Store, work};

use crate::sample::emission;
use crate::support::{Checked, TestDatabase, at, fresh, id, on_postgres, skipped};

/// Well under the second after which everybody looks anyway.
const AT_ONCE: Duration = Duration::from_millis(700);
const PATIENCE: Duration = Duration::from_secs(30);

async fn emit(store: &Store, number: u128) -> Checked {
    let mut tx = store.begin().await?;
    tx.emit(emission(number));
    Ok(tx.commit().await?)
}

async fn queue(store: &Store, number: u128) -> Checked {
    let mut tx = store.begin().await?;
    work::insert(&mut tx, id(number), "jobs", &number.to_string(), "acme", at(0)).await?;
    Ok(tx.commit().await?)
}

/// How long it takes until the outbox rings.
async fn outbox_rings(store: &Store) -> Duration {
    let begun = Instant::now();
    store.outbox_rung().await;
    begun.elapsed()
}

/// How long it takes until work rings.
async fn work_rings(store: &Store) -> Duration {
    let begun = Instant::now();
    store.work_rung(PATIENCE).await;
    begun.elapsed()
}

#[tokio::test]
async fn a_commit_rings_on_its_own_node() -> Checked {
    let (_database, store) = fresh().await?;
    emit(&store, 1).await?;
    assert!(outbox_rings(&store).await < AT_ONCE);
    queue(&store, 2).await?;
    assert!(work_rings(&store).await < AT_ONCE);
    Ok(())
}

#[tokio::test]
async fn without_a_ring_the_outbox_is_looked_at_after_a_second() -> Checked {
    let (_database, store) = fresh().await?;
    if on_postgres() {
        listens(&store).await?;
    }
    let waited = outbox_rings(&store).await;
    assert!(waited >= Duration::from_millis(900) && waited < Duration::from_secs(5), "{waited:?}");
    Ok(())
}

#[tokio::test]
async fn a_store_with_one_connection_listens_and_works() -> Checked {
    let database = TestDatabase::create().await?;
    let store = Store::open(&database.url, 1).await?;
    tokio::time::sleep(Duration::from_millis(300)).await;
    emit(&store, 1).await?;
    assert!(store.is_reachable().await);
    Ok(())
}

/// Waits until the store's own commit was heard of through the server, so that nothing of it is left to ring.
async fn listens(store: &Store) -> Checked {
    emit(store, 1_000_000).await?;
    tokio::time::sleep(Duration::from_millis(500)).await;
    store.outbox_rung().await;
    Ok(())
}

/// Two nodes on one database, both listening.
async fn two_nodes() -> Checked<Option<(TestDatabase, Store, Store)>> {
    if !on_postgres() {
        skipped("only a PostgreSQL is shared by nodes");
        return Ok(None);
    }
    let (database, here) = fresh().await?;
    let there = database.open().await?;
    tokio::time::sleep(Duration::from_millis(500)).await;
    Ok(Some((database, here, there)))
}

#[tokio::test]
async fn a_commit_rings_on_other_nodes() -> Checked {
    let Some((_database, here, there)) = two_nodes().await? else { return Ok(()) };
    emit(&here, 1).await?;
    assert!(outbox_rings(&there).await < AT_ONCE);
    queue(&here, 2).await?;
    assert!(work_rings(&there).await < AT_ONCE);
    Ok(())
}

#[tokio::test]
async fn a_listener_that_was_cut_off_listens_again() -> Checked {
    let Some((database, here, there)) = two_nodes().await? else { return Ok(()) };
    for round in 0..3_u128 {
        database
            .execute(
                "SELECT PG_TERMINATE_BACKEND(pid) FROM pg_stat_activity
                 WHERE datname = CURRENT_DATABASE() AND pid <> PG_BACKEND_PID() AND query LIKE 'LISTEN%'",
            )
            .await?;
        assert!(work_rings(&there).await < PATIENCE, "the cut itself rings: something may have been missed");
        tokio::time::sleep(Duration::from_millis(2_500)).await;
        // What rang for the cut has been heard; one more may be kept.
        let _ = tokio::time::timeout(Duration::from_millis(50), there.work_rung(PATIENCE)).await;
        queue(&here, round).await?;
        assert!(work_rings(&there).await < AT_ONCE, "round {round}");
    }
    Ok(())
}
