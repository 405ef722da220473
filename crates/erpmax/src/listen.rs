//! The addresses that people come in at.

use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;

use erpmax_server::{Listener, Tls};
use tokio::net::TcpListener;
use tracing::info;

use crate::configuration::Configuration;
use crate::failure::Failure;

/// What we listen on.
pub(crate) struct Doors {
    pub(crate) listeners: Vec<Listener>,
    /// Where people come in; at least one.
    pub(crate) addresses: Vec<SocketAddr>,
    /// Where this process reaches itself, always without TLS.
    pub(crate) own: SocketAddr,
    pub(crate) tls: Option<Arc<Tls>>,
}

impl Doors {
    /// Listens on every address. An IPv6 address may be missing where the machine has no IPv6, as long as another one works.
    pub(crate) async fn open(configuration: &Configuration) -> Result<Self, Failure> {
        let tls = configuration.tls.load().map_err(|error| Failure::wrong(error.to_string()))?.map(Arc::new);
        let sockets = listen(configuration).await?;
        let addresses = sockets.iter().map(TcpListener::local_addr).collect::<Result<Vec<_>, _>>();
        let addresses = addresses.map_err(Failure::unexpected)?;
        let first = *addresses.first().ok_or_else(|| Failure::wrong("listen: give at least one address"))?;
        let mut listeners: Vec<_> = sockets.into_iter().map(|tcp| Listener { tcp, tls: tls.clone() }).collect();
        let mut own = reachable(first);
        if tls.is_some() {
            let inner = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.map_err(Failure::unexpected)?;
            own = inner.local_addr().map_err(Failure::unexpected)?;
            listeners.push(inner.into());
        }
        Ok(Self { listeners, addresses, own, tls })
    }

    pub(crate) fn port(&self) -> u16 {
        self.addresses.first().map_or(0, SocketAddr::port)
    }

    pub(crate) fn addresses_as_text(&self) -> String {
        self.addresses.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
    }
}

async fn listen(configuration: &Configuration) -> Result<Vec<TcpListener>, Failure> {
    let mut listeners = Vec::new();
    for text in &configuration.listen {
        let address: SocketAddr =
            text.parse().map_err(|_| Failure::wrong(format!("listen: `{text}` is no address")))?;
        match TcpListener::bind(address).await {
            Ok(listener) => listeners.push(listener),
            Err(error) if is_missing_ipv6(address, &error) && !listeners.is_empty() => {
                info!(%address, "This machine has no IPv6; going on without");
            }
            Err(error) => return Err(explain_bind(address, &error)),
        }
    }
    Ok(listeners)
}

fn is_missing_ipv6(address: SocketAddr, error: &std::io::Error) -> bool {
    address.is_ipv6() && matches!(error.kind(), std::io::ErrorKind::AddrNotAvailable | std::io::ErrorKind::Unsupported)
}

fn explain_bind(address: SocketAddr, error: &std::io::Error) -> Failure {
    Failure::wrong(match error.kind() {
        std::io::ErrorKind::AddrInUse => {
            format!("{address} is in use by another program; stop it, or choose another address with --listen")
        }
        std::io::ErrorKind::PermissionDenied => {
            format!("listening on {address} is not permitted; choose a port above 1023")
        }
        _ => format!("listening on {address} is not possible: {error}"),
    })
}

/// An unspecified address stands for loopback.
fn reachable(mut address: SocketAddr) -> SocketAddr {
    if address.ip().is_unspecified() {
        address.set_ip(if address.is_ipv4() { Ipv4Addr::LOCALHOST.into() } else { Ipv6Addr::LOCALHOST.into() });
    }
    address
}
