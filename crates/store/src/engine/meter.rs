//! Counts statements, and plays the death of the process for tests.

use std::sync::atomic::{AtomicU64, Ordering};

use super::StoreError;

/// How many statements were sent, and after how many nothing reaches the database any more.
pub(super) struct Meter {
    statements: AtomicU64,
    limit: AtomicU64,
}

impl Default for Meter {
    fn default() -> Self {
        Self { statements: AtomicU64::new(0), limit: AtomicU64::new(u64::MAX) }
    }
}

impl Meter {
    pub(super) fn statements(&self) -> u64 {
        self.statements.load(Ordering::SeqCst)
    }

    pub(super) fn cut_off_after(&self, statements: u64) {
        self.limit.store(self.statements().saturating_add(statements), Ordering::SeqCst);
    }

    /// Counts a statement that is about to be sent.
    pub(super) fn statement(&self) -> Result<(), StoreError> {
        let before = self.statements.fetch_add(1, Ordering::SeqCst);
        self.unless_cut_off(before)
    }

    /// A commit that is about to be sent; it is not counted.
    pub(super) fn commit(&self) -> Result<(), StoreError> {
        self.unless_cut_off(self.statements())
    }

    fn unless_cut_off(&self, before: u64) -> Result<(), StoreError> {
        if before < self.limit.load(Ordering::SeqCst) { Ok(()) } else { Err(sqlx::Error::PoolClosed.into()) }
    }
}
