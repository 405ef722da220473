//! How far sessions certainly heard, so that whoever comes back is told what was missed.
//!
//! What was handed to a connection is lost when the connection breaks. But whoever answered a sign of life had all that was
//! sent before it, and a connection that does not answer for long enough is closed: what was handed over a while ago arrived.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::time::Duration;

use erpmax_types::SessionId;
use tokio::time::Instant;

use super::RealtimeSettings;

/// Added to the time without a sign of life after which a connection is closed: a change of transport takes ten seconds.
const MARGIN: Duration = Duration::from_secs(15);
/// How long something may be on its way to somebody who took leave.
const ON_ITS_WAY: Duration = Duration::from_secs(2);
/// How often it is kept which event was the last, and how often positions are written at most.
const PAUSE: Duration = Duration::from_secs(1);

/// Positions of sessions; each is the number of an event.
pub(super) struct Positions {
    silence: Duration,
    /// When which event was the last that had been told, oldest first.
    history: VecDeque<(Instant, i64)>,
    /// Not written yet.
    notes: HashMap<SessionId, i64>,
    written_at: Instant,
}

/// What one socket heard.
#[derive(Clone, Copy)]
pub(super) struct Hearing {
    joined: Instant,
    /// Certainly all up to this event.
    since: i64,
    /// The last event that was handed over.
    told: i64,
}

/// How a socket went.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Departure {
    /// Its client said that it goes.
    Farewell,
    /// Anything else.
    Loss,
}

impl Hearing {
    pub(super) fn new(since: i64) -> Self {
        Self { joined: Instant::now(), since, told: since }
    }

    /// An event was handed over.
    pub(super) const fn hand(&mut self, event: i64) {
        self.told = event;
    }

    /// It certainly heard all up to `event`; whether that is more than was known.
    pub(super) fn raise(&mut self, event: i64) -> bool {
        let is_more = event > self.since;
        self.since = self.since.max(event);
        is_more
    }

    /// Whether there is anything to note.
    pub(super) const fn heard_more(&self) -> bool {
        self.told > self.since
    }
}

impl Positions {
    pub(super) fn new(settings: &RealtimeSettings) -> Self {
        let silence = settings.ping_interval + settings.ping_timeout + MARGIN;
        Self { silence, history: VecDeque::new(), notes: HashMap::new(), written_at: Instant::now() }
    }

    /// Every event up to `last` has been told by now.
    pub(super) fn keep(&mut self, last: i64) {
        if self.history.back().is_some_and(|(at, _)| at.elapsed() < PAUSE) {
            return;
        }
        self.history.push_back((Instant::now(), last));
        while self.history.get(1).is_some_and(|(at, _)| at.elapsed() > self.silence) {
            self.history.pop_front();
        }
    }

    /// Up to which event a socket certainly heard all, if it goes like this.
    pub(super) fn heard(&self, hearing: Hearing, departure: Departure) -> i64 {
        let age = match departure {
            Departure::Farewell => ON_ITS_WAY,
            Departure::Loss => self.silence,
        };
        if hearing.joined.elapsed() <= age {
            return hearing.since;
        }
        let told = self.history.iter().rev().find(|(at, _)| at.elapsed() > age);
        told.map_or(hearing.since, |(_, last)| hearing.since.max(*last))
    }

    /// Notes how far a session heard.
    pub(super) fn note(&mut self, session: SessionId, heard: i64) {
        let noted = self.notes.entry(session).or_insert(heard);
        *noted = heard.max(*noted);
    }

    /// What is noted of a session and not written yet.
    pub(super) fn noted(&self, session: SessionId) -> Option<i64> {
        self.notes.get(&session).copied()
    }

    /// The notes that it is time to write, by position; all of them at the end.
    pub(super) fn due(&mut self, is_end: bool) -> BTreeMap<i64, Vec<SessionId>> {
        let mut by_position: BTreeMap<i64, Vec<SessionId>> = BTreeMap::new();
        if is_end || self.written_at.elapsed() >= PAUSE {
            self.written_at = Instant::now();
            for (session, heard) in &self.notes {
                by_position.entry(*heard).or_default().push(*session);
            }
        }
        by_position
    }

    /// Forgets notes that were written.
    pub(super) fn forget(&mut self, sessions: &[SessionId]) {
        for session in sessions {
            self.notes.remove(session);
        }
    }
}

#[cfg(test)]
mod tests {
    use tokio::time::advance;

    use super::*;

    fn positions() -> Positions {
        Positions::new(&RealtimeSettings::default())
    }

    #[tokio::test(start_paused = true)]
    async fn who_was_lost_heard_what_was_told_before_the_last_sign_of_life() {
        let mut positions = positions();
        let hearing = Hearing::new(3);
        for last in 10..200 {
            positions.keep(last);
            advance(Duration::from_secs(1)).await;
        }
        let heard = positions.heard(hearing, Departure::Loss);
        assert!((135..=140).contains(&heard), "{heard}");
        let heard = positions.heard(hearing, Departure::Farewell);
        assert!((196..=198).contains(&heard), "{heard}");
    }

    #[tokio::test(start_paused = true)]
    async fn who_came_just_now_certainly_heard_nothing_yet() {
        let mut positions = positions();
        positions.keep(10);
        advance(Duration::from_secs(100)).await;
        let hearing = Hearing::new(3);
        positions.keep(11);
        advance(Duration::from_secs(1)).await;
        assert_eq!(positions.heard(hearing, Departure::Loss), 3);
        assert_eq!(positions.heard(hearing, Departure::Farewell), 3);
    }

    #[tokio::test(start_paused = true)]
    async fn what_is_noted_never_goes_back_and_is_written_once_a_second() {
        let mut positions = positions();
        let session = SessionId::from(uuid::Uuid::from_u128(1));
        positions.note(session, 7);
        positions.note(session, 5);
        assert!(positions.due(false).is_empty());
        advance(PAUSE).await;
        assert_eq!(positions.due(false), BTreeMap::from([(7, vec![session])]));
        assert_eq!(positions.noted(session), Some(7));
        positions.forget(&[session]);
        assert!(positions.due(true).is_empty());
    }
}
