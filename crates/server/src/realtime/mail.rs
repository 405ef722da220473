//! Packets on their way to sockets. Those of one socket are handed over together, so that its connection writes them at once;
//! a write costs more than everything else about a packet.

use erpmax_types::events::Event;
use erpmax_types::{EventId, JobId};

use super::payload::Payload;
use super::registry::SeatNumber;

/// Packets and whom they are for.
#[derive(Default)]
pub(super) struct Mail {
    packets: Vec<Packet>,
    /// Whom which packet is for.
    addressees: Vec<(SeatNumber, usize)>,
}

/// One event, written once for however many sockets.
pub(super) struct Packet {
    pub(super) event: &'static str,
    pub(super) payload: Payload,
    /// The event's number, if it is one of the outbox.
    pub(super) number: Option<i64>,
    /// The job whose end it tells.
    pub(super) ended: Option<JobId>,
}

impl Packet {
    pub(super) fn new(event: &Event, id: EventId, number: Option<i64>) -> serde_json::Result<Self> {
        let ended = match event {
            Event::StatusCompleted(completed) => Some(completed.job_id),
            Event::StatusFailed(failed) => Some(failed.job_id),
            _ => None,
        };
        Ok(Self { event: event.name(), payload: Payload::of(event, id)?, number, ended })
    }
}

impl Mail {
    /// Addresses a packet to these sockets.
    pub(super) fn add(&mut self, packet: Packet, numbers: impl IntoIterator<Item = SeatNumber>) {
        let place = self.packets.len();
        self.packets.push(packet);
        self.addressees.extend(numbers.into_iter().map(|number| (number, place)));
    }

    /// Hands each socket's packets, in the order in which they came, to `hand`.
    pub(super) fn deliver<'a>(&'a mut self, mut hand: impl FnMut(SeatNumber, &mut dyn Iterator<Item = &'a Packet>)) {
        self.addressees.sort_unstable();
        let packets = &self.packets;
        for addressed in self.addressees.chunk_by(|one, other| one.0 == other.0) {
            hand(addressed[0].0, &mut addressed.iter().map(|(_, place)| &packets[*place]));
        }
    }
}
