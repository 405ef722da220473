//! What a plan allows.

use erpmax_store::plans::PlanRow;
use erpmax_store::{Conn, invitations, memberships, plans, subscriptions};
use erpmax_types::{ErrorCode, TenantId};
use serde_json::{Map, Value};

use super::life::is_alive;
use crate::error::plan_limit;
use crate::{Core, PlanLimit, Result};

/// Refuses one more person above the plan's `users`; waiting invitations count.
pub(crate) async fn check_room_for_user(core: &Core, conn: &mut Conn, tenant: TenantId) -> Result<()> {
    let used = used_seats(core, conn, tenant).await?;
    refuse_above(conn, tenant, used + 1, used).await
}

/// Refuses a member more than the plan's `users`: the plan may have become smaller since the invitation.
pub(crate) async fn check_room_for_member(conn: &mut Conn, tenant: TenantId) -> Result<()> {
    let members = memberships::count(conn, tenant).await?;
    refuse_above(conn, tenant, members + 1, members).await
}

/// Refuses more rights for a member as long as there are more members than the plan's `users`.
pub(crate) async fn check_members(conn: &mut Conn, tenant: TenantId) -> Result<()> {
    let members = memberships::count(conn, tenant).await?;
    refuse_above(conn, tenant, members, members).await
}

/// Refuses what needs a subscription that lives.
pub(crate) async fn check_subscription(conn: &mut Conn, tenant: TenantId) -> Result<()> {
    match subscriptions::find_of_tenant(conn, tenant).await? {
        Some(row) if is_alive(row.status) => Ok(()),
        _ => Err(ErrorCode::SubscriptionInactive.into()),
    }
}

/// How many members and waiting invitations have to go before a tenant fits into a plan.
pub(crate) async fn surplus_users(core: &Core, conn: &mut Conn, tenant: TenantId, plan: &PlanRow) -> Result<u64> {
    let Some(allowed) = allowed_users(plan)? else { return Ok(0) };
    Ok(used_seats(core, conn, tenant).await?.saturating_sub(allowed))
}

async fn used_seats(core: &Core, conn: &mut Conn, tenant: TenantId) -> Result<u64> {
    let members = memberships::count(conn, tenant).await?;
    Ok(members + invitations::count_waiting_of_tenant(conn, tenant, core.now()).await?)
}

/// Refuses more than the plan allows; names the smallest plan on sale that allows it.
async fn refuse_above(conn: &mut Conn, tenant: TenantId, wanted: u64, used: u64) -> Result<()> {
    let Some((_, plan)) = subscriptions::find_with_plan(conn, tenant).await? else { return Ok(()) };
    let Some(allowed) = allowed_users(&plan)?.filter(|allowed| wanted > *allowed) else { return Ok(()) };
    let mut lifting = None;
    for plan in plans::list_active(conn).await? {
        if lifting.is_none() && allowed_users(&plan)?.is_none_or(|allowed| wanted <= allowed) {
            lifting = Some(plan.slug);
        }
    }
    Err(plan_limit(PlanLimit { limit: "users", used, allowed, lifting_plan: lifting }))
}

/// How many people a plan allows; none for any number.
fn allowed_users(plan: &PlanRow) -> Result<Option<u64>> {
    let limits: Map<String, Value> = serde_json::from_str(&plan.limits)?;
    Ok(limits.get("users").and_then(Value::as_u64))
}
