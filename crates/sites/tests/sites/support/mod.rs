//! What the tests stand on.

pub mod control;
pub mod drivers;
pub mod http;
pub mod job;
pub mod site;
pub mod world;
