//! Provisioning jobs (guide §2 `provisioning_job.dart`, §3 `provisioning_service.dart`).

use serde::{Deserialize, Serialize};

use crate::{JobId, TenantId, Timestamp};

crate::macros::words! {
    /// Where a job stands: `pending → running → completed | failed`.
    JobStatus {
        /// Waits for a runner.
        Pending = "pending",
        /// A runner has it.
        Running = "running",
        /// Done.
        Completed = "completed",
        /// Not done, undone, and not running any more.
        Failed = "failed",
    }
}

crate::macros::words! {
    /// What a job does. The seed client sends the names of its enumeration and decodes `snake_case`.
    JobType {
        /// Builds the tenant's site.
        CreateSite = "create_site" | "createSite",
        /// Takes a last backup and removes the site.
        DeleteSite = "delete_site" | "deleteSite",
        /// Makes an archive of the site.
        BackupSite = "backup_site" | "backupSite",
        /// Closes the site until a payment. Nobody asks for it: the end of a subscription does.
        SuspendSite = "suspend_site",
        /// Opens a suspended site again. Nobody asks for it: a payment does.
        ResumeSite = "resume_site",
    }
}

impl JobType {
    /// Whether nobody asks for such a job but the life of the subscription.
    pub const fn is_automatic(self) -> bool {
        matches!(self, Self::SuspendSite | Self::ResumeSite)
    }
}

/// A provisioning request and how far it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ProvisioningJob {
    /// The job's id.
    pub id: JobId,
    /// Whose it is.
    pub tenant_id: TenantId,
    /// Where it stands.
    pub status: JobStatus,
    /// What it does.
    pub job_type: JobType,
    /// Percent, 0 to 100; never goes down within an attempt.
    pub progress: i64,
    /// What is being done, in a few words.
    pub message: Option<String>,
    /// Why it failed.
    pub error: Option<String>,
    /// The step that runs or ran last.
    pub step: Option<String>,
    /// Counts retries, from 1.
    pub attempt: i64,
    /// When the first runner took this attempt.
    pub started_at: Option<Timestamp>,
    /// When it ended.
    pub completed_at: Option<Timestamp>,
    /// When it was asked for.
    pub created_at: Timestamp,
}

/// `POST /provisioning/jobs`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "openapi", schema(example = json!({"job_type": "create_site"})))]
pub struct CreateJob {
    /// `create_site`, `delete_site` or `backup_site`; the names of the seed client's enumeration are accepted too.
    pub job_type: String,
}
