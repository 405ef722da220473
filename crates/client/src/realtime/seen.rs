//! The ids of events that were told, for as many as the memory holds.

use std::collections::{HashSet, VecDeque};

use erpmax_types::EventId;

/// The server tells at most 150 missed events again, and what was heard in the last two minutes.
const MOST: usize = 4096;

#[derive(Default)]
pub(super) struct Seen {
    ids: HashSet<EventId>,
    order: VecDeque<EventId>,
}

impl Seen {
    /// Whether the id is new; from now on it is not.
    pub(super) fn is_new(&mut self, id: EventId) -> bool {
        if !self.ids.insert(id) {
            return false;
        }
        self.order.push_back(id);
        if self.order.len() > MOST
            && let Some(oldest) = self.order.pop_front()
        {
            self.ids.remove(&oldest);
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    #[test]
    fn an_id_is_new_once_and_the_oldest_are_forgotten() {
        let id = |number: usize| EventId::from(Uuid::from_u128(number as u128));
        let mut seen = Seen::default();
        assert!((0..=MOST).all(|number| seen.is_new(id(number))));
        assert!((1..=MOST).all(|number| !seen.is_new(id(number))));
        assert_eq!((seen.ids.len(), seen.order.len()), (MOST, MOST));
        assert!(seen.is_new(id(0)), "the first was forgotten");
    }
}
