//! Who is connected, and who hears what. It belongs to the dispatcher alone, so nothing in it is locked.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use erpmax_core::realtime::{Audience, Seat};
use erpmax_types::{SessionId, TenantId, UserId};
use socketioxide::extract::SocketRef;

use super::entrance::Visitor;
use super::positions::Hearing;

/// Numbers the sockets of this node, in the order of their coming.
pub(super) type SeatNumber = u64;

/// A socket that was let in.
pub(super) struct Occupied {
    pub(super) socket: SocketRef,
    pub(super) visitor: Arc<Visitor>,
    pub(super) seat: Seat,
    pub(super) hearing: Hearing,
}

/// All sockets of this node that were let in.
#[derive(Default)]
pub(super) struct Registry {
    seats: HashMap<SeatNumber, Occupied>,
    rooms: HashMap<Room, BTreeSet<SeatNumber>>,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Room {
    Session(SessionId),
    User(UserId),
    Tenant(TenantId),
}

fn rooms_of(seat: &Seat) -> impl Iterator<Item = Room> {
    [Room::Session(seat.session), Room::User(seat.user)].into_iter().chain(seat.tenant.map(Room::Tenant))
}

impl Registry {
    pub(super) fn insert(&mut self, occupied: Occupied) {
        let number = occupied.visitor.number;
        for room in rooms_of(&occupied.seat) {
            self.rooms.entry(room).or_default().insert(number);
        }
        self.seats.insert(number, occupied);
    }

    pub(super) fn get(&self, number: SeatNumber) -> Option<&Occupied> {
        self.seats.get(&number)
    }

    pub(super) fn get_mut(&mut self, number: SeatNumber) -> Option<&mut Occupied> {
        self.seats.get_mut(&number)
    }

    pub(super) fn remove(&mut self, number: SeatNumber) -> Option<Occupied> {
        let occupied = self.seats.remove(&number)?;
        for room in rooms_of(&occupied.seat) {
            self.leave(room, number);
        }
        Some(occupied)
    }

    /// Lets a socket hear another tenant, or none.
    pub(super) fn move_to(&mut self, number: SeatNumber, tenant: Option<TenantId>) {
        let Some(occupied) = self.seats.get_mut(&number) else { return };
        let left = std::mem::replace(&mut occupied.seat.tenant, tenant);
        if let Some(left) = left {
            self.leave(Room::Tenant(left), number);
        }
        if let Some(tenant) = tenant {
            self.rooms.entry(Room::Tenant(tenant)).or_default().insert(number);
        }
    }

    fn leave(&mut self, room: Room, number: SeatNumber) {
        if let Some(numbers) = self.rooms.get_mut(&room) {
            numbers.remove(&number);
            if numbers.is_empty() {
                self.rooms.remove(&room);
            }
        }
    }

    /// The sockets that an audience consists of.
    pub(super) fn audience(&self, audience: Audience) -> Vec<SeatNumber> {
        match audience {
            Audience::Session(session) => self.room(Room::Session(session)).collect(),
            Audience::User(user) => self.room(Room::User(user)).collect(),
            Audience::Tenant(tenant) => self.room(Room::Tenant(tenant)).collect(),
            Audience::Member(tenant, user) => {
                self.room(Room::User(user)).filter(|number| self.tenant_of(*number) == Some(tenant)).collect()
            }
        }
    }

    fn room(&self, room: Room) -> impl Iterator<Item = SeatNumber> {
        self.rooms.get(&room).into_iter().flatten().copied()
    }

    fn tenant_of(&self, number: SeatNumber) -> Option<TenantId> {
        self.seats.get(&number)?.seat.tenant
    }

    /// The sockets of a session.
    pub(super) fn of_session(&self, session: SessionId) -> impl Iterator<Item = (SeatNumber, &Occupied)> {
        self.room(Room::Session(session)).filter_map(|number| Some((number, self.seats.get(&number)?)))
    }

    /// How many sockets a session has.
    pub(super) fn count(&self, session: SessionId) -> usize {
        self.rooms.get(&Room::Session(session)).map_or(0, BTreeSet::len)
    }

    /// Every session that has sockets.
    pub(super) fn sessions(&self) -> Vec<SessionId> {
        let session = |room: &Room| if let Room::Session(session) = room { Some(*session) } else { None };
        self.rooms.keys().filter_map(session).collect()
    }
}
