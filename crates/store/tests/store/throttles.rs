//! Counters of attempts and their windows.

use erpmax_store::throttles;

use crate::support::{Checked, at, fresh};

const NAME: &str = "login:192.0.2.7";

#[tokio::test]
async fn attempts_are_counted_until_the_window_ends_and_then_anew() -> Checked {
    let (_database, store) = fresh().await?;
    let mut tx = store.begin().await?;
    for (now, expected) in [(0, 1), (10, 2), (59, 3), (60, 1), (61, 2)] {
        let row = throttles::count(&mut tx, NAME, at(now + 60), at(now)).await?;
        assert_eq!(row.count, expected, "at {now}");
    }
    let row = throttles::find(&mut tx, NAME).await?.expect("it was counted");
    assert_eq!((row.count, row.window_ends_at, row.strikes), (2, at(120), 0));
    Ok(())
}

#[tokio::test]
async fn a_block_is_a_strike_and_begins_a_new_count() -> Checked {
    let (_database, store) = fresh().await?;
    let mut tx = store.begin().await?;
    throttles::count(&mut tx, NAME, at(60), at(0)).await?;
    throttles::block(&mut tx, NAME, at(900)).await?;
    throttles::block(&mut tx, NAME, at(1_800)).await?;
    let row = throttles::find(&mut tx, NAME).await?.expect("it was counted");
    assert_eq!((row.count, row.strikes, row.blocked_until), (0, 2, at(1_800)));
    Ok(())
}

#[tokio::test]
async fn a_counter_is_forgotten_when_asked_to_or_when_window_and_block_are_over() -> Checked {
    let (_database, store) = fresh().await?;
    let mut tx = store.begin().await?;
    for name in ["a", "b", "c"] {
        throttles::count(&mut tx, name, at(60), at(0)).await?;
    }
    throttles::block(&mut tx, "b", at(500)).await?;
    throttles::delete(&mut tx, "c").await?;
    assert!(throttles::find(&mut tx, "c").await?.is_none());
    assert_eq!(throttles::delete_expired(&mut tx, at(61), 10).await?, 1);
    assert!(throttles::find(&mut tx, "a").await?.is_none());
    assert!(throttles::find(&mut tx, "b").await?.is_some());
    Ok(())
}

#[tokio::test]
async fn parallel_attempts_are_all_counted() -> Checked {
    let (_database, store) = fresh().await?;
    let mut attempts = tokio::task::JoinSet::new();
    for _ in 0..20 {
        let store = store.clone();
        attempts.spawn(async move {
            let mut tx = store.begin().await?;
            throttles::count(&mut tx, NAME, at(60), at(0)).await?;
            tx.commit().await
        });
    }
    while let Some(attempt) = attempts.join_next().await {
        attempt??;
    }
    let row = throttles::find(&mut store.read().await?, NAME).await?.expect("it was counted");
    assert_eq!(row.count, 20);
    Ok(())
}
