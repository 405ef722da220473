//! How bytes reach the server: over the network, or in process. HTTP and WebSocket run over what a transport opens.

mod http;
mod in_process;
mod network;
mod tls;

use std::future::Future;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use ::http::Uri;
use hyper_util::client::legacy::connect::{Connected, Connection};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

pub(crate) use self::http::{Answered, Http};
pub use in_process::{Doorway, InProcess};
pub use network::Network;

/// A future that can be kept and sent.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// Opens connections to the server.
///
/// [`Network`] and [`InProcess`] are the two that there are; tests write their own.
///
/// ```
/// use erpmax_client::{ApiClient, transport::{BoxFuture, Stream, Target, Transport}};
///
/// /// A server that is never there.
/// struct Nowhere;
///
/// impl Transport for Nowhere {
///     fn connect(&self, _target: &Target) -> BoxFuture<'static, std::io::Result<Stream>> {
///         Box::pin(async { Err(std::io::ErrorKind::ConnectionRefused.into()) })
///     }
/// }
///
/// let client = ApiClient::builder("http://localhost:8000").transport(Nowhere).build()?;
/// # Ok::<(), erpmax_client::Error>(())
/// ```
pub trait Transport: Send + Sync + 'static {
    /// Opens a connection that is ready for HTTP/1.1; encryption is the transport's business.
    fn connect(&self, target: &Target) -> BoxFuture<'static, io::Result<Stream>>;
}

/// Where a connection goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// A name, or an address of digits, without brackets.
    pub host: String,
    /// The port.
    pub port: u16,
    /// Whether it is `https`.
    pub is_tls: bool,
}

impl Target {
    /// The target of an address such as `https://api.example/…`; none if it has no host or another scheme.
    pub fn of(uri: &Uri) -> Option<Self> {
        let is_tls = match uri.scheme_str()? {
            "http" => false,
            "https" => true,
            _ => return None,
        };
        let host = uri.host()?.trim_matches(['[', ']']).to_owned();
        let port = uri.port_u16().unwrap_or(if is_tls { 443 } else { 80 });
        (!host.is_empty()).then_some(Self { host, port, is_tls })
    }

    /// Whether it is this machine, as far as the name tells.
    pub(crate) fn is_loopback(&self) -> bool {
        let name = self.host.to_ascii_lowercase();
        let is_name = name == "localhost" || name.ends_with(".localhost");
        is_name || name.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
    }
}

/// Bytes in both directions.
pub trait Duplex: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> Duplex for T {}

/// A connection that a transport opened.
pub struct Stream(Box<dyn Duplex>);

impl Stream {
    /// Wraps what a transport opened.
    pub fn new(stream: impl Duplex + 'static) -> Self {
        Self(Box::new(stream))
    }
}

impl Connection for Stream {
    fn connected(&self) -> Connected {
        Connected::new()
    }
}

impl AsyncRead for Stream {
    fn poll_read(mut self: Pin<&mut Self>, context: &mut Context<'_>, to: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_read(context, to)
    }
}

impl AsyncWrite for Stream {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.0).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_shutdown(context)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn target(uri: &str) -> Option<Target> {
        Target::of(&uri.parse().expect("an address"))
    }

    #[test]
    fn a_target_is_read_from_an_address() {
        let expected = Target { host: "api.example".to_owned(), port: 443, is_tls: true };
        assert_eq!(target("https://api.example/api/v1"), Some(expected));
        assert_eq!(target("http://[::1]:8000").map(|target| target.host), Some("::1".to_owned()));
        assert_eq!(target("ftp://api.example"), None);
        assert_eq!(target("/api/v1"), None);
    }

    #[test]
    fn only_this_machine_is_loopback() {
        for address in ["http://localhost:8000", "https://127.0.0.2", "https://[::1]", "https://a.localhost"] {
            assert!(target(address).expect("a target").is_loopback(), "{address}");
        }
        for address in ["https://localhost.example", "https://192.0.2.1", "https://127.0.0.1.example"] {
            assert!(!target(address).expect("a target").is_loopback(), "{address}");
        }
    }
}
