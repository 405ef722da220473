//! Live events, from the real control plane.

use std::time::Duration;

use erpmax_client::types::events::Event;
use erpmax_client::types::provisioning::{JobStatus, JobType, ProvisioningJob};
use erpmax_client::types::runner::Outcome;
use erpmax_client::{ApiClient, Error, Events, Update};
use futures_util::{StreamExt, TryStreamExt};

use crate::support::{Node, PASSWORD, register};

const PATIENCE: Duration = Duration::from_secs(20);

async fn next(events: &mut Events) -> Update {
    let update = tokio::time::timeout(PATIENCE, events.next()).await.expect("something comes");
    update.expect("it goes on").expect("no error")
}

/// Passes over everything until `wanted` finds what it looks for.
async fn until<T>(events: &mut Events, wanted: impl Fn(Update) -> Option<T>) -> T {
    loop {
        if let Some(found) = wanted(next(events).await) {
            return found;
        }
    }
}

async fn connected(client: &ApiClient) -> Events {
    let mut events = client.realtime().events();
    until(&mut events, |update| matches!(update, Update::Connected(_)).then_some(())).await;
    events
}

fn job_in(update: Update) -> Option<ProvisioningJob> {
    match update {
        Update::Event { event: Event::JobUpdated { job }, .. } => Some(job),
        _ => None,
    }
}

#[tokio::test]
async fn events_come_over_both_transports() {
    let node = Node::start().await;
    for (client, company) in [(node.client(), "acme"), (node.client_in_process(), "globex")] {
        register(&client, company).await;
        let mut events = connected(&client).await;
        let job = client.provisioning().create(JobType::CreateSite).await.expect("a job");
        assert_eq!(until(&mut events, job_in).await.id, job.id);
        node.lease().await.end(Outcome::Completed { result: None }).await;
        let url = until(&mut events, |update| match update {
            Update::Event { event: Event::StatusCompleted(status), .. } => Some(status.erpnext_url),
            _ => None,
        });
        assert!(url.await.contains(company));
        let notification = until(&mut events, |update| match update {
            Update::Event { event: Event::NotificationNew(notification), .. } => Some(notification),
            _ => None,
        });
        let notification = notification.await.id;
        events.mark_read(notification);
        let read = until(&mut events, |update| match update {
            Update::Read(read) => Some(read),
            _ => None,
        });
        assert_eq!(read.await, notification);
    }
}

#[tokio::test]
async fn an_old_token_is_replaced_by_a_fresh_one() {
    let node = Node::start().await;
    let client = node.client();
    register(&client, "acme").await;
    node.pass(Duration::from_secs(25 * 3600));
    connected(&client).await;
}

#[tokio::test]
async fn the_stream_ends_when_the_session_does() {
    let node = Node::start().await;
    let client = node.client();
    register(&client, "acme").await;
    let mut events = connected(&client).await;
    let other = node.client();
    other.auth().login("owner@acme.example", PASSWORD).await.expect("it works");
    other.auth().end_sessions().await.expect("the others end");
    let error = loop {
        match tokio::time::timeout(PATIENCE, events.next()).await.expect("something comes") {
            Some(Ok(_)) => {}
            Some(Err(error)) => break error,
            None => panic!("it ends without a reason"),
        }
    };
    assert!(matches!(error, Error::Unauthorized(_)), "{error:?}");
    assert!(events.next().await.is_none());
}

#[tokio::test]
async fn nobody_signed_in_hears_nothing() {
    let node = Node::start().await;
    let mut events = node.client().realtime().events();
    assert!(matches!(events.next().await, Some(Err(Error::Unauthorized(_)))));
    assert!(events.next().await.is_none());
}

#[tokio::test]
async fn a_watcher_sees_progress_that_grows_and_the_end() {
    let node = Node::start().await;
    let client = node.client_in_process();
    register(&client, "acme").await;
    let job = client.provisioning().create(JobType::CreateSite).await.expect("a job");
    let watch = client.provisioning().watch(job.id);
    let work = async {
        let mut work = node.lease().await;
        for (step, progress) in [("folder", 10), ("database", 40), ("apps", 80)] {
            work.begin(step, progress).await;
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        work.end(Outcome::Completed { result: None }).await;
    };
    let watched = tokio::time::timeout(PATIENCE, watch.try_collect::<Vec<_>>());
    let ((), watched) = tokio::join!(work, watched);
    let watched = watched.expect("it ends").expect("no error");
    assert!(watched.is_sorted_by_key(|job| job.progress), "{watched:?}");
    assert_eq!(watched.last().expect("more than nothing").status, JobStatus::Completed);
    assert!(watched.len() >= 3, "{watched:?}");
}

#[tokio::test]
async fn a_watcher_of_a_job_that_fails_is_told_so() {
    let node = Node::start().await;
    let client = node.client();
    register(&client, "acme").await;
    let job = client.provisioning().create(JobType::CreateSite).await.expect("a job");
    let watch = client.provisioning().watch(job.id).finished();
    let outcome = Outcome::Failed { error: "no space left".to_owned(), leak: None };
    let (watched, ()) =
        tokio::join!(tokio::time::timeout(PATIENCE, watch), async { node.lease().await.end(outcome).await });
    let watched = watched.expect("it ends").expect("no error");
    assert_eq!((watched.status, watched.error.as_deref()), (JobStatus::Failed, Some("no space left")));
}

#[tokio::test]
async fn a_watcher_of_no_job_ends_at_once() {
    let node = Node::start().await;
    let client = node.client();
    register(&client, "acme").await;
    let nobodys = "019ab000-0000-7000-8000-000000000001".parse().expect("an id");
    let error = client.provisioning().watch(nobodys).finished().await.expect_err("there is none");
    assert!(matches!(error, Error::NotFound(_)), "{error:?}");
}
