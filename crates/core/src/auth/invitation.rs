//! Accepting an invitation by its link. Nothing is spent by looking at one.

use erpmax_store::users::{self, UserRow};
use erpmax_store::{Tx, memberships, tenants};
use erpmax_types::ErrorCode;
use erpmax_types::tenants::{AcceptInvitation, AcceptedInvitation, InvitationLook, InvitationNeeds};
use erpmax_types::users::UserTenant;
use serde_json::json;

use super::confirm::check_password_of;
use super::proof::Shown;
use super::proof::first::{prove, set_password};
use super::register::register_invited;
use super::{Origin, keys, logout, throttle};
use crate::access::{self, Signed};
use crate::audit::{Action, Actor, record};
use crate::tenants::invitations::{self, links};
use crate::validation::{Fields, email_key};
use crate::{Core, Result, field};

/// What a link leads to.
///
/// Whether the address has an account is told to whoever holds the link, as it is told to whoever registers.
pub async fn look(core: &Core, token: &str, origin: &Origin) -> Result<InvitationLook> {
    let (invited, user) = find(core, token, origin).await?;
    let needs = needs(&invited, user.as_ref());
    let invitation = invited.invitation;
    let mut conn = core.store().read().await?;
    let tenant = tenants::find(&mut conn, invitation.tenant_id).await?.ok_or(ErrorCode::InvalidToken)?;
    let inviter = memberships::find(&mut conn, invitation.tenant_id, invitation.invited_by).await?;
    let inviter = inviter.ok_or(ErrorCode::InvalidToken)?;
    Ok(InvitationLook {
        company: tenant.name,
        inviter: inviter.full_name,
        inviter_role: inviter.role,
        role: invitation.role,
        email: invitation.email,
        expires_at: invitation.expires_at,
        account_exists: user.is_some(),
        needs,
    })
}

/// Makes the person a member. Who has no account gets one, with a session; who has one shows to be behind it, and no session is
/// begun: signing in asks for a second factor, this does not.
pub async fn accept(
    core: &Core,
    request: &AcceptInvitation,
    signed: Option<&Signed>,
    origin: &Origin,
) -> Result<AcceptedInvitation> {
    let (invited, user) = find(core, &request.token, origin).await?;
    if let Some(user) = user {
        let joined = join(core, &invited, &user, request, signed, origin).await?;
        return Ok(AcceptedInvitation { joined, signed_in: None });
    }
    let tenant = invited.invitation.tenant_id;
    let (full_name, password) = (given(request.full_name.as_ref()), given(request.password.as_ref()));
    let signed_in =
        register_invited(core, invited, full_name.unwrap_or_default(), password.unwrap_or_default(), origin).await?;
    let joined = signed_in.tenants.iter().find(|joined| joined.tenant_id == tenant).cloned();
    Ok(AcceptedInvitation { joined: joined.ok_or(ErrorCode::InvalidToken)?, signed_in: Some(signed_in) })
}

/// The same for somebody at a page, which has no use for a session.
pub async fn accept_without_session(core: &Core, request: &AcceptInvitation, origin: &Origin) -> Result<()> {
    let Some(signed_in) = accept(core, request, None, origin).await?.signed_in else { return Ok(()) };
    let claims = keys::verify(core, &signed_in.tokens.access_token).await?;
    logout(core, &access::signed(core, &claims, &origin.address).await?).await
}

fn given(text: Option<&String>) -> Option<&str> {
    text.map(String::as_str).filter(|text| !text.is_empty())
}

/// The invitation of a link, and the account of its address. Links that are not good are counted.
async fn find(core: &Core, token: &str, origin: &Origin) -> Result<(links::Invited, Option<UserRow>)> {
    let mut conn = core.store().read().await?;
    throttle::check_links(core, &mut conn, &origin.address).await?;
    match links::find(core, &mut conn, token).await {
        Ok(invited) => {
            let user = users::find_by_email(&mut conn, &email_key(&invited.invitation.email)).await?;
            Ok((invited, user))
        }
        Err(error) => {
            drop(conn);
            if error.code() == ErrorCode::InvalidToken {
                throttle::count_bad_link(core, &origin.address).await?;
            }
            Err(error)
        }
    }
}

fn needs(invited: &links::Invited, user: Option<&UserRow>) -> InvitationNeeds {
    match user {
        None => InvitationNeeds::Account,
        Some(_) if !invited.proves_address() => InvitationNeeds::Password,
        Some(user) if user.email_proven_at.is_some() => InvitationNeeds::Nothing,
        Some(_) => InvitationNeeds::AnyPassword,
    }
}

async fn join(
    core: &Core,
    invited: &links::Invited,
    user: &UserRow,
    request: &AcceptInvitation,
    signed: Option<&Signed>,
    origin: &Origin,
) -> Result<UserTenant> {
    let shown = look_at(core, invited, user, request, signed, origin).await?;
    let mut tx = core.store().begin().await?;
    users::lock_email(&mut tx, &email_key(&invited.invitation.email)).await?;
    let invited = links::find(core, &mut tx, &request.token).await?;
    let present = users::lock(&mut tx, user.id).await?.ok_or(ErrorCode::Conflict)?;
    if !is_unchanged(user, &present) {
        return Err(ErrorCode::Conflict.into());
    }
    if !present.is_active {
        return Err(ErrorCode::AccountDisabled.into());
    }
    if invited.proves_address() && present.email_proven_at.is_none() {
        let by = signed.filter(|_| matches!(shown, Some(Shown::Session)));
        let without = Actor { user: Some(user.id), address: Some(&origin.address), ..Actor::default() };
        first_proof(core, &mut tx, &present, shown.as_ref(), by.map_or(without, Actor::from)).await?;
    }
    let joined = invitations::accept(core, &mut tx, &present, &invited).await?;
    tx.commit().await?;
    Ok(joined)
}

/// The link came by mail, so it proves the address as one that was sent for that alone.
async fn first_proof(core: &Core, tx: &mut Tx, user: &UserRow, shown: Option<&Shown>, actor: Actor<'_>) -> Result<()> {
    if let Some(Shown::NewPassword(hash)) = shown {
        set_password(core, tx, user, hash).await?;
    }
    prove(core, tx, user).await?;
    let (target, change) = (Some(user.id.to_string()), json!({"email": user.email, "shown": shown.map(Shown::name)}));
    record(core, tx, actor, Action { name: "auth.verify_email", tenant: None, target, change }).await
}

/// What the person showed is still what counts.
fn is_unchanged(user: &UserRow, present: &UserRow) -> bool {
    user.password_hash == present.password_hash
        && user.email_proven_at == present.email_proven_at
        && email_key(&user.email) == email_key(&present.email)
}

/// What the person shows to be behind the account; none where the link is enough.
async fn look_at(
    core: &Core,
    invited: &links::Invited,
    user: &UserRow,
    request: &AcceptInvitation,
    signed: Option<&Signed>,
    origin: &Origin,
) -> Result<Option<Shown>> {
    let needs = needs(invited, Some(user));
    if needs == InvitationNeeds::Nothing {
        return Ok(None);
    }
    if signed.is_some_and(|signed| signed.user_id == user.id) {
        return Ok(Some(Shown::Session));
    }
    if let Some(password) = given(request.password.as_ref()) {
        let user = check_password_of(core, (user.id, &user.email), &origin.address, "password", password).await?;
        return Ok(Some(Shown::Password(user.password_hash)));
    }
    match given(request.new_password.as_ref()) {
        Some(password) if needs == InvitationNeeds::AnyPassword => {
            let mut fields = Fields::default();
            fields.new_password("new_password", password, &[&user.email, &user.full_name]);
            fields.check()?;
            Ok(Some(Shown::NewPassword(core.passwords().hash(password).await?)))
        }
        None if needs == InvitationNeeds::AnyPassword => Err(field("password", "password_or_new")),
        _ => Err(field("password", "required")),
    }
}
