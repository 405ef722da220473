//! Jobs that nobody asks for but the life of the subscription: closing a site, opening it again, and its deletion at the end.

use erpmax_store::jobs::{self, JobRow};
use erpmax_store::{Tx, memberships, subscriptions, tenants};
use erpmax_types::provisioning::JobType;
use erpmax_types::users::Role;
use erpmax_types::{ErrorCode, SiteId, TenantId};

use super::create::{Asker, enqueue, new_job};
use crate::billing::life::is_alive;
use crate::messages::Language;
use crate::{Core, Result};

/// Asks for a job about a tenant's site in the name of the subscription, behind all others of the tenant. The caller holds the tenant's lock.
pub(crate) async fn ask(core: &Core, tx: &mut Tx, (tenant, site): (TenantId, SiteId), job_type: JobType) -> Result<()> {
    let owners = memberships::list_with_role(tx, tenant, Role::Owner).await?;
    let owner = owners.first().ok_or(ErrorCode::NotFound)?;
    let language = Language::from_tag(&owner.language);
    let asker = Asker { tenant, user: owner.user_id, language: &language, is_automatic: true };
    let job = new_job(core, asker, job_type, site);
    jobs::insert(tx, &job).await?;
    enqueue(core, tx, &job).await
}

/// Calls a deletion off that the end of a subscription asked for, if there was a payment meanwhile; whether it did.
pub(super) async fn call_off(core: &Core, tx: &mut Tx, job: &mut JobRow) -> Result<bool> {
    if !job.is_automatic
        || job.job_type != JobType::DeleteSite
        || job.is_irrevocable
        || job.cancel_requested_at.is_some()
    {
        return Ok(false);
    }
    tenants::lock(tx, job.tenant_id).await?;
    let subscription = subscriptions::find_of_tenant(tx, job.tenant_id).await?;
    let is_paid = subscription.is_some_and(|row| is_alive(row.status));
    if is_paid {
        job.cancel_requested_at = Some(core.now());
    }
    Ok(is_paid)
}
