//! What holds for every operation and every history.

#[allow(dead_code, unused_imports, reason = "each test binary uses another part of it")]
mod support;

#[path = "properties/mod.rs"]
mod properties;
