//! What a plan allows.

use erpmax_store::{Conn, invitations, memberships, plans, subscriptions};
use erpmax_types::billing::SubscriptionStatus;
use erpmax_types::{ErrorCode, TenantId};
use serde_json::{Map, Value};

use crate::{Core, Result};

/// Refuses one more person above the plan's `users`; waiting invitations count.
pub(crate) async fn check_room_for_user(core: &Core, conn: &mut Conn, tenant: TenantId) -> Result<()> {
    let Some(limit) = user_limit(conn, tenant).await? else { return Ok(()) };
    let members = memberships::count(conn, tenant).await?;
    let waiting = invitations::count_waiting_of_tenant(conn, tenant, core.now()).await?;
    if members + waiting >= limit { Err(ErrorCode::PlanLimitReached.into()) } else { Ok(()) }
}

/// Refuses what needs a subscription that lives.
pub(crate) async fn check_subscription(conn: &mut Conn, tenant: TenantId) -> Result<()> {
    match subscriptions::find_of_tenant(conn, tenant).await? {
        Some(row) if !matches!(row.status, SubscriptionStatus::Cancelled | SubscriptionStatus::Expired) => Ok(()),
        _ => Err(ErrorCode::SubscriptionInactive.into()),
    }
}

async fn user_limit(conn: &mut Conn, tenant: TenantId) -> Result<Option<u64>> {
    let Some(subscription) = subscriptions::find_of_tenant(conn, tenant).await? else { return Ok(None) };
    let Some(plan) = plans::find(conn, subscription.plan_id).await? else { return Ok(None) };
    let limits: Map<String, Value> = serde_json::from_str(&plan.limits)?;
    Ok(limits.get("users").and_then(Value::as_u64))
}
