//! Telling sockets what happened.

use erpmax_core::Result;
use erpmax_core::provisioning::progress::StatusProgress;
use erpmax_core::realtime::{self, Audience, Emission, News};
use erpmax_types::EventId;
use erpmax_types::events::Event;
use socketioxide::{SendError, SocketError};
use tokio::time::sleep;
use tracing::{debug, error, warn};

use super::dispatcher::{PAUSE, Sockets};
use super::mail::{Mail, Packet};
use super::registry::{Occupied, SeatNumber};

/// How many events are read, and may be handed to one socket, at once: fewer than a connection has room for.
const BATCH: i64 = 64;

impl Sockets {
    /// Tells every event up to `number`, and none behind it.
    pub(super) async fn tell_up_to(&mut self, number: i64) {
        while self.last < number {
            let mut news = self.read().await;
            let is_all = i64::try_from(news.len()).unwrap_or(BATCH) < BATCH;
            let is_passed = news.last().is_some_and(|(last, _)| *last > number);
            news.retain(|(event_number, _)| *event_number <= number);
            self.tell(news);
            self.note_told_ends().await;
            if is_all || is_passed {
                return;
            }
        }
    }

    async fn read(&self) -> Vec<(i64, Result<Emission>)> {
        loop {
            match realtime::news_after(&self.core, self.last, BATCH).await {
                Ok(news) => return news,
                Err(cause) => warn!(?cause, "Sockets wait for the database"),
            }
            sleep(PAUSE).await;
        }
    }

    /// Not to be interrupted: what `last` says was told, was told.
    fn tell(&mut self, news: Vec<(i64, Result<Emission>)>) {
        let mut mail = Mail::default();
        for (number, emission) in news {
            match emission {
                Ok(Emission { audience, news: News::Event(event), id, .. }) => {
                    self.address(&mut mail, audience, event, id, number);
                }
                Ok(Emission { audience, news: News::MoveTo(tenant), .. }) => {
                    for number in self.seats.audience(audience) {
                        self.seats.move_to(number, Some(tenant));
                        self.newcomers.push(number);
                    }
                }
                Ok(Emission { audience, news: News::Close, .. }) => {
                    self.deliver(std::mem::take(&mut mail));
                    self.seats.audience(audience).into_iter().for_each(|number| self.disconnect(number));
                }
                Err(cause) => error!(?cause, "An event that this version does not know is left out"),
            }
            self.last = number;
        }
        self.deliver(mail);
    }

    fn address(&mut self, mail: &mut Mail, audience: Audience, mut event: Event, id: EventId, number: i64) {
        self.latest.note(&mut event);
        add(mail, self.seats.audience(audience), &event, id, Some(number));
    }

    /// Tells progress inside steps, except what comes too late.
    pub(super) fn tell_progress(&mut self, reports: Vec<StatusProgress>) {
        let mut mail = Mail::default();
        for StatusProgress { tenant_id, event } in reports {
            if let Event::StatusUpdate(update) = &event
                && self.latest.accept(update)
            {
                add(&mut mail, self.seats.audience(Audience::Tenant(tenant_id)), &event, self.core.id(), None);
            }
        }
        self.deliver(mail);
    }

    /// Emits one event to some sockets.
    pub(super) fn emit(&mut self, numbers: Vec<SeatNumber>, event: &Event, id: EventId) {
        let mut mail = Mail::default();
        add(&mut mail, numbers, event, id, None);
        self.deliver(mail);
    }

    /// Tells a socket what it missed up to event number `newest`.
    pub(super) fn tell_missed(&mut self, number: SeatNumber, missed: &[(EventId, Event)], newest: i64) {
        let mut mail = Mail::default();
        for (id, event) in missed {
            add(&mut mail, vec![number], event, *id, Some(newest));
        }
        self.deliver(mail);
    }

    /// Hands packets to the connections. A socket that has no room for one is cut off, and nobody waits for it.
    fn deliver(&mut self, mut mail: Mail) {
        mail.deliver(|number, packets| {
            for packet in packets {
                let Some(occupied) = self.seats.get_mut(number) else { return };
                match occupied.socket.emit(packet.event, packet.payload.json()) {
                    Ok(()) => self.note_handed(number, packet),
                    Err(SendError::Socket(SocketError::InternalChannelFull)) => self.cut_off(number),
                    Err(_) => self.remove(number),
                }
            }
        });
    }

    fn note_handed(&mut self, number: SeatNumber, packet: &Packet) {
        let Some(Occupied { hearing, seat, .. }) = self.seats.get_mut(number) else { return };
        if let Some(event) = packet.number {
            hearing.hand(event);
        }
        if let Some(job) = packet.ended {
            self.told_ends.entry(job).or_default().insert(seat.session);
        }
    }

    fn cut_off(&mut self, number: SeatNumber) {
        debug!(seat = number, "A socket that does not read is cut off");
        if let Some(occupied) = self.seats.get(number) {
            occupied.visitor.close();
        }
        self.disconnect(number);
    }

    /// Notes the ends of jobs that were handed to sockets.
    pub(super) async fn note_told_ends(&mut self) {
        while let Some((job, sessions)) = self.told_ends.pop_first() {
            let sessions: Vec<_> = sessions.into_iter().collect();
            if let Err(cause) = realtime::note_told(&self.core, &sessions, job).await {
                warn!(?cause, "Sockets may be told twice how a job ended");
            }
        }
    }
}

fn add(mail: &mut Mail, numbers: Vec<SeatNumber>, event: &Event, id: EventId, number: Option<i64>) {
    if numbers.is_empty() {
        return;
    }
    match Packet::new(event, id, number) {
        Ok(packet) => mail.add(packet, numbers),
        Err(cause) => error!(?cause, event = event.name(), "An event cannot be written"),
    }
}
