//! The stream: a task that connects, listens and connects again for as long as somebody wants to hear.

use std::ops::ControlFlow;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use erpmax_types::events::{Event, NotificationRead};
use erpmax_types::users::Tokens;
use erpmax_types::{ErrorCode, EventId, NotificationId};
use futures_util::Stream;
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::sync::mpsc;
use tokio::time::Instant;
use tracing::debug;

use super::Update;
use super::seen::Seen;
use super::socket::{Entrance, Socket, refusal};
use crate::patience::{Patience, spread};
use crate::session::Renewal;
use crate::{ApiClient, Error, Refusal, Result, leniency};

/// Updates that wait for the application, at most.
const WAITING: usize = 256;
/// A connection that held this long was a good one: the pauses begin anew.
const GOOD: Duration = Duration::from_secs(30);
/// How the pauses between connections grow.
const PAUSES: Patience = Patience {
    repetitions: u32::MAX,
    first_pause: Duration::from_millis(500),
    longest_pause: Duration::from_secs(30),
    total: Duration::MAX,
};

/// Live events; see [`Realtime::events`](super::Realtime::events).
pub struct Events {
    updates: mpsc::Receiver<Result<Update>>,
    words: mpsc::UnboundedSender<NotificationId>,
}

impl Events {
    pub(super) fn of(client: &ApiClient) -> Self {
        let (sender, updates) = mpsc::channel(WAITING);
        let (words, said) = mpsc::unbounded_channel();
        let task = Task {
            client: client.clone(),
            updates: sender,
            said,
            words: words.clone(),
            seen: Seen::default(),
            failures: 0,
            outage: None,
            is_told: false,
        };
        tokio::spawn(task.run());
        Self { updates, words }
    }

    /// Marks a notification as read; [`Update::Read`] confirms it. While there is no connection it waits for one.
    pub fn mark_read(&self, notification: NotificationId) {
        // Once the task has ended there is nobody to tell.
        let _ = self.words.send(notification);
    }
}

impl Stream for Events {
    type Item = Result<Update>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.updates.poll_recv(context)
    }
}

struct Task {
    client: ApiClient,
    updates: mpsc::Sender<Result<Update>>,
    said: mpsc::UnboundedReceiver<NotificationId>,
    /// The way back for what could not be said.
    words: mpsc::UnboundedSender<NotificationId>,
    seen: Seen,
    /// Connections that failed or did not hold, since the last good one.
    failures: u32,
    /// Since when there has been no connection after there was one.
    outage: Option<Instant>,
    /// Whether the application knows that there is no connection.
    is_told: bool,
}

impl Task {
    async fn run(mut self) {
        loop {
            self.failures = self.failures.saturating_add(1);
            let ControlFlow::Continue(reason) = self.connect_and_listen().await else { return };
            debug!(%reason, "There is no connection for events");
            if self.tell_interruption(reason).await.is_err() {
                return;
            }
            let pause = spread(PAUSES.pause(self.failures));
            tokio::select! {
                () = tokio::time::sleep(pause) => {}
                () = self.updates.closed() => return,
            }
        }
    }

    async fn tell_interruption(&mut self, reason: Error) -> Result<(), Failure> {
        if std::mem::replace(&mut self.is_told, true) {
            return Ok(());
        }
        self.tell(Update::Interrupted { reason }).await
    }

    /// Why the connection is gone, or the end of all.
    async fn connect_and_listen(&mut self) -> ControlFlow<(), Error> {
        let updates = self.updates.clone();
        let entered = tokio::select! {
            entered = self.enter() => entered,
            () = updates.closed() => return ControlFlow::Break(()),
        };
        match entered {
            Ok(socket) => self.listen(socket).await,
            Err(Failure::Passing(reason) | Failure::Token(reason)) => ControlFlow::Continue(reason),
            Err(Failure::End) => ControlFlow::Break(()),
        }
    }

    /// A connection; with a fresh token where the one at hand is refused.
    async fn enter(&mut self) -> Result<Box<Socket>, Failure> {
        let Some(tokens) = self.client.session().tokens().await? else { return Err(self.end(signed_out()).await) };
        let refused = match self.knock(&tokens).await {
            Err(Failure::Token(refused)) => refused,
            entered => return entered,
        };
        match self.client.renew(Some(&tokens)).await? {
            Renewal::Fresh(fresh) => self.knock(&fresh).await,
            Renewal::SignedOut => Err(self.end(refused).await),
        }
    }

    async fn knock(&mut self, tokens: &Arc<Tokens>) -> Result<Box<Socket>, Failure> {
        let (socket, connected) = match Socket::open(&self.client, &tokens.access_token).await? {
            Entrance::Open(socket, connected) => (socket, connected),
            Entrance::Refused(refused) if is_about_token(&refused) => {
                return Err(Failure::Token(Error::refused(refused, None)));
            }
            Entrance::Refused(refused) => return Err(Error::refused(refused, None).into()),
        };
        self.is_told = false;
        self.tell(Update::Connected(connected)).await?;
        if let Some(outage) = self.outage.take() {
            self.tell(Update::Gap { lasted: outage.elapsed() }).await?;
        }
        Ok(socket)
    }

    async fn listen(&mut self, mut socket: Box<Socket>) -> ControlFlow<(), Error> {
        let since = Instant::now();
        let reason = loop {
            tokio::select! {
                heard = socket.next() => match heard {
                    Ok((name, payload)) => {
                        if self.hear(name, payload).await.is_err() {
                            break None;
                        }
                    }
                    Err(reason) => break Some(reason),
                },
                Some(notification) = self.said.recv() => {
                    let argument = json!(NotificationRead { notification_id: notification });
                    if let Err(reason) = socket.say("notification_read", &argument).await {
                        // It is said over the next connection; this end of the queue is open.
                        let _ = self.words.send(notification);
                        break Some(reason);
                    }
                }
                () = self.updates.closed() => break None,
            }
        };
        self.outage = Some(Instant::now());
        if since.elapsed() >= GOOD {
            self.failures = 0;
        }
        let Some(reason) = reason else {
            socket.leave().await;
            return ControlFlow::Break(());
        };
        ControlFlow::Continue(reason)
    }

    async fn hear(&mut self, name: String, payload: Value) -> Result<(), Failure> {
        let id: Option<EventId> = payload["event_id"].as_str().and_then(|id| id.parse().ok());
        if id.is_some_and(|id| !self.seen.is_new(id)) {
            return Ok(());
        }
        self.tell(understood(id, name, payload)).await
    }

    async fn tell(&self, update: Update) -> Result<(), Failure> {
        self.updates.send(Ok(update)).await.map_err(|_| Failure::End)
    }

    async fn end(&self, reason: Error) -> Failure {
        // If nobody listens, nobody has to know.
        let _ = self.updates.send(Err(reason)).await;
        Failure::End
    }
}

/// Why there is no connection.
enum Failure {
    /// There will be none any more: nobody listens, or nobody is signed in.
    End,
    /// The next try may succeed.
    Passing(Error),
    /// Another token may help.
    Token(Error),
}

impl From<Error> for Failure {
    fn from(reason: Error) -> Self {
        Self::Passing(reason)
    }
}

/// Whether another token may help. A word that this SDK does not know yet is about something else.
fn is_about_token(refusal: &Refusal) -> bool {
    match refusal.code {
        Some(code) => {
            matches!(code, ErrorCode::Unauthorized | ErrorCode::TokenExpired | ErrorCode::AccountDisabled)
        }
        None => refusal.word.is_empty(),
    }
}

fn signed_out() -> Error {
    Error::refused(Refusal::bare(http::StatusCode::UNAUTHORIZED), None)
}

fn understood(id: Option<EventId>, name: String, payload: Value) -> Update {
    match name.as_str() {
        "error" => return Update::Refused(refusal(&payload)),
        "notification_read_confirmed" => {
            if let Ok(read) = NotificationRead::deserialize(&payload) {
                return Update::Read(read.notification_id);
            }
        }
        _ => {}
    }
    match read(&name, &payload) {
        Some(event) => Update::Event { id, event },
        None => Update::Unknown { name, payload },
    }
}

/// Strictly first; then with what other deployments are known to write otherwise.
fn read(name: &str, payload: &Value) -> Option<Event> {
    let mut tagged = json!({"event": name, "payload": payload});
    Event::deserialize(&tagged).ok().or_else(|| {
        leniency::mend(&mut tagged);
        Event::deserialize(&tagged).ok()
    })
}
