//! An answer that is a file: read as it comes.

use std::io;

use bytes::Bytes;
use http::Request;
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use tokio::io::{AsyncWrite, AsyncWriteExt};
use tokio::time::timeout;

use crate::call::Received;
use crate::transport::Http;
use crate::{Error, Result, answer};

/// A file on its way. Each piece has the receive timeout; the whole may take as long as it takes.
///
/// ```no_run
/// # async fn example(client: erpmax_client::ApiClient) -> Result<(), Box<dyn std::error::Error>> {
/// let tenant = client.tenants().current().await?;
/// let trail = client.tenants().audit_export(tenant.id, &Default::default()).await?;
/// trail.write_to(&mut tokio::fs::File::create("audit.csv").await?).await?;
/// # Ok(())
/// # }
/// ```
pub struct Download {
    http: Http,
    body: Incoming,
}

impl Received for Download {
    async fn receive(http: &Http, request: Request<Full<Bytes>>) -> Result<Self> {
        let (response, until) = http.begin(request).await?;
        if response.status().is_success() {
            return Ok(Self { http: http.clone(), body: response.into_body() });
        }
        let answered = Http::read(response, until).await?;
        Err(answer::refusal_in(&answered).unwrap_or_else(|| Error::unexpected(answered.status, "it is no file")))
    }
}

impl Download {
    /// The next piece; none at the end.
    ///
    /// # Errors
    /// If the connection breaks before the end, so that half a file is never taken for a whole one.
    pub async fn next(&mut self) -> Result<Option<Bytes>> {
        loop {
            let frame = timeout(self.http.receive_timeout(), self.body.frame()).await.map_err(|_| Error::Timeout)?;
            let Some(frame) = frame.transpose().map_err(Error::connection)? else { return Ok(None) };
            if let Ok(piece) = frame.into_data() {
                return Ok(Some(piece));
            }
        }
    }

    /// All of it, in memory.
    pub async fn bytes(self) -> Result<Vec<u8>> {
        let mut all = Vec::new();
        self.write_to(&mut all).await?;
        Ok(all)
    }

    /// Writes all of it to a file or something else; how many bytes that were.
    ///
    /// # Errors
    /// [`Error::Invalid`] if `to` does not take it, such as a full disk.
    pub async fn write_to(mut self, to: &mut (impl AsyncWrite + Unpin)) -> Result<u64> {
        let unwritable = |error: io::Error| Error::Invalid(format!("what was downloaded cannot be written: {error}"));
        let mut written = 0;
        while let Some(piece) = self.next().await? {
            to.write_all(&piece).await.map_err(unwritable)?;
            written += piece.len() as u64;
        }
        to.flush().await.map_err(unwritable)?;
        Ok(written)
    }
}
