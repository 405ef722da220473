//! Connections from within the process: streams in memory in place of sockets, served by the same loop.

use std::net::{Ipv4Addr, SocketAddr};

use axum::Router;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::{Peer, ServeSettings, Visitor};
use crate::realtime::Line;

/// The way in for callers of this very process. Cheap to clone.
///
/// A connection tells on whose behalf it is made beside the stream, where nothing that comes from outside can reach.
#[derive(Clone)]
pub struct Indoors {
    router: Router,
    settings: ServeSettings,
    connections: TaskTracker,
    shutdown: CancellationToken,
}

impl Indoors {
    /// Serves `router` until `shutdown`.
    pub fn new(router: Router, settings: ServeSettings, shutdown: CancellationToken) -> Self {
        Self { router, settings, connections: TaskTracker::new(), shutdown }
    }

    /// Serves one connection on a task of its own. Without a `caller` the requests are the process's own.
    pub fn serve(&self, stream: impl AsyncRead + AsyncWrite + Send + Unpin + 'static, caller: Option<SocketAddr>) {
        let visitor = Visitor {
            peer: Peer { address: caller.unwrap_or((Ipv4Addr::LOCALHOST, 0).into()), is_within: true },
            line: Line::default(),
            router: self.router.clone(),
            shutdown: self.shutdown.clone(),
            handshake_timeout: self.settings.handshake_timeout,
            header_timeout: self.settings.header_timeout,
        };
        self.connections.spawn(visitor.served(stream, None));
    }

    /// Waits until every connection has ended.
    pub async fn drained(&self) {
        self.connections.close();
        self.connections.wait().await;
    }
}
