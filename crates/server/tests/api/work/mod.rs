//! What happens behind requests: the queue.

mod queue;
