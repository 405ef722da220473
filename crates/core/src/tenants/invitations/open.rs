//! Invitations that are neither accepted nor taken back.

use erpmax_store::invitations::{self as store, InvitationRow, OpenInvitationRow};
use erpmax_store::{Tx, tenants, users};
use erpmax_types::envelope::{Page, PageRequest};
use erpmax_types::tenants::{Invitation, Inviter, OpenInvitation};
use erpmax_types::users::Role;
use erpmax_types::{ErrorCode, InvitationId};
use serde_json::json;

use super::invite::{refuse_member, tell, to_invitation, with_link};
use super::{LIFETIME, refuse_to_invite};
use crate::access::Admin;
use crate::audit::{Action, record};
use crate::auth::throttle::count_invitation;
use crate::tenants::members::role_now;
use crate::validation::{email_key, id};
use crate::{Core, Result, billing};

/// A page of the tenant's open invitations, the newest first.
pub async fn list(core: &Core, admin: &Admin, page: PageRequest) -> Result<Page<OpenInvitation>> {
    let mut conn = core.store().read().await?;
    let rows = store::list_open(&mut conn, admin.tenant_id, core.now(), page.size, page.offset()).await?;
    let total = store::count_open(&mut conn, admin.tenant_id).await?;
    Ok(page.of(rows.into_iter().map(to_open_invitation).collect(), total))
}

/// Takes an invitation back. An admin takes back those of users alone.
pub async fn revoke(core: &Core, admin: &Admin, invitation: &str) -> Result<()> {
    let mut tx = core.store().begin().await?;
    let (invitation, _) = take(&mut tx, admin, id(invitation)?).await?;
    store::revoke(&mut tx, invitation.id, core.now()).await?;
    note(core, &mut tx, admin, "members.revoke_invitation", &invitation).await?;
    Ok(tx.commit().await?)
}

/// Sends an invitation again: with a new link, which ends the ones before, and from now on as the caller's own.
pub async fn resend(core: &Core, admin: &Admin, invitation: &str) -> Result<Invitation> {
    let now = core.now();
    let mut tx = core.store().begin().await?;
    let (invitation, inviter) = take(&mut tx, admin, id(invitation)?).await?;
    let key = email_key(&invitation.email);
    count_invitation(core, &mut tx, admin.tenant_id, &key).await?;
    let user = users::find_by_email(&mut tx, &key).await?;
    refuse_member(&mut tx, admin, user.as_ref()).await?;
    if store::find_waiting(&mut tx, invitation.id, now).await?.is_none() {
        billing::limits::check_room_for_user(core, &mut tx, admin.tenant_id).await?;
    }
    let invitation = InvitationRow {
        invited_by: admin.user_id,
        renewals: invitation.renewals + 1,
        expires_at: now + LIFETIME,
        ..invitation
    };
    store::renew(&mut tx, &invitation).await?;
    note(core, &mut tx, admin, "members.resend_invitation", &invitation).await?;
    tell(core, &mut tx, admin, &invitation, user).await?;
    tx.commit().await?;
    let renewals = invitation.renewals;
    Ok(with_link(core, inviter, renewals, to_invitation(invitation)))
}

/// The open invitation under its locks, and the caller's role, which reaches that far.
async fn take(tx: &mut Tx, admin: &Admin, id: InvitationId) -> Result<(InvitationRow, Role)> {
    let named = store::find_open(tx, admin.tenant_id, id).await?.ok_or(ErrorCode::NotFound)?;
    users::lock_email(tx, &email_key(&named.email)).await?;
    tenants::lock(tx, admin.tenant_id).await?;
    let role = role_now(tx, admin).await?;
    let invitation = store::find_open(tx, admin.tenant_id, id).await?.ok_or(ErrorCode::NotFound)?;
    refuse_to_invite(role, invitation.role)?;
    Ok((invitation, role))
}

async fn note(core: &Core, tx: &mut Tx, admin: &Admin, name: &str, invitation: &InvitationRow) -> Result<()> {
    let change = json!({"email": invitation.email, "role": invitation.role});
    let (tenant, target) = (Some(admin.tenant_id), Some(invitation.id.to_string()));
    record(core, tx, (&***admin).into(), Action { name, tenant, target, change }).await
}

fn to_open_invitation(row: OpenInvitationRow) -> OpenInvitation {
    let OpenInvitationRow { invitation, inviter_name, waits } = row;
    OpenInvitation {
        id: invitation.id,
        email: invitation.email,
        role: invitation.role,
        invited_by: Inviter { user_id: invitation.invited_by, full_name: inviter_name },
        created_at: invitation.created_at,
        expires_at: invitation.expires_at,
        is_expired: !waits,
    }
}
