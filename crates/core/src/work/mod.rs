//! Work that nobody waits for: the queue's workers inside `serve`, and the broom.

mod broom;
mod worker;

pub use broom::sweep_forever;
pub use worker::work_forever;
