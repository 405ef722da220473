//! Jobs: making, deleting and backing up the site (guide §3, `provisioning_service.dart`).

use erpmax_types::JobId;
use erpmax_types::provisioning::{CreateJob, JobType, ProvisioningJob};

use super::{Watch, service};
use crate::{Keyed, Pages, Result, endpoints};

service! {
    /// Jobs: making, deleting and backing up the site.
    ///
    /// ```no_run
    /// # async fn example(client: erpmax_client::ApiClient) -> erpmax_client::Result<()> {
    /// use erpmax_client::types::provisioning::JobType;
    ///
    /// let job = client.provisioning().create(JobType::BackupSite).await?;
    /// println!("{}", client.provisioning().get(job.id).await?.progress);
    /// # Ok(())
    /// # }
    /// ```
    Provisioning
}

impl Provisioning {
    /// The jobs of the session's tenant, newest first, of the three types that the guide knows.
    pub fn list(&self) -> Pages<Vec<ProvisioningJob>> {
        Pages::of(self.client.call(&endpoints::JOBS))
    }

    /// The jobs of every type.
    pub fn list_all_types(&self) -> Pages<Vec<ProvisioningJob>> {
        self.list().query("types", "all")
    }

    /// One job.
    pub async fn get(&self, job: JobId) -> Result<ProvisioningJob> {
        self.client.call(&endpoints::JOB).at(job).send().await
    }

    /// Asks for a job. While one of the type is under way, that one is the answer.
    pub fn create(&self, job_type: JobType) -> Keyed<ProvisioningJob> {
        let create = CreateJob { job_type: job_type.to_string() };
        Keyed::of(self.client.call(&endpoints::CREATE_JOB).json(&create))
    }

    /// Follows a job to its end.
    pub fn watch(&self, job: JobId) -> Watch {
        Watch::of(self, job, self.client.realtime().events())
    }

    /// Begins a failed job anew.
    pub async fn retry(&self, job: JobId) -> Result<ProvisioningJob> {
        self.client.call(&endpoints::RETRY_JOB).at(job).send().await
    }

    /// Stops a job; it has ended when everything is undone.
    pub async fn cancel(&self, job: JobId) -> Result<ProvisioningJob> {
        self.client.call(&endpoints::CANCEL_JOB).at(job).send().await
    }
}
