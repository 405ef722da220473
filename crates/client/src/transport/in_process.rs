//! A server in the same process, spoken to over a stream in memory: no port, no encryption, the same HTTP and WebSocket.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use tokio::io::{DuplexStream, duplex};

use super::{BoxFuture, Stream, Target, Transport};

/// Bytes that wait in each direction, at most.
const BUFFER: usize = 64 * 1024;

/// A server's way in for callers of its own process.
///
/// It serves HTTP/1.1 with upgrades on the stream, on a task of its own, as it does for a connection from outside.
pub trait Doorway: Send + Sync + 'static {
    /// Serves one connection. `caller` is whose request it is; none for the process itself.
    fn serve(&self, stream: DuplexStream, caller: Option<SocketAddr>);
}

impl<F: Fn(DuplexStream, Option<SocketAddr>) + Send + Sync + 'static> Doorway for F {
    fn serve(&self, stream: DuplexStream, caller: Option<SocketAddr>) {
        self(stream, caller);
    }
}

/// The transport into a server of the same process. Cheap to clone.
///
/// It alone hands on a caller's address, beside the stream and never in a header, so that nobody outside can pretend to one.
///
/// ```
/// use erpmax_client::{ApiClient, transport::InProcess};
/// use tokio::io::DuplexStream;
///
/// let doorway = |stream: DuplexStream, _caller| drop(stream);
/// let transport = InProcess::new(doorway);
/// let caller = "192.0.2.7:50000".parse()?;
/// let client = ApiClient::builder("http://localhost").transport(transport.on_behalf_of(caller)).build()?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct InProcess {
    doorway: Arc<dyn Doorway>,
    caller: Option<SocketAddr>,
}

impl InProcess {
    /// Into the server behind `doorway`.
    pub fn new(doorway: impl Doorway) -> Self {
        Self { doorway: Arc::new(doorway), caller: None }
    }

    /// The same server, told whose requests these are.
    #[must_use]
    pub fn on_behalf_of(&self, caller: SocketAddr) -> Self {
        Self { doorway: self.doorway.clone(), caller: Some(caller) }
    }
}

impl Transport for InProcess {
    fn connect(&self, _target: &Target) -> BoxFuture<'static, io::Result<Stream>> {
        let (ours, theirs) = duplex(BUFFER);
        self.doorway.serve(theirs, self.caller);
        Box::pin(async { Ok(Stream::new(ours)) })
    }
}
