//! Archives of the site.

use erpmax_types::BackupId;
use erpmax_types::backups::{Backup, BackupLink};

use super::service;
use crate::{Download, Error, Pages, Result, endpoints};

service! {
    /// Archives of the site.
    ///
    /// ```no_run
    /// # async fn example(client: erpmax_client::ApiClient) -> Result<(), Box<dyn std::error::Error>> {
    /// let newest = client.backups().list().size(1).await?.items.remove(0);
    /// let link = client.backups().link(newest.id).await?;
    /// let mut file = tokio::fs::File::create(&link.file_name).await?;
    /// client.backups().download(&link).await?.write_to(&mut file).await?;
    /// # Ok(())
    /// # }
    /// ```
    Backups
}

impl Backups {
    /// The archives of the session's tenant, newest first.
    pub fn list(&self) -> Pages<Vec<Backup>> {
        Pages::of(self.client.call(&endpoints::BACKUPS))
    }

    /// A link to an archive: good for ten minutes and once. May answer `confirmation_required` (see [`Auth::confirm`](super::Auth::confirm)).
    pub async fn link(&self, backup: BackupId) -> Result<BackupLink> {
        self.client.call(&endpoints::BACKUP_LINK).at(backup).send().await
    }

    /// Fetches what a link leads to, from the client's own server.
    ///
    /// # Errors
    /// [`Error::Invalid`] if the link has no token at its end.
    pub async fn download(&self, link: &BackupLink) -> Result<Download> {
        let token = link.url.rsplit('/').next().filter(|token| !token.is_empty());
        let token = token.ok_or_else(|| Error::Invalid("the link has no token at its end".to_owned()))?;
        self.client.call(&endpoints::BACKUP_DOWNLOAD).at(token).carry_out().await
    }
}
