//! `site.json`: what a sandbox site knows of itself, and whose a folder is.

use std::fs;
use std::io::{self, ErrorKind};
use std::path::Path;

use erpmax_types::runner::LeasedSite;
use erpmax_types::site_name::SiteName;
use erpmax_types::{JobId, SiteId, TenantId};
use serde::{Deserialize, Serialize};

use super::{Desk, files};

const FILE: &str = "site.json";

/// A site's own description.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct SiteRecord {
    pub(super) id: SiteId,
    /// The job that built it.
    pub(super) job_id: JobId,
    pub(super) tenant_id: TenantId,
    pub(super) company: String,
    pub(super) name: SiteName,
    pub(super) url: String,
    pub(super) owner: Owner,
}

/// The site's first user.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Owner {
    pub(super) email: String,
    pub(super) name: String,
}

impl SiteRecord {
    pub(super) fn new(job_id: JobId, site: &LeasedSite) -> Self {
        Self {
            id: site.id,
            job_id,
            tenant_id: site.tenant_id,
            company: site.company.clone(),
            name: site.name.clone(),
            url: site.url.clone(),
            owner: Owner { email: site.owner_email.clone(), name: site.owner_name.clone() },
        }
    }

    /// Whether this is the site that the job builds.
    pub(super) fn is_of(&self, desk: &Desk) -> bool {
        self.id == desk.site.id && self.job_id == desk.job_id && self.tenant_id == desk.site.tenant_id
    }

    pub(super) fn write(&self, folder: &Path) -> io::Result<()> {
        files::write(&folder.join(FILE), &serde_json::to_vec_pretty(self)?)
    }

    /// The record in a folder, if it holds a whole one.
    pub(super) fn read(folder: &Path) -> io::Result<Option<Self>> {
        match fs::read(folder.join(FILE)) {
            Ok(bytes) => Ok(serde_json::from_slice(&bytes).ok()),
            Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => Ok(None),
            Err(error) => Err(error),
        }
    }
}

/// Who is at the address of a job's site.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Occupant {
    Nobody,
    /// This very site, built by this job.
    ThisJob,
    /// This very site.
    ThisSite,
    /// Somebody else, never to be touched.
    Stranger,
}

impl Occupant {
    pub(super) fn of(desk: &Desk) -> io::Result<Self> {
        let address = desk.layout.site(&desk.site.name);
        if !address.try_exists()? {
            return Ok(Self::Nobody);
        }
        Ok(match SiteRecord::read(&address)? {
            Some(record) if record.id != desk.site.id => Self::Stranger,
            Some(record) if record.job_id == desk.job_id => Self::ThisJob,
            Some(_) => Self::ThisSite,
            None => Self::Stranger,
        })
    }

    /// Whether the job's site is there.
    pub(super) const fn is_the_site(self) -> bool {
        matches!(self, Self::ThisJob | Self::ThisSite)
    }
}
