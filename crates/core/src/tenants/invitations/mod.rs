//! Invitations: making, listing and taking them back, and what becomes of them when an address is proven.
//!
//! An invitation waits while it has time left and who sent it may still invite that far: with the inviter's membership, role or
//! account the invitation goes too, until somebody sends it again.

mod invite;
pub(crate) mod links;
mod open;

use std::time::Duration;

use erpmax_store::invitations::{self as store, InvitationRow};
use erpmax_store::users::UserRow;
use erpmax_store::{Tx, memberships, tenants};
use erpmax_types::notifications::NotificationType;
use erpmax_types::users::{Role, UserTenant};
use erpmax_types::{ErrorCode, TenantId};
use serde_json::json;

use crate::audit::{Action, Actor, record};
use crate::billing::limits;
use crate::mail::{Letter, Recipient};
use crate::notifications::{Text, tell_person};
use crate::validation::email_key;
use crate::{Core, Result, field};

pub use invite::invite;
pub use open::{list, resend, revoke};

/// How long an invitation is good.
pub(crate) const LIFETIME: Duration = Duration::from_secs(7 * 86_400);

/// An admin invites users, an owner admins too; ownership is handed over and not invited. The store's invitations that wait
/// follow the same rule.
fn refuse_to_invite(inviter: Role, invited: Role) -> Result<()> {
    match (inviter, invited) {
        (Role::Owner, Role::Owner) => Err(field("role", "role_owner")),
        (Role::Owner, _) | (Role::Admin, Role::User) => Ok(()),
        _ => Err(ErrorCode::Forbidden.into()),
    }
}

/// Makes the owner of a proven address a member wherever an invitation waits for it. Where the plan has no room any more it goes on
/// waiting.
pub(crate) async fn accept_waiting(core: &Core, tx: &mut Tx, user: &UserRow) -> Result<()> {
    for invitation in store::list_waiting(tx, &email_key(&user.email), core.now()).await? {
        tenants::lock(tx, invitation.tenant_id).await?;
        match join(core, tx, user, &invitation).await {
            Err(problem) if problem.code() == ErrorCode::PlanLimitReached => {}
            joined => joined?,
        }
    }
    Ok(())
}

/// Makes the person who showed a link a member; one whose address is proven, by the link or before, wherever else an invitation
/// waits too.
pub(crate) async fn accept(core: &Core, tx: &mut Tx, user: &UserRow, invited: &links::Invited) -> Result<UserTenant> {
    let tenant = invited.invitation.tenant_id;
    if invited.proves_address() || user.email_proven_at.is_some() {
        accept_waiting(core, tx, user).await?;
    } else {
        tenants::lock(tx, tenant).await?;
    }
    if let Some(joined) = membership_in(tx, user, tenant).await? {
        return Ok(joined);
    }
    // One that went on waiting says why.
    join(core, tx, user, &invited.invitation).await?;
    Ok(membership_in(tx, user, tenant).await?.ok_or(ErrorCode::InvalidToken)?)
}

async fn membership_in(tx: &mut Tx, user: &UserRow, tenant: TenantId) -> Result<Option<UserTenant>> {
    let memberships = memberships::list_of_user(tx, user.id).await?;
    Ok(memberships.into_iter().find(|membership| membership.tenant_id == tenant))
}

/// Makes a person a member and tells them, if the invitation still waits and the plan has room. Joining never changes the current or default tenant.
pub(crate) async fn join(core: &Core, tx: &mut Tx, user: &UserRow, invitation: &InvitationRow) -> Result<()> {
    limits::check_room_for_member(tx, invitation.tenant_id).await?;
    if !store::accept(tx, invitation.id, core.now()).await? {
        return Ok(());
    }
    let joined = memberships::insert(tx, invitation.tenant_id, user.id, invitation.role, false, core.now()).await?;
    if !joined {
        return Ok(());
    }
    tell(core, tx, user, invitation.tenant_id, invitation.role).await?;
    let change = json!({"role": invitation.role, "invited_by": invitation.invited_by, "invitation": invitation.id});
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
