//! What happens behind requests: sweeping, and the queue.

mod queue;
mod sweeping;
