//! What happens behind requests: sweeping, and the queue, and what is true after a death.

mod cut_off;
mod cut_off_mail;
mod queue;
mod sweeping;

use std::sync::atomic::{AtomicU32, Ordering};

static COMPANIES: AtomicU32 = AtomicU32::new(0);

/// A name that no company has.
pub(super) fn company_name() -> String {
    format!("company{}", COMPANIES.fetch_add(1, Ordering::Relaxed))
}
