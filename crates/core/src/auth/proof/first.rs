//! What becomes of an account when its address is proven, and of what was begun before by who may not have owned it.

use erpmax_store::mail_tokens;
use erpmax_store::memberships::{self, MemberRow};
use erpmax_store::outbox::{Audience, News};
use erpmax_store::users::{self, UserRow};
use erpmax_store::{Tx, invitations, second_factors, sessions, sites, tenants};
use erpmax_types::TenantId;
use erpmax_types::mail::MailPurpose;
use erpmax_types::notifications::NotificationType;
use erpmax_types::users::Role;
use serde_json::json;

use super::end_all;
use crate::audit::{Action, Actor, record};
use crate::mail::{self, Letter, Recipient};
use crate::messages::Language;
use crate::notifications::{Text, notify_user, tell_person};
use crate::tenants::members::found_own_if_none;
use crate::tenants::{api_keys, invitations as waiting};
use crate::{Core, Result};

/// Notes that the address is proven; invitations that waited for it are accepted.
pub(in crate::auth) async fn prove(core: &Core, tx: &mut Tx, user: &UserRow) -> Result<()> {
    users::prove_email(tx, user.id, core.now()).await?;
    mail_tokens::delete_unspent(tx, user.id, MailPurpose::VerifyAddress).await?;
    waiting::accept_waiting(core, tx, user).await
}

/// Sets the password of who reads the address's mail, and ends all sessions; how many. Before the first proof somebody else may
/// have had the account: then what was set up in it ends too.
pub(in crate::auth) async fn set_password(core: &Core, tx: &mut Tx, user: &UserRow, hash: &str) -> Result<u64> {
    let now = core.now();
    users::replace_password(tx, user.id, &user.password_hash, hash, now).await?;
    let ended = sessions::end_all(tx, user.id, "password_changed", now).await?;
    core.tell(tx, Audience::User(user.id), News::Close);
    end_all(tx, user).await?;
    if user.email_proven_at.is_none() {
        clear(core, tx, user).await?;
    }
    let text = Text::new("password_changed", NotificationType::Warning);
    notify_user(core, tx, user.id, None, &Language::from_tag(&user.language), &text).await?;
    mail::send(core, tx, &Recipient::from(user), None, &Letter::PasswordChanged).await?;
    Ok(ended)
}

/// Ends what whoever opened the account set up in it.
async fn clear(core: &Core, tx: &mut Tx, user: &UserRow) -> Result<()> {
    second_factors::delete_recovery_codes(tx, user.id).await?;
    second_factors::delete(tx, user.id).await?;
    invitations::revoke_waiting_of_inviter(tx, user.id, core.now()).await?;
    let mut memberships = memberships::list_of_user(tx, user.id).await?;
    // Tenants are locked in the order of their ids, as waiting invitations lock them.
    memberships.sort_by_key(|membership| membership.tenant_id);
    for membership in memberships {
        api_keys::end_after_first_proof(core, tx, membership.tenant_id, user.id).await?;
        if membership.role == Role::Owner {
            clear_company(core, tx, user, membership.tenant_id).await?;
        }
    }
    Ok(())
}

/// Whoever was let into a company without a site goes; where there is one they may have work in it, and stay.
async fn clear_company(core: &Core, tx: &mut Tx, user: &UserRow, tenant: TenantId) -> Result<()> {
    tenants::lock(tx, tenant).await?;
    if sites::find_of_tenant(tx, tenant).await?.is_some() {
        return Ok(());
    }
    for member in memberships::list_with_role(tx, tenant, Role::User).await? {
        if member.user_id != user.id {
            remove(core, tx, user, tenant, &member).await?;
        }
    }
    Ok(())
}

async fn remove(core: &Core, tx: &mut Tx, user: &UserRow, tenant: TenantId, member: &MemberRow) -> Result<()> {
    let ended = api_keys::end_of_creator(core, tx, tenant, member.user_id, None).await?;
    memberships::delete(tx, tenant, member.user_id).await?;
    found_own_if_none(core, tx, member.user_id).await?;
    memberships::ensure_default(tx, member.user_id).await?;
    core.tell(tx, Audience::Member(tenant, member.user_id), News::Close);
    let company = tenants::find(tx, tenant).await?.map(|row| row.name).unwrap_or_default();
    let text = Text::new("removed", NotificationType::Warning).with("company", company.clone());
    let person = (member.user_id, &Recipient::from(member));
    tell_person(core, tx, person, tenant, &text, &Letter::Removed { company }).await?;
    let actor = Actor { user: Some(user.id), ..Actor::default() };
    let change = json!({"role": member.role, "reason": "first_proof", "ended_api_keys": ended});
    let target = Some(member.user_id.to_string());
    record(core, tx, actor, Action { name: "members.remove", tenant: Some(tenant), target, change }).await
}
