//! The life of a subscription: a pure machine says what comes next ([`Life`]), and one transaction a tenant makes it so ([`follow`]).
//!
//! `subscriptions.next_step_at` says when somebody has to look. Whoever changes a subscription sets it to "at once"; what a look does and
//! how far the subscription is then commit together, so a step is told once, whoever dies when.

mod look;
mod machine;
mod policy;
mod scheduler;
mod simulate;
mod tell;
#[cfg(test)]
mod tests;

use erpmax_store::{Tx, sites, subscriptions, tenants};
use erpmax_types::provisioning::JobType;
use erpmax_types::tenants::TenantStatus;
use erpmax_types::{ErrorCode, TenantId};
use serde_json::json;

use super::subscription::tell_sockets;
use crate::audit::{Action, Actor, record};
use crate::{Core, Result, provisioning};
use look::Look;

pub use look::look_at;
pub use machine::{Due, Life, Reminded, SiteState, Step, is_alive};
pub use policy::Policy;
pub use scheduler::{follow_due, follow_forever};
pub use simulate::{Act, Happening, Line, Suppositions, simulate, table};

/// Takes every step of a tenant's subscription whose time has come. The caller holds the tenant's lock, and has saved what it changed about
/// the subscription.
pub(crate) async fn follow(core: &Core, tx: &mut Tx, tenant: TenantId) -> Result<()> {
    let Some(mut look) = Look::at(tx, tenant).await? else { return Ok(()) };
    let (policy, now) = (&core.settings().billing.policy, core.now());
    // Another node may have been here meanwhile.
    if look.subscription.next_step_at.is_none_or(|at| at > now) {
        return Ok(());
    }
    while let Some(step) = look.life.due(policy, now) {
        let before = look.life;
        look.life = before.after(step, policy, now);
        make_so(core, tx, &look, step).await?;
        tell::tell(core, tx, &look, step).await?;
        note(core, tx, &look, step, before).await?;
    }
    keep(core, tx, &look).await
}

/// Makes site and tenant what a step says.
async fn make_so(core: &Core, tx: &mut Tx, look: &Look, step: Step) -> Result<()> {
    let job_type = match step {
        Step::Suspend => JobType::SuspendSite,
        Step::Resume => JobType::ResumeSite,
        Step::Delete => JobType::DeleteSite,
        _ => return Ok(()),
    };
    let (tenant, site) = (look.tenant.id, look.site.as_ref().ok_or(ErrorCode::SiteMissing)?.id);
    if job_type != JobType::DeleteSite {
        let suspended = job_type == JobType::SuspendSite;
        let status = if suspended { TenantStatus::Suspended } else { TenantStatus::Active };
        sites::set_suspended(tx, site, suspended).await?;
        tenants::update_status(tx, tenant, status, core.now()).await?;
    }
    provisioning::ask(core, tx, (tenant, site), job_type).await
}

/// Writes a step into the audit trail.
async fn note(core: &Core, tx: &mut Tx, look: &Look, step: Step, before: Life) -> Result<()> {
    let change = json!({
        "step": step.name(), "days": step.days(), "from": before.status, "to": look.life.status, "deadline": look.life.deadline,
    });
    let (tenant, target) = (Some(look.tenant.id), Some(look.subscription.id.to_string()));
    record(core, tx, Actor::default(), Action { name: "billing.step", tenant, target, change }).await
}

/// Writes how far the subscription is, and when its next step comes; sockets are told of another status.
async fn keep(core: &Core, tx: &mut Tx, look: &Look) -> Result<()> {
    let (tenant, now) = (look.tenant.id, core.now());
    let next = look.life.next(&core.settings().billing.policy, now);
    let row = look.row(next.map(|due| due.at), now);
    subscriptions::update_life(tx, &row).await?;
    if is_alive(row.status) && look.tenant.status == TenantStatus::Cancelled {
        tenants::update_status(tx, tenant, TenantStatus::Pending, now).await?;
    }
    if row.status != look.subscription.status {
        tell_sockets(core, tx, &row).await?;
    }
    Ok(())
}
