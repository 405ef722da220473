//! Time is given, not asked.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use erpmax_types::Timestamp;
use uuid::{NoContext, Uuid};

/// Where the present moment comes from.
#[derive(Clone, Debug)]
pub enum Clock {
    /// The machine's own clock.
    System,
    /// A clock that stands until somebody moves it, for tests and simulations.
    Manual(Arc<AtomicI64>),
}

impl Clock {
    /// A clock that stands at `start`.
    pub fn manual(start: Timestamp) -> Self {
        Self::Manual(Arc::new(AtomicI64::new(start.as_micros())))
    }

    /// Moves a manual clock on; the machine's own moves by itself.
    pub fn advance(&self, by: Duration) {
        if let Self::Manual(micros) = self {
            micros.fetch_add(i64::try_from(by.as_micros()).unwrap_or(i64::MAX), Ordering::SeqCst);
        }
    }

    /// The present moment.
    pub fn now(&self) -> Timestamp {
        match self {
            Self::Manual(micros) => Timestamp::from_micros(micros.load(Ordering::SeqCst)),
            Self::System => {
                let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
                Timestamp::from_micros(i64::try_from(since_epoch.as_micros()).unwrap_or(i64::MAX))
            }
        }
    }

    /// A `UUIDv7` of the present moment. Ids made by one process grow in the order of asking.
    pub fn id<T: From<Uuid>>(&self) -> T {
        match self {
            Self::System => Uuid::now_v7().into(),
            Self::Manual(_) => {
                let micros = u64::try_from(self.now().as_micros()).unwrap_or(0);
                let nanos = u32::try_from(micros % 1_000_000 * 1_000).unwrap_or(0);
                Uuid::new_v7(uuid::Timestamp::from_unix(NoContext, micros / 1_000_000, nanos)).into()
            }
        }
    }
}
