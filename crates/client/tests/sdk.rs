//! The SDK against the real control plane, over both transports, and against a hostile server.

#[path = "sdk/certificates.rs"]
mod certificates;
#[allow(dead_code, reason = "each test binary uses another part of it")]
#[path = "../../server/tests/support/database.rs"]
mod database;
#[path = "sdk/document/mod.rs"]
mod document;
#[path = "sdk/journey.rs"]
mod journey;
#[path = "sdk/logs.rs"]
mod logs;
#[path = "sdk/patience.rs"]
mod patience;
#[path = "sdk/realtime.rs"]
mod realtime;
#[path = "sdk/session/mod.rs"]
mod session;
#[path = "sdk/sockets.rs"]
mod sockets;
#[path = "sdk/stores.rs"]
mod stores;
#[path = "sdk/support/mod.rs"]
mod support;
#[path = "sdk/transport.rs"]
mod transport;
