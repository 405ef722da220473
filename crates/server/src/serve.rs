//! The loop that serves connections: bounded in number, patient with nobody, and drained at the end.

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
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tower::ServiceExt;
use tracing::{debug, warn};

use crate::realtime::Line;

/// The other end of a connection; in the extensions of its requests.
#[derive(Clone, Copy, Debug)]
pub struct Peer(pub SocketAddr);

/// How connections are served.
#[derive(Clone, Debug)]
pub struct ServeSettings {
    /// Connections at once; more wait to be accepted.
    pub max_connections: usize,
    /// How long a request's head may take to arrive, and a connection be idle.
    pub header_timeout: Duration,
    /// How long running requests may take to end at shutdown.
    pub drain_timeout: Duration,
}

impl Default for ServeSettings {
    fn default() -> Self {
        Self {
            max_connections: 16_384,
            header_timeout: Duration::from_secs(30),
            drain_timeout: Duration::from_secs(20),
        }
    }
}

/// Serves `router` on all `listeners` until `shutdown`, then lets running requests end.
pub async fn serve(listeners: Vec<TcpListener>, router: Router, settings: ServeSettings, shutdown: CancellationToken) {
    let places = Arc::new(Semaphore::new(settings.max_connections));
    let connections = TaskTracker::new();
    let doors = listeners.into_iter().map(|listener| {
        let door = Door {
            listener,
            router: router.clone(),
            places: places.clone(),
            connections: connections.clone(),
            shutdown: shutdown.clone(),
            header_timeout: settings.header_timeout,
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
    listener: TcpListener,
    router: Router,
    places: Arc<Semaphore>,
    connections: TaskTracker,
    shutdown: CancellationToken,
    header_timeout: Duration,
}

impl Door {
    async fn accept_forever(self) {
        loop {
            let Ok(place) = self.places.clone().acquire_owned().await else { return };
            match self.listener.accept().await {
                Ok((stream, peer)) => self.serve_one(stream, peer, place),
                Err(error) => pause_after(&error).await,
            }
        }
    }

    fn serve_one(&self, stream: TcpStream, peer: SocketAddr, place: OwnedSemaphorePermit) {
        if let Err(error) = stream.set_nodelay(true) {
            debug!(%error, "A connection keeps Nagle's algorithm");
        }
        let line = Line::default();
        let router = self.router.clone();
        let io = TokioIo::new(line.clone().guard(stream));
        let service = hyper::service::service_fn(move |request: Request<Incoming>| {
            let mut request = request.map(Body::new);
            request.extensions_mut().insert(Peer(peer));
            request.extensions_mut().insert(line.clone());
            router.clone().oneshot(request)
        });
        let mut builder = Builder::new();
        builder.timer(TokioTimer::new()).header_read_timeout(self.header_timeout).max_buf_size(64 * 1024);
        let shutdown = self.shutdown.clone();
        self.connections.spawn(async move {
            let mut connection = pin!(builder.serve_connection(io, service).with_upgrades());
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
            drop(place);
        });
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
