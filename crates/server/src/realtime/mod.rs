//! Socket.IO, as the contract's "Events" and traps 9 to 11 have it: engine path `/socket.io`, namespaces `/ws` and `/`.
//!
//! A request passes the `gate` on its way to Socket.IO, which calls the `entrance` when a socket connects to a
//! namespace. Whoever shows a good token is handed to the `dispatcher`, which keeps the `registry` of all sockets
//! and alone tells them what happens, packed as `mail`; `positions` are how far each session heard. What sockets say
//! themselves is in the `inbox`.

mod connection;
mod dispatcher;
mod entrance;
mod gate;
mod hearing;
mod inbox;
mod latest;
mod line;
mod mail;
mod payload;
mod positions;
mod registry;
mod seating;
mod telling;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use erpmax_core::Core;
use socketioxide::{ParserConfig, SocketIo, SocketIoBuilder};
use tokio::sync::mpsc;

pub use dispatcher::Sockets;
pub use gate::{RealtimeLayer, RealtimeService};
pub use line::{Guarded, Line};

use connection::Connections;
use entrance::Entrance;

/// Where Engine.IO is.
const PATH: &str = "/socket.io";
/// How many sockets may wait to be let in, or to be forgotten.
const REQUESTS: usize = 1024;
/// How many packets may wait for one connection.
const BUFFER: usize = 256;
/// Bytes that a client may send at once.
const MAX_PAYLOAD: usize = 64 * 1024;
/// Binary parts of a client's packet; nothing of ours has any.
const MAX_BINARIES: usize = 4;
/// How long a connection may take to say in which namespace it wants to be.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// What an operator may decide about sockets.
#[derive(Clone, Debug)]
pub struct RealtimeSettings {
    /// Engine.IO connections of this node.
    pub max_connections: usize,
    /// Sockets of one session.
    pub max_per_session: usize,
    /// How often a connection is asked for a sign of life.
    pub ping_interval: Duration,
    /// How long it may take to give one.
    pub ping_timeout: Duration,
    /// How often it is checked whether the sessions behind sockets still live.
    pub sweep: Duration,
}

impl Default for RealtimeSettings {
    fn default() -> Self {
        Self {
            max_connections: 10_000,
            max_per_session: 20,
            ping_interval: Duration::from_secs(25),
            ping_timeout: Duration::from_secs(20),
            sweep: Duration::from_secs(60),
        }
    }
}

/// The layer that serves Socket.IO, and the dispatcher that has to run for as long as it does. The layer stands inside of
/// whatever chooses by host, and outside of whatever limits bodies or the time that an answer takes.
pub fn layer(core: &Core, settings: RealtimeSettings) -> (RealtimeLayer, Sockets) {
    let (sender, requests) = mpsc::channel(REQUESTS);
    let connections = Arc::new(Connections::new(settings.max_connections));
    let core = Arc::new(core.clone());
    let (layer, io) = builder(&settings).with_state(Entrance::new(&core, sender)).build_layer();
    entrance::serve(&io);
    let sockets = Sockets {
        core,
        positions: positions::Positions::new(&settings),
        settings,
        connections: connections.clone(),
        io,
        requests,
        seats: registry::Registry::default(),
        latest: latest::Latest::default(),
        last: 0,
        newcomers: Vec::new(),
        told_ends: BTreeMap::new(),
    };
    (RealtimeLayer::new(connections, &layer), sockets)
}

fn builder(settings: &RealtimeSettings) -> SocketIoBuilder {
    let parser = ParserConfig::common().max_incoming_binaries(MAX_BINARIES).max_incoming_binary_buf_size(MAX_PAYLOAD);
    SocketIo::builder()
        .req_path(PATH)
        .ping_interval(settings.ping_interval)
        .ping_timeout(settings.ping_timeout)
        .connect_timeout(CONNECT_TIMEOUT)
        .max_buffer_size(BUFFER)
        .max_payload(MAX_PAYLOAD as u64)
        .ws_max_message_size(MAX_PAYLOAD)
        .ws_max_frame_size(MAX_PAYLOAD)
        .with_parser(parser)
}
