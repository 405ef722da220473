//! Telling sockets what happened.

use erpmax_core::provisioning::progress::StatusProgress;
use erpmax_core::realtime::{self, Audience, Emission, News};
use erpmax_types::events::Event;
use erpmax_types::{EventId, JobId, SessionId};
use socketioxide::{SendError, SocketError};
use tokio::time::sleep;
use tracing::{debug, error, warn};

use super::dispatcher::{PAUSE, Sockets};
use super::payload::Payload;
use super::registry::SeatNumber;

/// How many events are read at once.
const BATCH: i64 = 256;

impl Sockets {
    /// Tells every event up to `number`, and none behind it.
    pub(super) async fn tell_up_to(&mut self, number: i64) {
        while self.last < number {
            let news = self.read().await;
            let is_all = i64::try_from(news.len()).unwrap_or(BATCH) < BATCH;
            for (event_number, emission) in news {
                if event_number > number {
                    return;
                }
                match emission {
                    Ok(emission) => self.tell(emission).await,
                    Err(cause) => error!(?cause, "An event that this version does not know is left out"),
                }
                self.last = event_number;
            }
            if is_all {
                return;
            }
        }
    }

    async fn read(&self) -> Vec<(i64, erpmax_core::Result<Emission>)> {
        loop {
            match realtime::news_after(&self.core, self.last, BATCH).await {
                Ok(news) => return news,
                Err(cause) => warn!(?cause, "Sockets wait for the database"),
            }
            sleep(PAUSE).await;
        }
    }

    async fn tell(&mut self, emission: Emission) {
        match emission.news {
            News::Event(event) => self.tell_event(emission.audience, event, emission.id).await,
            News::Close => {
                self.seats.audience(emission.audience).into_iter().for_each(|number| self.disconnect(number));
            }
            News::MoveTo(tenant) => {
                for number in self.seats.audience(emission.audience) {
                    self.seats.move_to(number, Some(tenant));
                    self.newcomers.push(number);
                }
            }
        }
    }

    async fn tell_event(&mut self, audience: Audience, mut event: Event, id: EventId) {
        self.latest.note(&mut event);
        let numbers = self.seats.audience(audience);
        if numbers.is_empty() {
            return;
        }
        let sessions = self.sessions_of(&numbers);
        self.emit(numbers, &event, id);
        if let Some(job) = ended_job(&event) {
            self.note_told(&sessions, job).await;
        }
    }

    /// Tells progress inside steps, except what comes too late.
    pub(super) fn tell_progress(&mut self, reports: Vec<StatusProgress>) {
        for StatusProgress { tenant_id, event } in reports {
            if let Event::StatusUpdate(update) = &event
                && self.latest.accept(update)
            {
                let numbers = self.seats.audience(Audience::Tenant(tenant_id));
                self.emit(numbers, &event, self.core.id());
            }
        }
    }

    /// Emits one event to many sockets. A socket that has no room for it is cut off, and nobody waits for it.
    pub(super) fn emit(&mut self, numbers: Vec<SeatNumber>, event: &Event, id: EventId) {
        let payload = match Payload::of(event, id) {
            Ok(payload) => payload,
            Err(cause) => return error!(?cause, event = event.name(), "An event cannot be written"),
        };
        for number in numbers {
            let Some(occupied) = self.seats.get(number) else { continue };
            match occupied.socket.emit(event.name(), payload.json()) {
                Ok(()) => {}
                Err(SendError::Socket(SocketError::InternalChannelFull)) => self.cut_off(number),
                Err(_) => self.remove(number),
            }
        }
    }

    fn cut_off(&mut self, number: SeatNumber) {
        debug!(seat = number, "A socket that does not read is cut off");
        if let Some(occupied) = self.seats.get(number) {
            occupied.visitor.close();
        }
        self.disconnect(number);
    }

    pub(super) async fn note_told(&self, sessions: &[SessionId], job: JobId) {
        if let Err(cause) = realtime::note_told(&self.core, sessions, job).await {
            warn!(?cause, "Sockets may be told twice how a job ended");
        }
    }

    fn sessions_of(&self, numbers: &[SeatNumber]) -> Vec<SessionId> {
        let mut sessions: Vec<_> =
            numbers.iter().filter_map(|number| self.seats.get(*number)).map(|it| it.seat.session).collect();
        sessions.sort_unstable();
        sessions.dedup();
        sessions
    }
}

fn ended_job(event: &Event) -> Option<JobId> {
    match event {
        Event::StatusCompleted(completed) => Some(completed.job_id),
        Event::StatusFailed(failed) => Some(failed.job_id),
        _ => None,
    }
}
