//! The loop that serves connections: bounded in number, patient with nobody, and drained at the end.

mod indoors;
mod places;
mod tls;

use std::io;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1::Builder;
use hyper_util::rt::{TokioIo, TokioTimer};
use ipnet::IpNet;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tower::ServiceExt;
use tracing::{debug, warn};

use crate::realtime::Line;
use places::Places;

pub use indoors::Indoors;
pub use tls::{Tls, TlsError};

/// The other end of a connection; in the extensions of its requests.
#[derive(Clone, Copy, Debug)]
pub struct Peer {
    /// Its address.
    pub address: SocketAddr,
    /// Whether the connection was made within this process, on behalf of that address.
    pub is_within: bool,
}

/// Where connections come in, with or without TLS.
pub struct Listener {
    /// Where they come in.
    pub tcp: TcpListener,
    /// The certificate that is shown.
    pub tls: Option<Arc<Tls>>,
}

impl From<TcpListener> for Listener {
    fn from(tcp: TcpListener) -> Self {
        Self { tcp, tls: None }
    }
}

/// How connections are served.
#[derive(Clone, Debug)]
pub struct ServeSettings {
    /// Connections at once; more wait to be accepted.
    pub max_connections: usize,
    /// Connections at once from one address (IPv6: one /64); more are closed.
    pub max_per_address: usize,
    /// Networks that may have any number of them, such as proxies.
    pub unlimited: Vec<IpNet>,
    /// How long the handshake of TLS may take.
    pub handshake_timeout: Duration,
    /// How long a request's head may take to arrive, and a connection be idle.
    pub header_timeout: Duration,
    /// How long running requests may take to end at shutdown.
    pub drain_timeout: Duration,
}

impl Default for ServeSettings {
    fn default() -> Self {
        Self {
            max_connections: 16_384,
            max_per_address: 1_024,
            unlimited: Vec::new(),
            handshake_timeout: Duration::from_secs(10),
            header_timeout: Duration::from_secs(30),
            drain_timeout: Duration::from_secs(20),
        }
    }
}

/// Serves `router` on all `listeners` until `shutdown`, then lets running requests end.
pub async fn serve<L: Into<Listener>>(
    listeners: Vec<L>,
    router: Router,
    settings: ServeSettings,
    shutdown: CancellationToken,
) {
    let places = Places::new(&settings);
    let connections = TaskTracker::new();
    let doors = listeners.into_iter().map(|listener| {
        let door = Door {
            listener: listener.into(),
            router: router.clone(),
            places: places.clone(),
            connections: connections.clone(),
            shutdown: shutdown.clone(),
            settings: settings.clone(),
        };
        let shutdown = shutdown.clone();
        async move { shutdown.run_until_cancelled(door.accept_forever()).await }
    });
    futures_util::future::join_all(doors).await;
    connections.close();
    if tokio::time::timeout(settings.drain_timeout, connections.wait()).await.is_err() {
        warn!("Some requests did not end in time and were cut off");
    }
}

struct Door {
    listener: Listener,
    router: Router,
    places: Places,
    connections: TaskTracker,
    shutdown: CancellationToken,
    settings: ServeSettings,
}

impl Door {
    async fn accept_forever(self) {
        loop {
            let Ok(place) = self.places.any().await else { return };
            match self.listener.tcp.accept().await {
                Ok((stream, peer)) => self.let_in(stream, peer, place),
                Err(error) => pause_after(&error).await,
            }
        }
    }

    /// Serves a connection, for as long as it holds `place`, unless its address has too many.
    fn let_in(&self, stream: TcpStream, peer: SocketAddr, place: impl Send + 'static) {
        let Some(place_of_address) = self.places.of(peer.ip()) else { return };
        if let Err(error) = stream.set_nodelay(true) {
            debug!(%error, "A connection keeps Nagle's algorithm");
        }
        let served = self.visitor(peer).served(stream, self.listener.tls.clone());
        self.connections.spawn(async move {
            served.await;
            drop((place, place_of_address));
        });
    }

    fn visitor(&self, peer: SocketAddr) -> Visitor {
        Visitor {
            peer: Peer { address: peer, is_within: false },
            line: Line::default(),
            router: self.router.clone(),
            shutdown: self.shutdown.clone(),
            handshake_timeout: self.settings.handshake_timeout,
            header_timeout: self.settings.header_timeout,
        }
    }
}

/// One connection.
struct Visitor {
    peer: Peer,
    line: Line,
    router: Router,
    shutdown: CancellationToken,
    handshake_timeout: Duration,
    header_timeout: Duration,
}

impl Visitor {
    async fn served(self, stream: impl AsyncRead + AsyncWrite + Send + Unpin + 'static, tls: Option<Arc<Tls>>) {
        let stream = self.line.clone().guard(stream);
        let Some(tls) = tls else { return self.serve_http(stream).await };
        let handshake = tokio::time::timeout(self.handshake_timeout, tls.acceptor().accept(stream));
        match self.shutdown.run_until_cancelled(handshake).await {
            Some(Ok(Ok(stream))) => self.serve_http(stream).await,
            Some(Ok(Err(error))) => debug!(%error, "A handshake failed"),
            Some(Err(_)) | None => debug!("A handshake did not end in time"),
        }
    }

    async fn serve_http(self, stream: impl AsyncRead + AsyncWrite + Send + Unpin + 'static) {
        let Self { peer, line, router, shutdown, header_timeout, .. } = self;
        let service = hyper::service::service_fn(move |request: Request<Incoming>| {
            let mut request = request.map(Body::new);
            request.extensions_mut().insert(peer);
            request.extensions_mut().insert(line.clone());
            router.clone().oneshot(request)
        });
        let mut builder = Builder::new();
        builder.timer(TokioTimer::new()).header_read_timeout(header_timeout).max_buf_size(64 * 1024);
        let mut connection = pin!(builder.serve_connection(TokioIo::new(stream), service).with_upgrades());
        let ended = tokio::select! {
            ended = connection.as_mut() => ended,
            () = shutdown.cancelled() => {
                connection.as_mut().graceful_shutdown();
                connection.await
            }
        };
        if let Err(error) = ended {
            debug!(%error, "A connection ended early");
        }
    }
}

/// Running out of file descriptors is no reason to spin.
async fn pause_after(error: &io::Error) {
    let of_the_connection = matches!(
        error.kind(),
        io::ErrorKind::ConnectionAborted | io::ErrorKind::ConnectionReset | io::ErrorKind::Interrupted
    );
    if !of_the_connection {
        warn!(%error, "No connection can be accepted");
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}
