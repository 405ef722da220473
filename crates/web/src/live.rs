//! What moves by itself: one line to the server's live events for each session, shared by its tabs.
//!
//! A tab hears two things: how far a job is, in numbers, and that something else changed; then it reads its page again. So there is
//! one way in which a page is made, and a tab that was away loses nothing.

use std::convert::Infallible;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use axum::response::IntoResponse;
use axum::response::sse::{Event as Message, KeepAlive, Sse};
use erpmax_client::types::events::Event;
use erpmax_client::types::{JobId, provisioning::ProvisioningJob};
use erpmax_client::{ApiClient, Events, Update};
use futures_util::{StreamExt, stream};
use serde::Serialize;
use tokio::sync::broadcast::{self, Receiver, Sender, error::RecvError};
use tracing::debug;

use crate::page::SignedIn;

/// What waits for a tab that is slow; one that falls behind reads its page again.
const WAITING: usize = 32;
/// How often is looked whether somebody still listens, and a tab hears a sign of life.
const PULSE: Duration = Duration::from_secs(15);

/// Something that tabs are told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
pub(crate) enum Change {
    /// A job got on within a step.
    Progress { job: JobId, percent: i64 },
    /// What is shown may be out of date.
    Changed,
    /// Nobody is signed in any more.
    Ended,
}

/// A session's line: there while a tab listens.
#[derive(Default)]
pub(crate) struct Hub {
    sender: Mutex<Option<Sender<Change>>>,
}

impl Hub {
    /// Listens; the first one opens the line.
    fn listen(&self, client: &ApiClient) -> Receiver<Change> {
        let mut sender = self.sender.lock().unwrap_or_else(PoisonError::into_inner);
        // A line that nobody listens to is about to close.
        if let Some(receiver) = sender.as_ref().filter(|sender| sender.receiver_count() > 0).map(Sender::subscribe) {
            return receiver;
        }
        let (opened, receiver) = broadcast::channel(WAITING);
        tokio::spawn(pass_on(client.realtime().events(), opened.clone()));
        *sender = Some(opened);
        receiver
    }
}

/// Hands changes on for as long as anybody listens.
async fn pass_on(mut events: Events, sender: Sender<Change>) {
    let mut told = Told::default();
    while sender.receiver_count() > 0 {
        let change = match tokio::time::timeout(PULSE, events.next()).await {
            Err(_) => continue,
            Ok(Some(Ok(update))) => told.change_of(&update),
            Ok(Some(Err(error))) => {
                debug!(%error, "A session's live events ended");
                Some(Change::Ended)
            }
            Ok(None) => return,
        };
        // Nobody listens any more, perhaps, and the loop sees it.
        let _ = change.map(|change| sender.send(change));
    }
}

/// What was told last, to tell a step's progress from what changes a page.
#[derive(Default)]
struct Told {
    step: Option<(JobId, String)>,
}

impl Told {
    fn change_of(&mut self, update: &Update) -> Option<Change> {
        match update {
            Update::Event { event: Event::StatusUpdate(update), .. } => {
                Some(self.progress(update.job_id, &update.step, update.progress))
            }
            Update::Event { event: Event::JobUpdated { job }, .. } => Some(self.job(job)),
            Update::Gap { .. } | Update::Event { .. } => Some(Change::Changed),
            _ => None,
        }
    }

    fn job(&mut self, job: &ProvisioningJob) -> Change {
        if job.completed_at.is_some() {
            self.step = None;
            return Change::Changed;
        }
        self.progress(job.id, job.step.as_deref().unwrap_or_default(), job.progress)
    }

    fn progress(&mut self, job: JobId, step: &str, percent: i64) -> Change {
        let same = self.step.as_ref().is_some_and(|(known, name)| *known == job && name == step);
        if same {
            return Change::Progress { job, percent };
        }
        self.step = Some((job, step.to_owned()));
        Change::Changed
    }
}

/// `GET /live`: the changes, until the tab goes or the session ends.
pub(crate) async fn live(SignedIn { page, client, .. }: SignedIn) -> impl IntoResponse {
    let receiver = page.session.as_ref().map(|session| session.hub.listen(&client));
    let closing = page.web.closing.clone();
    let changes = stream::iter(receiver).flat_map(|receiver| stream::unfold(receiver, next)).take_until(async move {
        closing.cancelled().await;
    });
    let messages = changes.map(|change| Ok::<_, Infallible>(message(&change)));
    Sse::new(messages).keep_alive(KeepAlive::new().interval(PULSE))
}

async fn next(mut receiver: Receiver<Change>) -> Option<(Change, Receiver<Change>)> {
    match receiver.recv().await {
        Ok(change) => Some((change, receiver)),
        Err(RecvError::Lagged(_)) => Some((Change::Changed, receiver)),
        Err(RecvError::Closed) => None,
    }
}

fn message(change: &Change) -> Message {
    // Three plain variants always become JSON.
    Message::default().json_data(change).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_that_goes_on_is_progress_and_another_one_changes_the_page() {
        let (mut told, job) = (Told::default(), JobId::from(uuid::Uuid::nil()));
        assert_eq!(told.progress(job, "apps", 10), Change::Changed);
        assert_eq!(told.progress(job, "apps", 20), Change::Progress { job, percent: 20 });
        assert_eq!(told.progress(job, "check", 80), Change::Changed);
    }
}
