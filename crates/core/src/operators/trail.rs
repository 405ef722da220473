//! The audit trail of all tenants and of the installation.

use erpmax_types::TenantId;
use erpmax_types::audit::{AuditEvent, AuditFilter};
use erpmax_types::envelope::{Page, PageRequest};

use super::note_reading;
use crate::access::Operator;
use crate::{Core, Result, audit};

/// A page of what was done in a tenant, or anywhere, newest first.
pub async fn trail(
    core: &Core,
    operator: &Operator,
    tenant: Option<TenantId>,
    filter: &AuditFilter,
    page: PageRequest,
) -> Result<Page<AuditEvent>> {
    note_reading(core, operator, tenant).await?;
    audit::page_of(core, tenant, filter, page).await
}

/// The same as CSV of at most [`audit::MOST_LINES`] lines.
pub async fn export_trail(
    core: &Core,
    operator: &Operator,
    tenant: Option<TenantId>,
    filter: &AuditFilter,
) -> Result<String> {
    note_reading(core, operator, tenant).await?;
    audit::export_all(core, tenant, filter).await
}
