//! The trial of a new company: written at registration, or when it is first used if it came with an invitation; moved once, when
//! its site is first ready.

use std::time::Duration;

use anyhow::Context;
use erpmax_store::subscriptions::{self, SubscriptionRow};
use erpmax_store::{Tx, plans, tenants};
use erpmax_types::TenantId;
use erpmax_types::billing::{BillingPeriod, SubscriptionStatus};
use serde_json::Value;

use crate::audit::{Action, Actor, record};
use crate::{Core, Result};

const TRIAL: Duration = Duration::from_secs(14 * 86_400);

/// Lets the trial of a dormant tenant begin, because it is used from now on; a second time changes nothing.
pub(crate) async fn wake(core: &Core, tx: &mut Tx, actor: Actor<'_>, tenant: TenantId) -> Result<()> {
    if !tenants::wake(tx, tenant).await? {
        return Ok(());
    }
    begin(core, tx, tenant).await?;
    let target = Some(tenant.to_string());
    record(core, tx, actor, Action { name: "tenants.wake", tenant: Some(tenant), target, change: Value::Null }).await
}

/// Begins a trial of the default plan.
pub(crate) async fn begin(core: &Core, tx: &mut Tx, tenant: TenantId) -> Result<()> {
    let plan = plans::find_default(tx).await?.context("there is no default plan")?;
    let now = core.now();
    let subscription = SubscriptionRow {
        id: core.id(),
        tenant_id: tenant,
        plan_id: plan.id,
        status: SubscriptionStatus::Trial,
        billing_period: BillingPeriod::Monthly,
        trial_ends_at: Some(now + TRIAL),
        trial_moved_at: None,
        current_period_start: now,
        current_period_end: now + TRIAL,
        cancelled_at: None,
        cancel_at_period_end: false,
        cancel_reason: None,
        provider: None,
        next_step_at: None,
        deadline_at: None,
        reminded_of: None,
        reminded_days: 0,
        created_at: now,
        updated_at: now,
    };
    Ok(subscriptions::insert(tx, &subscription).await?)
}

/// Lets the trial begin with the ready site; a second time changes nothing.
pub(crate) async fn move_once(core: &Core, tx: &mut Tx, tenant: TenantId) -> Result<()> {
    let Some(mut subscription) = subscriptions::find_of_tenant(tx, tenant).await? else { return Ok(()) };
    if subscription.status != SubscriptionStatus::Trial || subscription.trial_moved_at.is_some() {
        return Ok(());
    }
    let now = core.now();
    subscription.trial_ends_at = Some(now + TRIAL);
    subscription.trial_moved_at = Some(now);
    subscription.current_period_start = now;
    subscription.current_period_end = now + TRIAL;
    super::subscription::save(core, tx, subscription).await.map(drop)
}
