//! A tenant's subscription: showing it, ending it.

use erpmax_store::outbox::Audience;
use erpmax_store::plans::PlanRow;
use erpmax_store::subscriptions::{self, SubscriptionRow};
use erpmax_store::{Tx, plans, tenants};
use erpmax_types::ErrorCode;
use erpmax_types::billing::{CancelSubscription, Subscription, SubscriptionStatus};
use erpmax_types::events::Event;
use erpmax_types::notifications::NotificationType;
use serde_json::json;

use super::life;
use super::period::day_of;
use super::plans::to_plan;
use crate::access::{Member, Owner};
use crate::audit::{Action, record};
use crate::mail::Letter;
use crate::notifications::{Text, tell_owner};
use crate::validation::is_forbidden_in_names;
use crate::{Core, Result, field};

const REASON_LENGTH: usize = 1_000;

/// The member's tenant's subscription.
pub async fn subscription(core: &Core, member: &Member) -> Result<Subscription> {
    let mut conn = core.store().read().await?;
    let found = subscriptions::find_with_plan(&mut conn, member.tenant_id).await?;
    let (row, plan) = found.ok_or(ErrorCode::NotFound)?;
    to_subscription(&row, Some(plan))
}

/// Words of a person, in lines, that turn no direction.
fn is_reason(text: &str) -> bool {
    let is_good = |character| !is_forbidden_in_names(character) || matches!(character, '\n' | '\r' | '\t');
    text.chars().count() <= REASON_LENGTH && text.chars().all(is_good)
}

/// Ends the subscription with its period, or at once.
pub async fn cancel(core: &Core, owner: &Owner, request: &CancelSubscription) -> Result<Subscription> {
    if !request.reason.as_deref().is_none_or(is_reason) {
        return Err(field("reason", "invalid"));
    }
    let mut tx = core.store().begin().await?;
    tenants::lock(&mut tx, owner.tenant_id).await?;
    let mut row = subscriptions::find_of_tenant(&mut tx, owner.tenant_id).await?.ok_or(ErrorCode::NotFound)?;
    if !life::is_alive(row.status) {
        return Err(ErrorCode::Conflict.into());
    }
    if row.cancel_at_period_end && request.cancel_at_period_end {
        // Said before: nobody is told twice.
        return to_subscription(&row, plans::find(&mut tx, row.plan_id).await?);
    }
    let now = core.now();
    row.cancelled_at = Some(now);
    row.cancel_at_period_end = request.cancel_at_period_end;
    row.cancel_reason.clone_from(&request.reason);
    if !request.cancel_at_period_end {
        row.status = SubscriptionStatus::Cancelled;
        row.current_period_end = row.current_period_end.min(now);
    }
    let subscription = save(core, &mut tx, row).await?;
    tell(core, &mut tx, owner, &subscription).await?;
    life::follow(core, &mut tx, owner.tenant_id).await?;
    let change = json!({"cancel_at_period_end": request.cancel_at_period_end, "reason": request.reason});
    let (tenant, target) = (Some(owner.tenant_id), Some(subscription.id.to_string()));
    record(core, &mut tx, (&****owner).into(), Action { name: "billing.cancel", tenant, target, change }).await?;
    tx.commit().await?;
    Ok(subscription)
}

async fn tell(core: &Core, tx: &mut Tx, owner: &Owner, subscription: &Subscription) -> Result<()> {
    let until = subscription.current_period_end;
    let company = tenants::find(tx, owner.tenant_id).await?.map(|row| row.name).unwrap_or_default();
    let (name, letter) = if subscription.cancel_at_period_end {
        ("subscription_ends", Letter::SubscriptionEnds { company: company.clone(), until })
    } else {
        ("subscription_cancelled", Letter::SubscriptionCancelled { company: company.clone() })
    };
    let text = Text::new(name, NotificationType::Warning).with("company", company).with("date", day_of(until));
    tell_owner(core, tx, owner.tenant_id, &text, &letter).await
}

/// Writes a changed subscription and tells the tenant's sockets.
pub(super) async fn save(core: &Core, tx: &mut Tx, row: SubscriptionRow) -> Result<Subscription> {
    let row = SubscriptionRow { updated_at: core.now(), ..row };
    subscriptions::update(tx, &row).await?;
    tell_sockets(core, tx, &row).await
}

/// Tells the tenant's sockets how its subscription is now.
pub(super) async fn tell_sockets(core: &Core, tx: &mut Tx, row: &SubscriptionRow) -> Result<Subscription> {
    let plan = plans::find(tx, row.plan_id).await?;
    let subscription = to_subscription(row, plan)?;
    let event = Event::SubscriptionUpdated { subscription: subscription.clone() };
    core.emit(tx, Audience::Tenant(row.tenant_id), event);
    Ok(subscription)
}

/// A subscription as the wire shows it.
pub(crate) fn to_subscription(row: &SubscriptionRow, plan: Option<PlanRow>) -> Result<Subscription> {
    Ok(Subscription {
        id: row.id,
        tenant_id: row.tenant_id,
        plan_id: row.plan_id,
        status: row.status,
        billing_period: row.billing_period,
        trial_ends_at: row.trial_ends_at,
        current_period_start: row.current_period_start,
        current_period_end: row.current_period_end,
        cancelled_at: row.cancelled_at,
        cancel_at_period_end: row.cancel_at_period_end,
        plan: plan.map(to_plan).transpose()?,
    })
}
