//! Members of a tenant: who they are, their roles, and the end of a membership.

use erpmax_store::memberships::{self, MemberRow};
use erpmax_store::outbox::{Audience, News};
use erpmax_store::{Tx, tenants, users};
use erpmax_types::envelope::{Page, PageRequest};
use erpmax_types::notifications::NotificationType;
use erpmax_types::tenants::{TenantUser, UpdateRole};
use erpmax_types::users::Role;
use erpmax_types::{ErrorCode, UserId};
use serde_json::json;

use super::api_keys;
use super::found::{Life, found, is_taken_slug};
use crate::access::{Admin, Member, Owner};
use crate::audit::{Action, record};
use crate::billing::limits;
use crate::mail::{Letter, Recipient};
use crate::notifications::{Text, tell_person};
use crate::validation::{Fields, id};
use crate::{Core, Result};

/// A page of a tenant's members.
pub async fn list(core: &Core, admin: &Admin, page: PageRequest) -> Result<Page<TenantUser>> {
    let mut conn = core.store().read().await?;
    let rows = memberships::list(&mut conn, admin.tenant_id, page.size, page.offset()).await?;
    let total = memberships::count(&mut conn, admin.tenant_id).await?;
    Ok(page.of(rows.into_iter().map(to_tenant_user).collect(), total))
}

/// The caller's role under the tenant's lock: the one that the request came with may have been taken away meanwhile. A key is no
/// more than what it was made for.
pub(super) async fn role_now(tx: &mut Tx, caller: &Member) -> Result<Role> {
    let member = memberships::find(tx, caller.tenant_id, caller.user_id).await?;
    Ok(member.ok_or(ErrorCode::NotFound)?.role.lower(caller.role))
}

/// Gives a member another role. The last owner stays one.
pub async fn change_role(core: &Core, owner: &Owner, user: &str, request: &UpdateRole) -> Result<TenantUser> {
    let user: UserId = id(user)?;
    let mut fields = Fields::default();
    let role = check_role(&mut fields, &request.role);
    fields.check()?;
    let role = role.ok_or(ErrorCode::ValidationFailed)?;

    let mut tx = core.store().begin().await?;
    tenants::lock(&mut tx, owner.tenant_id).await?;
    if role_now(&mut tx, owner).await? != Role::Owner {
        return Err(ErrorCode::Forbidden.into());
    }
    let member = memberships::find(&mut tx, owner.tenant_id, user).await?.ok_or(ErrorCode::NotFound)?;
    if role == member.role {
        return Ok(to_tenant_user(member));
    }
    if member.role == Role::Owner {
        refuse_last_owner(&mut tx, &member, owner).await?;
    }
    if role.includes(member.role) {
        limits::check_members(&mut tx, owner.tenant_id).await?;
    }
    memberships::update_role(&mut tx, owner.tenant_id, user, role).await?;
    let ended = api_keys::end_of_creator(core, &mut tx, owner.tenant_id, user, Some(role)).await?;
    let text = Text::new("role_changed", NotificationType::Info).with("role", role.to_string());
    tell(core, &mut tx, owner, &member, text, |company| Letter::RoleChanged { company, role }).await?;
    let change = json!({"from": member.role, "to": role, "ended_api_keys": ended});
    let (tenant, target) = (Some(owner.tenant_id), Some(user.to_string()));
    record(core, &mut tx, (&****owner).into(), Action { name: "members.change_role", tenant, target, change }).await?;
    tx.commit().await?;
    Ok(to_tenant_user(MemberRow { role, ..member }))
}

/// Ends a membership: one's own, a `user`'s by an admin, anybody's by an owner. It takes effect on the next request and on
/// open sockets.
pub async fn remove(core: &Core, member: &Member, user: &str) -> Result<()> {
    let user: UserId = id(user)?;
    // Leaving is a person's; a key removes others or nobody.
    let leaving = user == member.user_id && member.session().is_some();
    let mut tx = core.store().begin().await?;
    tenants::lock(&mut tx, member.tenant_id).await?;
    let role = role_now(&mut tx, member).await?;
    if !leaving && !role.includes(Role::Admin) {
        return Err(ErrorCode::Forbidden.into());
    }
    let removed = memberships::find(&mut tx, member.tenant_id, user).await?.ok_or(ErrorCode::NotFound)?;
    if !leaving && removed.role != Role::User && role != Role::Owner {
        return Err(ErrorCode::Forbidden.into());
    }
    if removed.role == Role::Owner {
        refuse_last_owner(&mut tx, &removed, member).await?;
    }
    let ended = api_keys::end_of_creator(core, &mut tx, member.tenant_id, user, None).await?;
    memberships::delete(&mut tx, member.tenant_id, user).await?;
    found_own_if_none(core, &mut tx, user).await?;
    memberships::ensure_default(&mut tx, user).await?;
    core.tell(&mut tx, Audience::Member(member.tenant_id, user), News::Close);
    if !leaving {
        let text = Text::new("removed", NotificationType::Warning);
        tell(core, &mut tx, member, &removed, text, |company| Letter::Removed { company }).await?;
    }
    let name = if leaving { "members.leave" } else { "members.remove" };
    let (tenant, target) = (Some(member.tenant_id), Some(user.to_string()));
    let change = json!({"role": removed.role, "ended_api_keys": ended});
    record(core, &mut tx, (&**member).into(), Action { name, tenant, target, change }).await?;
    Ok(tx.commit().await?)
}

/// Nobody is without a company: who handed the own one over gets another when the last one is left.
pub(crate) async fn found_own_if_none(core: &Core, tx: &mut Tx, user: UserId) -> Result<()> {
    if !memberships::list_of_user(tx, user).await?.is_empty() {
        return Ok(());
    }
    let Some(person) = users::find(tx, user).await? else { return Ok(()) };
    let founded = found(core, tx, &person, &person.full_name, Life::Dormant).await;
    founded.map(drop).map_err(|error| if is_taken_slug(&error) { ErrorCode::Conflict.into() } else { error })
}

async fn refuse_last_owner(tx: &mut Tx, owner: &MemberRow, caller: &Member) -> Result<()> {
    let owners = memberships::count_owners(tx, caller.tenant_id).await?;
    if owner.role == Role::Owner && owners <= 1 { Err(ErrorCode::Conflict.into()) } else { Ok(()) }
}

async fn tell(
    core: &Core,
    tx: &mut Tx,
    caller: &Member,
    member: &MemberRow,
    text: Text,
    letter: impl FnOnce(String) -> Letter,
) -> Result<()> {
    let company = tenants::find(tx, caller.tenant_id).await?.map(|row| row.name).unwrap_or_default();
    let letter = letter(company.clone());
    let text = text.with("company", company);
    tell_person(core, tx, (member.user_id, &Recipient::from(member)), caller.tenant_id, &text, &letter).await
}

pub(super) fn check_role(fields: &mut Fields, role: &str) -> Option<Role> {
    let role = role.trim().to_lowercase().parse().ok();
    if role.is_none() {
        fields.problem("role", "role_unknown");
    }
    role
}

pub(super) fn to_tenant_user(row: MemberRow) -> TenantUser {
    TenantUser {
        user_id: row.user_id,
        email: row.email,
        full_name: row.full_name,
        role: row.role,
        is_default: row.is_default,
        joined_at: row.joined_at,
    }
}
