//! Families of refresh tokens.

use erpmax_store::{Store, refresh_tokens, sessions};

use crate::lived_in;
use crate::sample::{self, session_id};
use crate::support::{Checked, TestDatabase, at, fresh};

/// Three tokens of one session, made one after another.
async fn family() -> Checked<(TestDatabase, Store)> {
    let (database, store) = fresh().await?;
    lived_in::fill(&store).await?;
    let mut tx = store.begin().await?;
    for (number, age) in [(0, 0), (1, 10), (2, 20)] {
        let (own, next) = (format!("family-{number}"), format!("family-{}", number + 1));
        refresh_tokens::insert(&mut tx, &own, &next, session_id(), at(10_000 + age), at(99_000)).await?;
    }
    tx.commit().await?;
    Ok((database, store))
}

#[tokio::test]
async fn spending_a_token_marks_older_ones_and_leaves_younger_ones() -> Checked {
    let (_database, store) = family().await?;
    let mut tx = store.begin().await?;
    refresh_tokens::spend(&mut tx, session_id(), "family-1", at(20_000)).await?;
    let mut spent = Vec::new();
    for token in ["token-1", "token-2", "family-0", "family-1", "family-2"] {
        spent.push(refresh_tokens::find(&mut tx, token).await?.expect("it is there").spent_at);
    }
    let now = Some(at(20_000));
    assert_eq!(spent, [Some(at(902)), now, now, now, None], "the first spending's time stays");
    Ok(())
}

#[tokio::test]
async fn a_token_knows_when_its_successor_was_spent() -> Checked {
    let (_database, store) = family().await?;
    let mut tx = store.begin().await?;
    let before = refresh_tokens::find(&mut tx, "family-0").await?.expect("it is there");
    assert_eq!((before.spent_at, before.successor_spent_at), (None, None));
    refresh_tokens::spend(&mut tx, session_id(), "family-1", at(20_000)).await?;
    let after = refresh_tokens::find(&mut tx, "family-0").await?.expect("it is there");
    assert_eq!(after.successor_spent_at, Some(at(20_000)));
    Ok(())
}

#[tokio::test]
async fn a_token_that_stays_is_good_for_longer() -> Checked {
    let (_database, store) = family().await?;
    let mut tx = store.begin().await?;
    refresh_tokens::prolong(&mut tx, "family-1", at(123_456)).await?;
    let found =
        async |tx: &mut _, token| refresh_tokens::find(tx, token).await.map(|row| row.map(|row| row.expires_at));
    assert_eq!(found(&mut tx, "family-1").await?, Some(at(123_456)));
    assert_eq!(found(&mut tx, "family-0").await?, Some(at(99_000)), "the others stay as they are");
    Ok(())
}

#[tokio::test]
async fn a_token_shows_its_session_as_it_is_now() -> Checked {
    let (_database, store) = family().await?;
    let mut tx = store.begin().await?;
    let row = refresh_tokens::find(&mut tx, "family-0").await?.expect("it is there");
    assert_eq!((row.user_id, row.tenant_id, row.ended_at), (sample::owner(), sample::acme(), None));
    sessions::end(&mut tx, session_id(), "revoked", at(30_000)).await?;
    let row = refresh_tokens::find(&mut tx, "family-0").await?.expect("it is there");
    assert_eq!(row.ended_at, Some(at(30_000)));
    assert!(refresh_tokens::find(&mut tx, "unknown").await?.is_none());
    Ok(())
}

#[tokio::test]
async fn a_token_added_twice_stays_as_it_was() -> Checked {
    let (_database, store) = family().await?;
    let mut tx = store.begin().await?;
    refresh_tokens::spend(&mut tx, session_id(), "family-0", at(20_000)).await?;
    refresh_tokens::insert(&mut tx, "family-0", "other", session_id(), at(50_000), at(99_999)).await?;
    let row = refresh_tokens::find(&mut tx, "family-0").await?.expect("it is there");
    assert_eq!((row.spent_at, row.expires_at), (Some(at(20_000)), at(99_000)));
    Ok(())
}

#[tokio::test]
async fn parallel_refreshes_of_one_session_come_one_after_another() -> Checked {
    let (_database, store) = family().await?;
    let mut refreshes = tokio::task::JoinSet::new();
    for _ in 0..12 {
        let store = store.clone();
        refreshes.spawn(async move {
            let mut tx = store.begin().await?;
            refresh_tokens::lock_session(&mut tx, "family-2", at(40_000)).await?;
            let row = refresh_tokens::find(&mut tx, "family-2").await?;
            let is_first = row.is_some_and(|row| row.spent_at.is_none());
            refresh_tokens::spend(&mut tx, session_id(), "family-2", at(40_000)).await?;
            tx.commit().await.map(|()| is_first)
        });
    }
    let mut first = 0;
    while let Some(refresh) = refreshes.join_next().await {
        first += usize::from(refresh??);
    }
    assert_eq!(first, 1);
    Ok(())
}
