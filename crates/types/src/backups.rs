//! Archives of a tenant's site.

use serde::{Deserialize, Serialize};

use crate::{BackupId, JobId, Timestamp};

/// An archive of a site: its data and files in one `tar.gz`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Backup {
    /// The archive's id.
    pub id: BackupId,
    /// The job that made it.
    pub job_id: JobId,
    /// The site's name.
    pub site_name: String,
    /// Its size in bytes.
    pub bytes: i64,
    /// Its SHA-256, in hexadecimal digits, to compare with what was downloaded.
    pub sha256: String,
    /// Whether it is the one that was taken before the site was deleted.
    pub is_last: bool,
    /// When it was finished.
    pub created_at: Timestamp,
}

/// An address at which an archive can be fetched, once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct BackupLink {
    /// The address. Whoever has it can fetch the archive.
    pub url: String,
    /// The name that the file is given.
    pub file_name: String,
    /// Until when it is good.
    pub expires_at: Timestamp,
}
