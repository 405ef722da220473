//! Requests over what the transport opens, with connections kept for the next one.

use std::io;
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use ::http::{HeaderMap, Request, StatusCode, Uri};
use bytes::Bytes;
use http_body_util::{BodyExt, Full, LengthLimitError, Limited};
use hyper::body::Incoming;
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::capture_connection;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use tokio::time::{Instant, timeout, timeout_at};
use tower::Service;

use super::{BoxFuture, Stream, Target, Transport};
use crate::{Error, Result};

/// Bytes that an answer may have which is read as a whole.
const MOST: usize = 16 * 1024 * 1024;
/// How long an unused connection is kept; shorter than servers and proxies keep it.
const IDLE: Duration = Duration::from_secs(20);

/// Sends requests. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Http {
    client: Client<Connector, Full<Bytes>>,
    connector: Connector,
    receive_timeout: Duration,
}

/// An answer that was read to its end.
pub(crate) struct Answered {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl Http {
    pub(crate) fn new(transport: Arc<dyn Transport>, connect_timeout: Duration, receive_timeout: Duration) -> Self {
        let connector = Connector { transport, connect_timeout };
        let mut builder = Client::builder(TokioExecutor::new());
        builder.pool_timer(TokioTimer::new()).pool_idle_timeout(IDLE);
        Self { client: builder.build(connector.clone()), connector, receive_timeout }
    }

    /// Opens a connection for something else than a request.
    pub(crate) async fn connect(&self, target: &Target) -> Result<Stream> {
        self.connector.open(target).await.map_err(|error| match error.kind() {
            io::ErrorKind::TimedOut => Error::Timeout,
            _ => Error::connection(error),
        })
    }

    /// Sends a request and reads the whole answer; connecting has its own time, all the rest is in the receive timeout.
    pub(crate) async fn send(&self, request: Request<Full<Bytes>>) -> Result<Answered> {
        let (response, until) = self.begin(request).await?;
        Self::read(response, until).await
    }

    /// Reads the rest of an answer that has begun.
    pub(crate) async fn read(response: hyper::Response<Incoming>, until: Instant) -> Result<Answered> {
        let (head, body) = response.into_parts();
        let read = timeout_at(until, Limited::new(body, MOST).collect()).await.map_err(|_| Error::Timeout)?;
        let body = read.map_err(|error| broken(head.status, error))?.to_bytes();
        Ok(Answered { status: head.status, headers: head.headers, body })
    }

    /// Sends a request and reads the head of the answer; with it, when the time to receive all of it is over.
    pub(crate) async fn begin(
        &self,
        mut request: Request<Full<Bytes>>,
    ) -> Result<(hyper::Response<Incoming>, Instant)> {
        let mut connection = capture_connection(&mut request);
        // The time to receive begins with the connection, be it new or one that was kept.
        let connected = async {
            drop(connection.wait_for_connection_metadata().await);
            Instant::now() + self.receive_timeout
        };
        let mut answer = pin!(self.client.request(request));
        let latest = Instant::now() + self.connector.connect_timeout + self.receive_timeout;
        let until = tokio::select! {
            biased;
            answer = timeout_at(latest, &mut answer) => {
                let answer = answer.map_err(|_| Error::Timeout)?.map_err(Error::connection)?;
                return Ok((answer, latest.min(Instant::now() + self.receive_timeout)));
            }
            until = connected => until,
        };
        let answer = timeout_at(until, answer).await.map_err(|_| Error::Timeout)?;
        Ok((answer.map_err(Error::connection)?, until))
    }

    /// How long an answer may take to come in.
    pub(crate) const fn receive_timeout(&self) -> Duration {
        self.receive_timeout
    }
}

/// What an error in the middle of a body means.
fn broken(status: StatusCode, error: Box<dyn std::error::Error + Send + Sync>) -> Error {
    if error.is::<LengthLimitError>() { Error::unexpected(status, "it is too long") } else { Error::connection(error) }
}

/// The transport, as hyper wants it.
#[derive(Clone)]
struct Connector {
    transport: Arc<dyn Transport>,
    connect_timeout: Duration,
}

impl Connector {
    async fn open(&self, target: &Target) -> io::Result<Stream> {
        let opened = timeout(self.connect_timeout, self.transport.connect(target)).await;
        opened.unwrap_or_else(|_| Err(io::Error::new(io::ErrorKind::TimedOut, "connecting took too long")))
    }
}

impl Service<Uri> for Connector {
    type Response = TokioIo<Stream>;
    type Error = io::Error;
    type Future = BoxFuture<'static, io::Result<Self::Response>>;

    fn poll_ready(&mut self, _context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, uri: Uri) -> Self::Future {
        let connector = self.clone();
        Box::pin(async move {
            let target = Target::of(&uri).ok_or_else(|| io::Error::other("the address has no host"))?;
            connector.open(&target).await.map(TokioIo::new)
        })
    }
}
