//! The operator's view of the whole installation.

use erpmax_types::audit::{AuditEvent, AuditFilter};
use erpmax_types::operator::{
    OperatorJob, OperatorSummary, OperatorTenant, OperatorTenantDetails, StartSupportAccess, SupportAccess,
    SupportAccessStarted,
};
use erpmax_types::{SupportAccessId, TenantId};

use super::service;
use super::tenants::narrowed;
use crate::call::Call;
use crate::{Download, Keyed, Pages, Result, endpoints};

service! {
    /// What operators of the installation see and do; for everybody else it is not there.
    ///
    /// ```no_run
    /// # async fn example(client: erpmax_client::ApiClient) -> erpmax_client::Result<()> {
    /// let operator = client.operator();
    /// println!("{} tenants", operator.summary().await?.tenants);
    /// for job in operator.jobs(Some("failed")).await?.items {
    ///     println!("{}: {}", job.tenant_name, job.job.error.unwrap_or_default());
    /// }
    /// # Ok(())
    /// # }
    /// ```
    Operator
}

impl Operator {
    /// All tenants, or those whose name, slug, site or member's address begins so.
    pub fn tenants(&self, beginning: Option<&str>) -> Pages<Vec<OperatorTenant>> {
        Pages::of(self.client.call(&endpoints::OPERATOR_TENANTS).query_if("q", beginning))
    }

    /// One tenant.
    pub async fn tenant(&self, tenant: TenantId) -> Result<OperatorTenantDetails> {
        self.client.call(&endpoints::OPERATOR_TENANT).at(tenant).send().await
    }

    /// Enters a site for support.
    pub fn start_access(&self, tenant: TenantId, reason: &str, minutes: u32) -> Keyed<SupportAccessStarted> {
        let start = StartSupportAccess { reason: reason.to_owned(), minutes };
        Keyed::of(self.client.call(&endpoints::START_ACCESS).at(tenant).json(&start))
    }

    /// Leaves it.
    pub async fn end_access(&self, tenant: TenantId, access: SupportAccessId) -> Result<SupportAccess> {
        self.client.call(&endpoints::END_ACCESS).at(tenant).at(access).send().await
    }

    /// Jobs that are `failed`, or only those that are `leaked`.
    pub fn jobs(&self, status: Option<&str>) -> Pages<Vec<OperatorJob>> {
        Pages::of(self.client.call(&endpoints::OPERATOR_JOBS).query_if("status", status))
    }

    /// The audit trail of one tenant or of all.
    pub fn audit(&self, tenant: Option<TenantId>, filter: &AuditFilter) -> Pages<Vec<AuditEvent>> {
        Pages::of(of_tenant(self.client.call(&endpoints::OPERATOR_AUDIT), tenant, filter))
    }

    /// The same as a CSV file.
    pub async fn audit_export(&self, tenant: Option<TenantId>, filter: &AuditFilter) -> Result<Download> {
        of_tenant(self.client.call(&endpoints::OPERATOR_AUDIT_EXPORT), tenant, filter).carry_out().await
    }

    /// The installation in numbers.
    pub async fn summary(&self) -> Result<OperatorSummary> {
        self.client.call(&endpoints::OPERATOR_SUMMARY).send().await
    }
}

fn of_tenant(call: Call, tenant: Option<TenantId>, filter: &AuditFilter) -> Call {
    narrowed(call.query_if("tenant", tenant), filter)
}
