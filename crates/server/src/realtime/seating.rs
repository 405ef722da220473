//! Letting sockets in and out.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use erpmax_core::realtime::{self, Arrival, Creation, Ended, SESSIONS_AT_ONCE, Seat};
use erpmax_core::{Error, Result};
use erpmax_types::events::{Connected, Event};
use erpmax_types::{ErrorCode, EventId, SessionId, TenantId};
use tracing::warn;

use super::dispatcher::Sockets;
use super::entrance::Join;
use super::positions::{Departure, Hearing};
use super::registry::{Occupied, Registry, SeatNumber};

const GREETING: &str = "Connected";

impl Sockets {
    /// Gives a socket a seat, as of a moment after which nothing was told yet.
    pub(super) async fn seat(&mut self, join: Join) {
        match self.find_seat(&join).await {
            Ok((arrival, since, missed)) => self.occupy(join, &arrival, since, &missed),
            Err(failure) => {
                join.visitor.refuse(&self.core, join.socket, &failure);
                if matches!(failure, Error::Internal(_)) {
                    // A client whose connection breaks tries again; one that is disconnected does not.
                    join.visitor.close();
                }
            }
        }
    }

    /// Who comes, and what it missed after which event.
    async fn find_seat(&mut self, join: &Join) -> Result<(Arrival, i64, Vec<(EventId, Event)>)> {
        let arrival = realtime::arrive(&self.core, &join.claims).await?;
        self.tell_up_to(arrival.newest).await;
        if self.seats.count(arrival.seat.session) >= self.settings.max_per_session {
            return Err(ErrorCode::RateLimited.into());
        }
        let since = self.heard_by(&arrival);
        if since == arrival.newest {
            return Ok((arrival, since, Vec::new()));
        }
        let missed = realtime::missed(&self.core, &arrival, since).await?;
        Ok((arrival, since, missed))
    }

    fn occupy(&mut self, join: Join, arrival: &Arrival, since: i64, missed: &[(EventId, Event)]) {
        let (Join { socket, visitor, .. }, seat) = (join, arrival.seat);
        if !socket.connected() {
            return;
        }
        if let Some(connection) = &visitor.connection {
            connection.add_seat();
        }
        visitor.decide(Some(seat.user));
        let connected = Connected { message: GREETING.to_owned(), user_id: seat.user, tenant_id: seat.tenant };
        visitor.say(&self.core, &socket, "connected", &connected);
        let number = visitor.number;
        self.newcomers.push(number);
        self.seats.insert(Occupied { socket, visitor, seat, hearing: Hearing::new(since) });
        self.tell_missed(number, missed, arrival.newest);
    }

    /// Forgets a socket that is gone.
    pub(super) fn remove(&mut self, number: SeatNumber) {
        drop(self.take(number));
    }

    /// Forgets a socket that went by itself.
    pub(super) fn leave(&mut self, number: SeatNumber, departure: Departure) {
        self.note_departure(number, departure);
        self.remove(number);
    }

    fn take(&mut self, number: SeatNumber) -> Option<Occupied> {
        self.note_departure(number, Departure::Loss);
        let occupied = self.seats.remove(number)?;
        if let Some(connection) = &occupied.visitor.connection {
            connection.remove_seat();
        }
        Some(occupied)
    }

    /// Disconnects a socket; it hears nothing more.
    pub(super) fn disconnect(&mut self, number: SeatNumber) {
        if let Some(occupied) = self.take(number) {
            occupied.visitor.disconnect(occupied.socket);
        }
    }

    /// Tells those who hear a tenant for the first time of its creation.
    pub(super) async fn welcome_newcomers(&mut self) {
        while !self.newcomers.is_empty() {
            for (tenant, numbers) in self.take_newcomers() {
                match realtime::creation(&self.core, tenant).await {
                    Ok((creation, number)) => {
                        self.tell_up_to(number).await;
                        if let Some(creation) = creation {
                            self.tell_creation(numbers, tenant, creation).await;
                        }
                    }
                    Err(cause) => {
                        warn!(?cause, "Sockets cannot be told of a creation, and have to connect again");
                        self.cut_off_all(numbers);
                    }
                }
            }
        }
    }

    fn take_newcomers(&mut self) -> BTreeMap<TenantId, Vec<SeatNumber>> {
        let mut by_tenant: BTreeMap<TenantId, Vec<SeatNumber>> = BTreeMap::new();
        for number in std::mem::take(&mut self.newcomers) {
            if let Some(tenant) = self.seats.get(number).and_then(|occupied| occupied.seat.tenant) {
                by_tenant.entry(tenant).or_default().push(number);
            }
        }
        by_tenant
    }

    async fn tell_creation(&mut self, mut numbers: Vec<SeatNumber>, tenant: TenantId, creation: Creation) {
        // Some may have moved on while what came before was told.
        numbers.retain(|number| self.seats.get(*number).is_some_and(|occupied| occupied.seat.tenant == Some(tenant)));
        match creation {
            Creation::Unfinished(row) => {
                let update = Event::StatusUpdate(self.latest.newest(row));
                self.emit(numbers, &update, self.core.id());
            }
            Creation::Ended(ended) => self.tell_end(numbers, &ended).await,
        }
    }

    /// Tells those whose sessions have not heard it.
    async fn tell_end(&mut self, mut numbers: Vec<SeatNumber>, ended: &Ended) {
        let session_of = |seats: &Registry, number| seats.get(number).map(|occupied| occupied.seat.session);
        let sessions: BTreeSet<_> = numbers.iter().filter_map(|number| session_of(&self.seats, *number)).collect();
        let sessions: Vec<_> = sessions.into_iter().collect();
        for sessions in sessions.chunks(SESSIONS_AT_ONCE) {
            // Rather twice than never.
            let told = realtime::list_told(&self.core, sessions, ended).await.unwrap_or_default();
            numbers.retain(|number| session_of(&self.seats, *number).is_some_and(|session| !told.contains(&session)));
        }
        self.emit(numbers, &ended.event, ended.event_id);
        self.note_told_ends().await;
    }

    fn cut_off_all(&mut self, numbers: Vec<SeatNumber>) {
        for number in numbers {
            if let Some(occupied) = self.take(number) {
                occupied.visitor.close();
            }
        }
    }

    /// Checks whether the sessions behind all sockets still live: some ends make no event, such as the passing of time.
    pub(super) async fn sweep(&mut self) {
        self.latest.forget_old();
        self.connections.forget_ended();
        for sessions in self.seats.sessions().chunks(SESSIONS_AT_ONCE) {
            match realtime::seats(&self.core, sessions).await {
                Ok((living, number)) => {
                    self.tell_up_to(number).await;
                    self.compare(sessions, living);
                }
                Err(cause) => warn!(?cause, "The sessions behind sockets cannot be checked"),
            }
        }
        self.note_all();
    }

    fn compare(&mut self, sessions: &[SessionId], living: Vec<Seat>) {
        let living: HashMap<SessionId, Seat> = living.into_iter().map(|seat| (seat.session, seat)).collect();
        for session in sessions {
            for number in self.seats.audience(realtime::Audience::Session(*session)) {
                match living.get(session) {
                    Some(seat) => self.seats.move_to(number, seat.tenant),
                    None => self.disconnect(number),
                }
            }
        }
    }
}
