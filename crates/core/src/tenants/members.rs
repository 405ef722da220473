//! Members of a tenant: who they are, inviting, roles, and the end of a membership.

use erpmax_store::invitations::{self as store_invitations, InvitationRow};
use erpmax_store::memberships::{self, MemberRow};
use erpmax_store::outbox::{Audience, News};
use erpmax_store::users::{self, UserRow};
use erpmax_store::{Tx, tenants};
use erpmax_types::envelope::{Page, PageRequest};
use erpmax_types::notifications::NotificationType;
use erpmax_types::tenants::{Invitation, InviteUser, TenantUser, UpdateRole};
use erpmax_types::users::Role;
use erpmax_types::{ErrorCode, UserId};
use serde_json::json;

use super::{api_keys, invitations};
use crate::access::{Admin, Member, Owner};
use crate::audit::{Action, record};
use crate::idempotency::{keep, replay};
use crate::mail::{Letter, Recipient};
use crate::notifications::{Text, tell_person};
use crate::validation::{Fields, email_key, id};
use crate::{Core, Idempotency, Result, billing, field};

/// A page of a tenant's members.
pub async fn list(core: &Core, admin: &Admin, page: PageRequest) -> Result<Page<TenantUser>> {
    let mut conn = core.store().read().await?;
    let rows = memberships::list(&mut conn, admin.tenant_id, page.size, page.offset()).await?;
    let total = memberships::count(&mut conn, admin.tenant_id).await?;
    Ok(page.of(rows.into_iter().map(to_tenant_user).collect(), total))
}

/// Invites a person. A proven account joins at once; otherwise the invitation waits until the address is proven. The answer
/// is the same either way.
pub async fn invite(
    core: &Core,
    admin: &Admin,
    request: &InviteUser,
    idempotency: Option<Idempotency>,
) -> Result<Invitation> {
    let mut fields = Fields::default();
    let email = fields.email("email", &request.email);
    let role = check_role(&mut fields, &request.role);
    fields.check()?;
    let role = role.ok_or(ErrorCode::ValidationFailed)?;
    refuse_to_invite(admin.role, role)?;

    let mut tx = core.store().begin().await?;
    users::lock_email(&mut tx, &email_key(&email)).await?;
    tenants::lock(&mut tx, admin.tenant_id).await?;
    refuse_to_invite(role_now(&mut tx, admin).await?, role)?;
    if let Some(answer) = replay(core, &mut tx, admin, idempotency.as_ref()).await? {
        return Ok(answer);
    }
    let invitation = add(core, &mut tx, admin, email, role).await?;
    let answer = to_invitation(invitation);
    keep(core, &mut tx, admin, idempotency.as_ref(), &answer).await?;
    tx.commit().await?;
    Ok(answer)
}

/// An admin invites users, an owner admins too; ownership is handed over and not invited.
fn refuse_to_invite(inviter: Role, invited: Role) -> Result<()> {
    match (inviter, invited) {
        (Role::Owner, Role::Owner) => Err(field("role", "role_owner")),
        (Role::Owner, _) | (Role::Admin, Role::User) => Ok(()),
        _ => Err(ErrorCode::Forbidden.into()),
    }
}

/// The caller's role under the tenant's lock: the one that the request came with may have been taken away meanwhile. A key is no
/// more than what it was made for.
pub(super) async fn role_now(tx: &mut Tx, caller: &Member) -> Result<Role> {
    let member = memberships::find(tx, caller.tenant_id, caller.user_id).await?;
    Ok(member.ok_or(ErrorCode::NotFound)?.role.lower(caller.role))
}

async fn add(core: &Core, tx: &mut Tx, admin: &Admin, email: String, role: Role) -> Result<InvitationRow> {
    let key = email_key(&email);
    let user = users::find_by_email(tx, &key).await?;
    if let Some(user) = &user
        && memberships::find(tx, admin.tenant_id, user.id).await?.is_some()
    {
        return Err(ErrorCode::AlreadyAMember.into());
    }
    let now = core.now();
    store_invitations::revoke_waiting(tx, admin.tenant_id, &key, now).await?;
    billing::limits::check_room_for_user(core, tx, admin.tenant_id).await?;
    let invitation = InvitationRow {
        id: core.id(),
        tenant_id: admin.tenant_id,
        email,
        role,
        invited_by: admin.user_id,
        created_at: now,
        expires_at: now + invitations::LIFETIME,
    };
    store_invitations::insert(tx, &invitation, &key).await?;
    let change = json!({"email": invitation.email, "role": role});
    let (tenant, target) = (Some(admin.tenant_id), Some(invitation.id.to_string()));
    record(core, tx, (&***admin).into(), Action { name: "members.invite", tenant, target, change }).await?;
    if let Some(user) = user.filter(is_proven) {
        invitations::join(core, tx, &user, &invitation).await?;
    }
    Ok(invitation)
}

fn is_proven(user: &UserRow) -> bool {
    user.email_proven_at.is_some() && user.is_active
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

fn to_tenant_user(row: MemberRow) -> TenantUser {
    TenantUser {
        user_id: row.user_id,
        email: row.email,
        full_name: row.full_name,
        role: row.role,
        is_default: row.is_default,
        joined_at: row.joined_at,
    }
}

fn to_invitation(row: InvitationRow) -> Invitation {
    Invitation { id: row.id, email: row.email, role: row.role, created_at: row.created_at, expires_at: row.expires_at }
}
