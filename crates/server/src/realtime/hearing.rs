//! Keeping account of how far each session heard.

use erpmax_core::realtime::{self, Arrival, Audience, SESSIONS_AT_ONCE};
use erpmax_types::SessionId;
use tracing::warn;

use super::dispatcher::Sockets;
use super::positions::Departure;
use super::registry::SeatNumber;

impl Sockets {
    /// Up to which event an arriving session certainly heard all; one that never had a socket begins at the newest.
    pub(super) fn heard_by(&mut self, arrival: &Arrival) -> i64 {
        let session = arrival.seat.session;
        let Some(heard) = arrival.heard.max(self.positions.noted(session)) else {
            self.positions.note(session, arrival.newest);
            return arrival.newest;
        };
        let here = self.least_heard(session, None);
        here.map_or(heard, |here| heard.max(here)).min(arrival.newest)
    }

    /// What the sockets of a session certainly heard all of, if one of them goes now.
    fn least_heard(&self, session: SessionId, leaving: Option<(SeatNumber, Departure)>) -> Option<i64> {
        let sockets = self.seats.of_session(session);
        let heard = sockets.map(|(number, occupied)| {
            let departure =
                leaving.filter(|(leaving, _)| *leaving == number).map_or(Departure::Loss, |leaving| leaving.1);
            self.positions.heard(occupied.hearing, departure)
        });
        heard.min()
    }

    /// Notes how far the session of a socket heard that goes.
    pub(super) fn note_departure(&mut self, number: SeatNumber, departure: Departure) {
        let Some(occupied) = self.seats.get(number).filter(|occupied| occupied.hearing.heard_more()) else { return };
        let session = occupied.seat.session;
        if let Some(heard) = self.least_heard(session, Some((number, departure))) {
            self.positions.note(session, heard);
        }
    }

    /// Notes how far all sessions heard that heard more than is known.
    pub(super) fn note_all(&mut self) {
        for session in self.seats.sessions() {
            let mut is_more = false;
            for number in self.seats.audience(Audience::Session(session)) {
                let Some(occupied) = self.seats.get_mut(number) else { continue };
                let heard = self.positions.heard(occupied.hearing, Departure::Loss);
                is_more |= occupied.hearing.heard_more() && occupied.hearing.raise(heard);
            }
            if is_more && let Some(heard) = self.least_heard(session, None) {
                self.positions.note(session, heard);
            }
        }
    }

    /// Writes what was noted, if it is time.
    pub(super) async fn write_positions(&mut self, is_end: bool) {
        for (heard, sessions) in self.positions.due(is_end) {
            for sessions in sessions.chunks(SESSIONS_AT_ONCE) {
                match realtime::note_heard(&self.core, heard, sessions).await {
                    Ok(()) => self.positions.forget(sessions),
                    Err(cause) => warn!(?cause, "Sessions that come back may be told again what they heard"),
                }
            }
        }
    }
}
