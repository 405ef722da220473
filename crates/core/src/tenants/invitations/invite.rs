//! Making an invitation.

use erpmax_store::invitations::{self as store, InvitationRow};
use erpmax_store::users::{self, UserRow};
use erpmax_store::{Tx, memberships, tenants};
use erpmax_types::ErrorCode;
use erpmax_types::tenants::{Invitation, InviteUser};
use erpmax_types::users::Role;
use serde_json::json;

use super::links::{self, Way};
use super::{LIFETIME, join, refuse_to_invite};
use crate::access::{Admin, Caller};
use crate::audit::{Action, record};
use crate::auth::throttle::count_invitation;
use crate::idempotency::{keep, replay};
use crate::mail::{self, Letter, Recipient};
use crate::tenants::members::{check_role, role_now};
use crate::validation::{Fields, email_key};
use crate::{Core, Idempotency, Result, billing};

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
    let inviter = role_now(&mut tx, admin).await?;
    refuse_to_invite(inviter, role)?;
    // What is kept has no link: it is derived anew.
    let invitation = match replay(core, &mut tx, admin, idempotency.as_ref()).await? {
        Some(answer) => return Ok(with_link(core, inviter, 0, answer)),
        None => add(core, &mut tx, admin, inviter, email, role).await?,
    };
    let renewals = invitation.renewals;
    let answer = to_invitation(invitation);
    keep(core, &mut tx, admin, idempotency.as_ref(), &answer).await?;
    tx.commit().await?;
    Ok(with_link(core, inviter, renewals, answer))
}

async fn add(
    core: &Core,
    tx: &mut Tx,
    admin: &Admin,
    inviter: Role,
    email: String,
    role: Role,
) -> Result<InvitationRow> {
    let (key, now) = (email_key(&email), core.now());
    count_invitation(core, tx, admin.tenant_id, &key).await?;
    let user = users::find_by_email(tx, &key).await?;
    refuse_member(tx, admin, user.as_ref()).await?;
    let waiting = store::list_waiting(tx, &key, now).await?;
    let waiting = waiting.into_iter().find(|waiting| waiting.tenant_id == admin.tenant_id);
    if let Some(higher) = waiting.filter(|waiting| refuse_to_invite(inviter, waiting.role).is_err()) {
        return Ok(higher);
    }
    billing::trial::wake(core, tx, (&***admin).into(), admin.tenant_id).await?;
    store::revoke_open(tx, admin.tenant_id, &key, now).await?;
    billing::limits::check_room_for_user(core, tx, admin.tenant_id).await?;
    let invitation = InvitationRow {
        id: core.id(),
        tenant_id: admin.tenant_id,
        email,
        role,
        invited_by: admin.user_id,
        renewals: 0,
        created_at: now,
        expires_at: now + LIFETIME,
    };
    store::insert(tx, &invitation, &key).await?;
    let change = json!({"email": invitation.email, "role": role});
    let (tenant, target) = (Some(admin.tenant_id), Some(invitation.id.to_string()));
    record(core, tx, (&***admin).into(), Action { name: "members.invite", tenant, target, change }).await?;
    tell(core, tx, admin, &invitation, user).await?;
    Ok(invitation)
}

/// Refuses to invite who belongs to the tenant.
pub(super) async fn refuse_member(tx: &mut Tx, admin: &Admin, user: Option<&UserRow>) -> Result<()> {
    let Some(user) = user else { return Ok(()) };
    match memberships::find(tx, admin.tenant_id, user.id).await? {
        Some(_) => Err(ErrorCode::AlreadyAMember.into()),
        None => Ok(()),
    }
}

/// Lets the owner of a proven address join, and writes to everybody else.
pub(super) async fn tell(
    core: &Core,
    tx: &mut Tx,
    admin: &Admin,
    invitation: &InvitationRow,
    user: Option<UserRow>,
) -> Result<()> {
    let proven = user.filter(|user| user.email_proven_at.is_some() && user.is_active);
    match proven {
        Some(user) => join(core, tx, &user, invitation).await,
        None => send(core, tx, admin, invitation).await,
    }
}

/// The letter goes to an address of which nothing is known, so it is in the inviter's language.
async fn send(core: &Core, tx: &mut Tx, inviter: &Caller, invitation: &InvitationRow) -> Result<()> {
    let recipient = Recipient {
        user: None,
        address: invitation.email.clone(),
        name: String::new(),
        language: inviter.language.clone(),
    };
    let letter = Letter::Invitation {
        company: tenants::find(tx, invitation.tenant_id).await?.map(|row| row.name).unwrap_or_default(),
        inviter: inviter.full_name.clone(),
        role: invitation.role,
        link: links::link(core, invitation.id, invitation.renewals, Way::Mailed),
        until: invitation.expires_at,
    };
    mail::send(core, tx, &recipient, Some(invitation.tenant_id), &letter).await
}

/// With the link to pass on, for who may invite that far.
pub(super) fn with_link(core: &Core, inviter: Role, renewals: i64, invitation: Invitation) -> Invitation {
    let may_see = refuse_to_invite(inviter, invitation.role).is_ok();
    let link = if may_see { links::handed(core, invitation.id, renewals) } else { None };
    Invitation { link, ..invitation }
}

pub(super) fn to_invitation(row: InvitationRow) -> Invitation {
    Invitation {
        id: row.id,
        email: row.email,
        role: row.role,
        created_at: row.created_at,
        expires_at: row.expires_at,
        link: None,
    }
}
