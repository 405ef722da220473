//! Sockets, over real connections.

#[path = "realtime/client.rs"]
mod client;
#[path = "realtime/closing.rs"]
mod closing;
#[path = "realtime/coming_back.rs"]
mod coming_back;
#[path = "realtime/connecting.rs"]
mod connecting;
#[allow(dead_code, reason = "each test binary uses another part of it")]
#[path = "support/database.rs"]
mod database;
#[path = "realtime/inbox.rs"]
mod inbox;
#[path = "realtime/late_joiners.rs"]
mod late_joiners;
#[path = "realtime/limits.rs"]
mod limits;
#[path = "realtime/measure.rs"]
mod measure;
#[path = "realtime/nodes.rs"]
mod nodes;
#[path = "realtime/order.rs"]
mod order;
#[path = "realtime/polling.rs"]
mod polling;
#[path = "realtime/support.rs"]
mod support;
#[path = "realtime/tenants.rs"]
mod tenants;
