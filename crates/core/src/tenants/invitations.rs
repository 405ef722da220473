//! Invitations, and what becomes of them when an address is proven.

use std::time::Duration;

use erpmax_store::invitations::{self, InvitationRow};
use erpmax_store::users::UserRow;
use erpmax_store::{Tx, memberships, tenants};
use erpmax_types::notifications::NotificationType;
use erpmax_types::users::Role;
use erpmax_types::{ErrorCode, TenantId};
use serde_json::json;

use crate::audit::{Action, Actor, record};
use crate::billing::limits;
use crate::mail::{Letter, Recipient};
use crate::notifications::{Text, tell_person};
use crate::validation::email_key;
use crate::{Core, Result};

/// How long an invitation is good.
pub(crate) const LIFETIME: Duration = Duration::from_secs(7 * 86_400);

/// Makes the owner of a proven address a member wherever an invitation waits for it. Where the plan has no room any more it goes on
/// waiting.
pub(crate) async fn accept_waiting(core: &Core, tx: &mut Tx, user: &UserRow) -> Result<()> {
    for invitation in invitations::list_waiting(tx, &email_key(&user.email), core.now()).await? {
        match join(core, tx, user, &invitation).await {
            Err(problem) if problem.code() == ErrorCode::PlanLimitReached => {}
            joined => joined?,
        }
    }
    Ok(())
}

/// Makes a person a member and tells them, if the plan has room. Joining never changes the current or default tenant.
pub(crate) async fn join(core: &Core, tx: &mut Tx, user: &UserRow, invitation: &InvitationRow) -> Result<()> {
    limits::check_room_for_member(tx, invitation.tenant_id).await?;
    invitations::accept(tx, invitation.id, core.now()).await?;
    let joined = memberships::insert(tx, invitation.tenant_id, user.id, invitation.role, false, core.now()).await?;
    if !joined {
        return Ok(());
    }
    tell(core, tx, user, invitation.tenant_id, invitation.role).await?;
    let change = json!({"role": invitation.role, "invited_by": invitation.invited_by});
    let actor = Actor { user: Some(user.id), ..Actor::default() };
    let (tenant, target) = (Some(invitation.tenant_id), Some(user.id.to_string()));
    record(core, tx, actor, Action { name: "members.join", tenant, target, change }).await
}

async fn tell(core: &Core, tx: &mut Tx, user: &UserRow, tenant: TenantId, role: Role) -> Result<()> {
    let company = tenants::find(tx, tenant).await?.map(|row| row.name).unwrap_or_default();
    let letter = Letter::Joined { company: company.clone(), role };
    let text = Text::new("joined", NotificationType::Info).with("company", company).with("role", role.to_string());
    tell_person(core, tx, (user.id, &Recipient::from(user)), tenant, &text, &letter).await
}
