//! The queue: one leaseholder at a time, in the order of lanes, and never a late one.

use std::collections::BTreeSet;

use erpmax_store::work::{self, NewLease, WorkRow};
use erpmax_store::{Store, StoreError};
use erpmax_types::{LeaseId, Timestamp, WorkId};

use crate::support::{Checked, at, fresh, id};

const QUEUE: &str = "jobs";

async fn add(store: &Store, number: u128, lane: &str) -> Checked {
    let mut tx = store.begin().await?;
    work::insert(&mut tx, id(number), QUEUE, &number.to_string(), lane, at(0)).await?;
    Ok(tx.commit().await?)
}

fn hold(lease: u128, boot: &str, until: Timestamp) -> NewLease<'_> {
    NewLease { id: id(lease), host: "host-1", boot, until }
}

/// Leases what is next, until ten seconds later.
async fn take(store: &Store, lease: u128, now: i64) -> Result<Option<WorkRow>, StoreError> {
    let mut tx = store.begin().await?;
    let work = work::lease(&mut tx, QUEUE, &hold(lease, "boot-1", at(now + 10)), at(now)).await?;
    tx.commit().await?;
    Ok(work)
}

async fn finish(store: &Store, subject: &str) -> Checked {
    let mut tx = store.begin().await?;
    work::delete(&mut tx, QUEUE, subject).await?;
    Ok(tx.commit().await?)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn parallel_leasing_gives_each_work_to_one_leaseholder() -> Checked {
    let (_database, store) = fresh().await?;
    for number in 0..30 {
        add(&store, number, &format!("lane-{number}")).await?;
    }
    let mut runners = tokio::task::JoinSet::new();
    for runner in 0..20 {
        let store = store.clone();
        runners.spawn(async move {
            let mut taken = Vec::new();
            for lease in 0..8 {
                taken.extend(take(&store, 1_000 + runner * 100 + lease, 1).await?);
            }
            Ok::<_, StoreError>(taken)
        });
    }
    let mut taken: Vec<WorkId> = Vec::new();
    while let Some(runner) = runners.join_next().await {
        taken.extend(runner??.into_iter().map(|work| work.id));
    }
    while let Some(work) = take(&store, 9_000 + taken.len() as u128, 1).await? {
        taken.push(work.id);
    }
    assert_eq!(taken.len(), 30);
    assert_eq!(taken.into_iter().collect::<BTreeSet<_>>().len(), 30);
    Ok(())
}

#[tokio::test]
async fn a_lane_is_worked_through_in_the_order_of_ids() -> Checked {
    let (_database, store) = fresh().await?;
    for number in [3, 1, 2] {
        add(&store, number, "acme").await?;
    }
    for number in 1..=3_u128 {
        let work = take(&store, 100 + number, 1).await?.expect("the next one is free");
        assert_eq!(work.id, id(number));
        assert!(take(&store, 200 + number, 1).await?.is_none(), "the rest of the lane waits");
        assert!(!work::is_due(&mut store.read().await?, QUEUE, at(1)).await?);
        finish(&store, &work.subject).await?;
    }
    Ok(())
}

#[tokio::test]
async fn a_lease_that_ran_out_is_given_to_another_with_a_higher_fence() -> Checked {
    let (_database, store) = fresh().await?;
    add(&store, 1, "acme").await?;
    let first = take(&store, 101, 0).await?.expect("it is free");
    assert!(take(&store, 102, 9).await?.is_none(), "the lease is held");
    assert!(work::is_due(&mut store.read().await?, QUEUE, at(10)).await?);
    let second = take(&store, 103, 10).await?.expect("the lease ran out");
    assert_eq!((second.id, second.attempts, second.sequence), (first.id, 2, 0));
    assert!(second.fence > first.fence);
    Ok(())
}

#[tokio::test]
async fn a_late_leaseholder_is_refused_and_changes_nothing() -> Checked {
    let (_database, store) = fresh().await?;
    add(&store, 1, "acme").await?;
    let first = take(&store, 101, 0).await?.expect("it is free");
    let second = take(&store, 102, 10).await?.expect("the lease ran out");
    let (late, present): (LeaseId, LeaseId) = (id(101), id(102));
    let mut tx = store.begin().await?;
    assert!(work::hold(&mut tx, late, first.fence, at(99)).await?.is_none());
    assert!(work::hold(&mut tx, present, first.fence, at(99)).await?.is_none(), "an old fence under the new lease");
    work::release(&mut tx, late, first.fence).await?;
    let held = work::hold(&mut tx, present, second.fence, at(30)).await?.expect("it is held");
    assert_eq!(held.lease_until, Some(at(30)));
    tx.commit().await?;
    assert!(take(&store, 103, 29).await?.is_none(), "the hold was extended");
    Ok(())
}

#[tokio::test]
async fn what_is_given_back_is_free_at_once() -> Checked {
    let (_database, store) = fresh().await?;
    add(&store, 1, "acme").await?;
    let first = take(&store, 101, 0).await?.expect("it is free");
    let mut tx = store.begin().await?;
    work::release(&mut tx, id(101), first.fence).await?;
    tx.commit().await?;
    let second = take(&store, 102, 0).await?.expect("it was given back");
    assert!(second.fence > first.fence);
    Ok(())
}

#[tokio::test]
async fn a_host_that_started_anew_frees_what_it_held_before_and_nothing_else() -> Checked {
    let (_database, store) = fresh().await?;
    for number in 1..=3 {
        add(&store, number, &format!("lane-{number}")).await?;
    }
    let mut tx = store.begin().await?;
    work::lease(&mut tx, QUEUE, &hold(101, "boot-1", at(99)), at(0)).await?;
    work::lease(&mut tx, QUEUE, &hold(102, "boot-2", at(99)), at(0)).await?;
    let other = NewLease { id: id(103), host: "host-2", boot: "boot-0", until: at(99) };
    work::lease(&mut tx, QUEUE, &other, at(0)).await?;
    assert_eq!(work::free_older_boots(&mut tx, "mail", "host-1", "boot-2").await?, 0);
    assert_eq!(work::free_older_boots(&mut tx, QUEUE, "host-1", "boot-2").await?, 1);
    tx.commit().await?;
    let work = take(&store, 104, 1).await?.expect("one was freed");
    assert_eq!(work.id, id(1));
    assert!(take(&store, 105, 1).await?.is_none());
    Ok(())
}

#[tokio::test]
async fn work_that_is_put_off_comes_back_at_its_time() -> Checked {
    let (_database, store) = fresh().await?;
    add(&store, 1, "acme").await?;
    let first = take(&store, 101, 0).await?.expect("it is free");
    let mut tx = store.begin().await?;
    assert!(work::put_off(&mut tx, first.id, first.fence, at(60), "no connection").await?);
    tx.commit().await?;
    assert!(take(&store, 102, 59).await?.is_none());
    let second = take(&store, 103, 60).await?.expect("its time has come");
    assert_eq!(second.attempts, 2);
    Ok(())
}

#[tokio::test]
async fn a_late_worker_does_not_put_off_what_another_one_holds() -> Checked {
    let (_database, store) = fresh().await?;
    add(&store, 1, "acme").await?;
    let first = take(&store, 101, 0).await?.expect("it is free");
    let second = take(&store, 102, 10).await?.expect("the lease ran out");
    let mut tx = store.begin().await?;
    assert!(!work::put_off(&mut tx, first.id, first.fence, at(60), "late").await?);
    assert!(work::hold(&mut tx, id(102), second.fence, at(30)).await?.is_some(), "the other one goes on");
    Ok(())
}

#[tokio::test]
async fn the_same_subject_is_queued_once() -> Checked {
    let (_database, store) = fresh().await?;
    let mut tx = store.begin().await?;
    work::insert(&mut tx, id(1), QUEUE, "job", "acme", at(0)).await?;
    work::insert(&mut tx, id(2), QUEUE, "job", "acme", at(0)).await?;
    tx.commit().await?;
    assert_eq!(take(&store, 101, 0).await?.map(|work| work.id), Some(id(1)));
    finish(&store, "job").await?;
    assert!(take(&store, 102, 0).await?.is_none());
    Ok(())
}
