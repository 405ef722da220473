//! What belongs to one tenant never shows in another: generated from the OpenAPI document.

#[allow(dead_code, unused_imports, reason = "each test binary uses another part of it")]
mod support;

#[path = "isolation/mod.rs"]
mod isolation;
