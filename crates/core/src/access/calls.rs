//! How many calls each API key makes in a minute. Counted by each node for itself and in memory: a write for each call would cost
//! more than the calls that it holds back.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use erpmax_types::{ApiKeyId, Timestamp};

use crate::Result;
use crate::error::rate_limited;

/// The calls of the present minute.
pub(crate) struct KeyCalls {
    most: u32,
    minute: Mutex<Minute>,
}

#[derive(Default)]
struct Minute {
    number: i64,
    calls: HashMap<ApiKeyId, u32>,
}

impl KeyCalls {
    /// Lets `most` calls of each key through in a minute.
    pub(crate) fn new(most: u32) -> Self {
        Self { most, minute: Mutex::default() }
    }

    /// Counts a call; refuses above the limit, until the minute is over.
    pub(crate) fn count(&self, key: ApiKeyId, now: Timestamp) -> Result<()> {
        let mut minute = self.minute.lock().unwrap_or_else(PoisonError::into_inner);
        let (number, second) = (now.as_seconds().div_euclid(60), now.as_seconds().rem_euclid(60));
        if minute.number != number {
            *minute = Minute { number, calls: HashMap::new() };
        }
        let calls = minute.calls.entry(key).or_default();
        *calls = calls.saturating_add(1);
        if *calls <= self.most { Ok(()) } else { Err(rate_limited(Duration::from_secs(60 - second.unsigned_abs()))) }
    }
}
