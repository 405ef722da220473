//! Events are read in the order of commits, and a reader that follows the numbers misses none.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use erpmax_store::outbox::{self, Audience, News, Reader};
use erpmax_store::{Store, throttles};
use erpmax_types::EventId;

use crate::sample::{self, emission};
use crate::support::{Checked, at, fresh, id};

const WRITERS: u128 = 20;
const WRITES: u128 = 15;

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_reader_that_follows_the_numbers_misses_nothing_of_twenty_parallel_writers() -> Checked {
    let (_database, store) = fresh().await?;
    let done = Arc::new(AtomicBool::new(false));
    let reader = tokio::spawn(follow(store.clone(), done.clone()));
    let mut writers = tokio::task::JoinSet::new();
    for writer in 0..WRITERS {
        writers.spawn(write(store.clone(), writer));
    }
    while let Some(writer) = writers.join_next().await {
        writer??;
    }
    done.store(true, Ordering::SeqCst);
    let heard = reader.await??;
    let all: BTreeSet<EventId> = (0..WRITERS * WRITES).map(id).collect();
    assert_eq!(heard.len(), all.len(), "nothing is missed and nothing comes twice");
    assert_eq!(heard.into_iter().collect::<BTreeSet<_>>(), all);
    Ok(())
}

/// Writes events in transactions that differ in length, so that they overtake each other.
async fn write(store: Store, writer: u128) -> Checked {
    for write in 0..WRITES {
        let mut tx = store.begin().await?;
        tx.emit(emission(writer * WRITES + write));
        if (writer + write).is_multiple_of(3) {
            throttles::count(&mut tx, &format!("writer-{writer}"), at(60), at(0)).await?;
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
        tx.commit().await?;
    }
    Ok(())
}

/// Reads as the dispatcher does: what is behind the last number, again and again.
async fn follow(store: Store, done: Arc<AtomicBool>) -> Checked<Vec<EventId>> {
    let (mut last, mut heard) = (0, Vec::new());
    loop {
        let is_last_look = done.load(Ordering::SeqCst);
        let events = outbox::list_after(&mut store.read().await?, last, 7).await?;
        if events.is_empty() && is_last_look {
            return Ok(heard);
        }
        for (number, event) in events {
            assert!(number > last, "numbers grow");
            last = number;
            heard.push(event?.id);
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn the_order_of_numbers_is_the_order_of_commits() -> Checked {
    let (_database, store) = fresh().await?;
    let clock = Arc::new(AtomicU64::new(0));
    let mut writers = tokio::task::JoinSet::new();
    for writer in 0..WRITERS {
        let (store, clock) = (store.clone(), clock.clone());
        writers.spawn(async move {
            let mut spans = Vec::new();
            for write in 0..WRITES {
                let number = writer * WRITES + write;
                let mut tx = store.begin().await?;
                tx.emit(emission(number));
                let before = clock.fetch_add(1, Ordering::SeqCst);
                tx.commit().await?;
                let after = clock.fetch_add(1, Ordering::SeqCst);
                spans.push((id::<EventId>(number), before, after));
            }
            Checked::Ok(spans)
        });
    }
    let mut spans = std::collections::HashMap::new();
    while let Some(writer) = writers.join_next().await {
        spans.extend(writer??.into_iter().map(|(event, before, after)| (event, (before, after))));
    }
    // Whoever was committed before another one began to commit has the smaller number.
    let mut latest_start = 0;
    for (_, event) in outbox::list_after(&mut store.read().await?, 0, 1_000).await? {
        let (before, after) = spans[&event?.id];
        assert!(after > latest_start, "an event has a higher number than one that was begun after its commit");
        latest_start = latest_start.max(before);
    }
    Ok(())
}

#[tokio::test]
async fn events_of_one_transaction_keep_their_order() -> Checked {
    let (_database, store) = fresh().await?;
    let mut tx = store.begin().await?;
    for number in [5, 3, 9] {
        tx.emit(emission(number));
    }
    tx.commit().await?;
    let events = outbox::list_after(&mut store.read().await?, 0, 10).await?;
    let ids: Vec<EventId> = events.into_iter().filter_map(|(_, event)| Some(event.ok()?.id)).collect();
    assert_eq!(ids, [id(5), id(3), id(9)]);
    Ok(())
}

#[tokio::test]
async fn many_events_of_one_transaction_take_few_statements_and_keep_their_order() -> Checked {
    let (_database, store) = fresh().await?;
    let numbers: Vec<u128> = (0..250).rev().collect();
    let mut tx = store.begin().await?;
    let before = store.statements();
    for number in &numbers {
        tx.emit(emission(*number));
    }
    tx.commit().await?;
    assert!(store.statements() - before <= 5, "an event is not a statement of its own");
    let events = outbox::list_after(&mut store.read().await?, 0, 1_000).await?;
    let ids: Vec<EventId> = events.into_iter().filter_map(|(_, event)| Some(event.ok()?.id)).collect();
    assert_eq!(ids, numbers.into_iter().map(id).collect::<Vec<_>>());
    Ok(())
}

#[tokio::test]
async fn every_audience_comes_back_as_it_was_written() -> Checked {
    let (_database, store) = fresh().await?;
    let (tenant, user, session) = (sample::acme(), sample::owner(), sample::session_id());
    let audiences =
        [Audience::Tenant(tenant), Audience::User(user), Audience::Member(tenant, user), Audience::Session(session)];
    let mut tx = store.begin().await?;
    for (number, audience) in (0..).zip(audiences) {
        tx.emit(outbox::Emission { audience, news: News::MoveTo(tenant), ..emission(number) });
    }
    tx.commit().await?;
    let events = outbox::list_after(&mut store.read().await?, 0, 10).await?;
    for ((_, event), audience) in events.into_iter().zip(audiences) {
        let event = event?;
        assert_eq!((event.audience, event.news, event.at), (audience, News::MoveTo(tenant), at(20)));
    }
    Ok(())
}

#[tokio::test]
async fn an_event_that_cannot_be_read_holds_up_none_behind_it() -> Checked {
    let (database, store) = fresh().await?;
    let mut tx = store.begin().await?;
    tx.emit(emission(1));
    tx.emit(emission(2));
    tx.commit().await?;
    database.execute(r#"UPDATE outbox SET news = '"of_tomorrow"' WHERE id = 1"#).await?;
    let events = outbox::list_after(&mut store.read().await?, 0, 10).await?;
    assert!(events[0].1.is_err());
    assert_eq!(events[1].1.as_ref().ok().map(|event| event.id), Some(id(2)));
    Ok(())
}

#[tokio::test]
async fn numbers_are_never_used_again() -> Checked {
    let (_database, store) = fresh().await?;
    let mut tx = store.begin().await?;
    tx.emit(emission(1));
    tx.commit().await?;
    let last = outbox::last_number(&mut store.read().await?).await?;
    let mut tx = store.begin().await?;
    assert_eq!(outbox::delete_expired(&mut tx, at(21), 10).await?, 1);
    tx.emit(emission(2));
    tx.commit().await?;
    let events = outbox::list_after(&mut store.read().await?, last, 10).await?;
    assert_eq!(events.len(), 1, "the new event is behind the forgotten one");
    Ok(())
}

#[tokio::test]
async fn whoever_comes_back_is_told_the_newest_that_it_missed_and_may_hear() -> Checked {
    let (_database, store) = fresh().await?;
    let (acme, globex, user, other) = (sample::acme(), id(sample::GLOBEX), sample::owner(), sample::colleague());
    let audiences = [
        Audience::Tenant(acme),
        Audience::Tenant(globex),
        Audience::User(user),
        Audience::User(other),
        Audience::Member(acme, user),
        Audience::Member(acme, other),
        Audience::Member(globex, user),
        Audience::Tenant(acme),
    ];
    let mut tx = store.begin().await?;
    for (number, audience) in (1..).zip(audiences) {
        tx.emit(outbox::Emission { audience, ..emission(number) });
    }
    tx.commit().await?;
    let missed = async |since, after, last, limit| -> Checked<Vec<EventId>> {
        let reader = Reader { user, tenant: Some((acme, at(since))) };
        let missed = outbox::list_missed(&mut store.read().await?, reader, after, last, limit).await?;
        Ok(missed.into_iter().map(|emission| emission.id).collect())
    };
    assert_eq!(missed(20, 0, 8, 10).await?, [id(1), id(3), id(5), id(8)]);
    assert_eq!(missed(20, 1, 7, 10).await?, [id(3), id(5)]);
    assert_eq!(missed(20, 0, 8, 2).await?, [id(5), id(8)]);
    assert_eq!(
        missed(21, 0, 8, 10).await?,
        [id(3)],
        "what happened before it belonged to the tenant is not its business"
    );
    let reader = Reader { user, tenant: None };
    assert_eq!(outbox::list_missed(&mut store.read().await?, reader, 0, 8, 10).await?.len(), 1);
    Ok(())
}
