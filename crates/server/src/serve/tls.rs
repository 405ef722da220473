//! TLS with a certificate and its key from PEM files, which may be renewed at any time.

use std::fs::Metadata;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::pem::{self, PemObject};
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::rustls::{self, ServerConfig};
use tokio_util::sync::CancellationToken;
use tracing::{error, info};

/// How often the files are looked at.
const PAUSE: Duration = Duration::from_secs(2);

/// A certificate with its key, as the files have it by now.
pub struct Tls {
    files: Files,
    acceptor: RwLock<TlsAcceptor>,
    loaded: Stamps,
}

/// Why a certificate cannot be used; each is a sentence for the operator.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// The certificate's file.
    #[error("the certificate file {0} cannot be used: {1}")]
    Certificate(PathBuf, #[source] pem::Error),
    /// The key's file.
    #[error("the key file {0} cannot be used: {1}")]
    Key(PathBuf, #[source] pem::Error),
    /// There is nothing in the file.
    #[error("the certificate file {0} holds no certificate")]
    Empty(PathBuf),
    /// The two are not a pair.
    #[error("the key in {key} does not belong to the certificate in {certificate}")]
    Mismatch {
        /// The certificate's file.
        certificate: PathBuf,
        /// The key's file.
        key: PathBuf,
    },
    /// What is in the files is no good.
    #[error("the certificate in {0} cannot be used: {1}")]
    Unusable(PathBuf, #[source] rustls::Error),
}

#[derive(Clone)]
struct Files {
    certificate: PathBuf,
    key: PathBuf,
}

/// What tells that a file is another than before: device, inode, length, seconds and nanoseconds of its last change.
type Stamp = Option<(u64, u64, u64, i64, i64)>;
type Stamps = (Stamp, Stamp);

impl Tls {
    /// Reads both files.
    pub fn load(certificate: &Path, key: &Path) -> Result<Self, TlsError> {
        let files = Files { certificate: certificate.to_owned(), key: key.to_owned() };
        let loaded = files.stamps();
        Ok(Self { acceptor: RwLock::new(files.read()?), files, loaded })
    }

    pub(super) fn acceptor(&self) -> TlsAcceptor {
        self.acceptor.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Takes over what is new in the files until `shutdown`; as long as that is no good, what there was stays.
    pub async fn renew_until(self: Arc<Self>, shutdown: CancellationToken) {
        let mut watch = Watch { taken: self.loaded, last: self.loaded };
        while shutdown.run_until_cancelled(tokio::time::sleep(PAUSE)).await.is_some() {
            let this = self.clone();
            let look = tokio::task::spawn_blocking(move || {
                if watch.has_changed(this.files.stamps()) {
                    this.renew();
                }
                watch
            });
            let Ok(after) = look.await else { return };
            watch = after;
        }
    }

    fn renew(&self) {
        match self.files.read() {
            Ok(acceptor) => {
                *self.acceptor.write().unwrap_or_else(PoisonError::into_inner) = acceptor;
                info!("The renewed certificate is in use");
            }
            Err(error) => error!("The certificate in use stays: {error}"),
        }
    }
}

impl Files {
    fn read(&self) -> Result<TlsAcceptor, TlsError> {
        let unreadable = |error| TlsError::Certificate(self.certificate.clone(), error);
        let chain = CertificateDer::pem_file_iter(&self.certificate).map_err(unreadable)?;
        let chain = chain.collect::<Result<Vec<_>, _>>().map_err(unreadable)?;
        if chain.is_empty() {
            return Err(TlsError::Empty(self.certificate.clone()));
        }
        let key = PrivateKeyDer::from_pem_file(&self.key).map_err(|error| TlsError::Key(self.key.clone(), error))?;
        acceptor(chain, key).map_err(|error| match error {
            rustls::Error::InconsistentKeys(_) => {
                TlsError::Mismatch { certificate: self.certificate.clone(), key: self.key.clone() }
            }
            error => TlsError::Unusable(self.certificate.clone(), error),
        })
    }

    fn stamps(&self) -> Stamps {
        (stamp(&self.certificate), stamp(&self.key))
    }
}

fn acceptor(chain: Vec<CertificateDer<'static>>, key: PrivateKeyDer<'static>) -> Result<TlsAcceptor, rustls::Error> {
    let mut config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_single_cert(chain, key)?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(TlsAcceptor::from(Arc::new(config)))
}

fn stamp(file: &Path) -> Stamp {
    let stamp = |file: Metadata| (file.dev(), file.ino(), file.len(), file.mtime(), file.mtime_nsec());
    std::fs::metadata(file).map(stamp).ok()
}

/// Tells when the files have changed and come to rest: both are rarely written in the same moment.
#[derive(Clone, Copy)]
struct Watch {
    taken: Stamps,
    last: Stamps,
}

impl Watch {
    fn has_changed(&mut self, now: Stamps) -> bool {
        let is_at_rest = now == self.last;
        self.last = now;
        if !is_at_rest || now == self.taken {
            return false;
        }
        self.taken = now;
        true
    }
}
