//! Over the network, with rustls where the address is `https`.

use std::io;
use std::sync::{Arc, OnceLock};

use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName, pem::PemObject};
use tracing::warn;

use super::{BoxFuture, Stream, Target, Transport, tls};
use crate::{Error, Result};

/// The transport over the network. Certificates are always checked, against the system's authorities and those given here.
///
/// ```
/// use erpmax_client::{ApiClient, transport::Network};
///
/// let client = ApiClient::builder("https://api.example").transport(Network::default()).build()?;
/// # Ok::<(), erpmax_client::Error>(())
/// ```
#[derive(Clone, Default)]
pub struct Network {
    inner: Arc<Inner>,
}

#[derive(Clone, Default)]
struct Inner {
    authorities: Vec<CertificateDer<'static>>,
    trusts_loopback: bool,
    // Reading the system's authorities takes milliseconds, which a client of plain HTTP need not spend.
    checked: OnceLock<TlsConnector>,
    unchecked: OnceLock<TlsConnector>,
}

impl Network {
    /// Also trusts the authorities in `pem`, such as those of a company.
    ///
    /// ```no_run
    /// # use erpmax_client::transport::Network;
    /// let network = Network::default().with_authorities(&std::fs::read("company.pem")?)?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// If it holds no certificate.
    pub fn with_authorities(&self, pem: &[u8]) -> Result<Self> {
        let read: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(pem).collect();
        let read = read.map_err(|error| Error::Invalid(format!("the certificates cannot be read: {error}")))?;
        if read.is_empty() {
            return Err(Error::Invalid("there is no certificate in what is to be trusted".to_owned()));
        }
        let authorities = [self.inner.authorities.clone(), read].concat();
        Ok(self.changed(|inner| inner.authorities = authorities))
    }

    /// For development: a certificate is not checked where the other end is this machine, and a warning says so.
    ///
    /// It has no effect on any other address. What decides is the address that the connection was made to, not its name.
    #[must_use]
    pub fn trusting_any_certificate_on_loopback(&self) -> Self {
        self.changed(|inner| inner.trusts_loopback = true)
    }

    fn changed(&self, change: impl FnOnce(&mut Inner)) -> Self {
        let Inner { authorities, trusts_loopback, .. } = self.inner.as_ref().clone();
        let mut inner = Inner { authorities, trusts_loopback, ..Inner::default() };
        change(&mut inner);
        Self { inner: Arc::new(inner) }
    }
}

impl Transport for Network {
    fn connect(&self, target: &Target) -> BoxFuture<'static, io::Result<Stream>> {
        let (inner, target) = (self.inner.clone(), target.clone());
        Box::pin(async move {
            let tcp = TcpStream::connect((target.host.as_str(), target.port)).await?;
            tcp.set_nodelay(true)?;
            if !target.is_tls {
                return Ok(Stream::new(tcp));
            }
            let name = ServerName::try_from(target.host).map_err(io::Error::other)?;
            let connector = inner.connector(&tcp)?;
            Ok(Stream::new(connector.connect(name, tcp).await?))
        })
    }
}

impl Inner {
    fn connector(&self, tcp: &TcpStream) -> io::Result<&TlsConnector> {
        if self.trusts_loopback && tcp.peer_addr()?.ip().is_loopback() {
            warn!("The certificate of a server on this machine is not checked");
            return Ok(self.unchecked.get_or_init(tls::unchecked));
        }
        if let Some(connector) = self.checked.get() {
            return Ok(connector);
        }
        let connector = tls::checked(&self.authorities)?;
        Ok(self.checked.get_or_init(|| connector))
    }
}
