//! Sign-in with e-mail and password.

use erpmax_store::users::UserRow;
use erpmax_store::{Tx, memberships, tenants, users};
use erpmax_types::users::{Login, SignedIn, UserTenant};
use erpmax_types::{ErrorCode, TenantId};
use serde_json::json;

use super::passwords::Verdict;
use super::throttle::{Attempt, Kind};
use super::{Origin, session, sessions, two_factor};
use crate::audit::{Action, Actor, record};
use crate::tenants::to_tenant;
use crate::validation::{Fields, email_key};
use crate::{Core, Error, Refusal, Result, billing};

/// Signs a person in, or asks for the code of a second factor.
pub async fn login(core: &Core, request: &Login, origin: &Origin) -> Result<SignedIn> {
    let mut fields = Fields::default();
    let email_key = email_key(&fields.email("email", &request.email));
    if request.password.is_empty() {
        fields.problem("password", "required");
    }
    fields.check()?;
    let attempt = Attempt { kind: Kind::Password, email_key: &email_key, address: &origin.address };
    let user = find_unless_throttled(core, &attempt).await?;

    let hash = user.as_ref().map(|user| user.password_hash.as_str());
    let verdict = core.passwords().verify(&request.password, hash).await?;
    let mut tx = core.store().begin().await?;
    // Others may have used up meanwhile what is let through: a burst guesses no more often than one after another.
    attempt.check(core, &mut tx).await?;
    let (Some(user), Verdict::Right | Verdict::Upgrade(_)) = (user, &verdict) else {
        attempt.count_refused(core, &mut tx).await?;
        tx.commit().await?;
        return Err(wrong(origin));
    };
    // The password may have been changed while it was hashed.
    let present = users::lock(&mut tx, user.id).await?;
    let same = present.filter(|present| present.password_hash == user.password_hash);
    let user = same.ok_or_else(|| wrong(origin))?;
    if !user.is_active {
        return Err(ErrorCode::AccountDisabled.into());
    }
    attempt.forget(&mut tx).await?;
    let mut password_hash = &user.password_hash;
    if let Verdict::Upgrade(hash) = &verdict
        && users::replace_password(&mut tx, user.id, &user.password_hash, hash, core.now()).await?
    {
        password_hash = hash;
    }
    let mut tx = two_factor::ask(core, tx, &user, password_hash, origin).await?;
    let signed_in = sign_in(core, &mut tx, &user, origin, None).await?;
    tx.commit().await?;
    Ok(signed_in)
}

/// The account, if attempts are still let through; nothing is hashed before.
async fn find_unless_throttled(core: &Core, attempt: &Attempt<'_>) -> Result<Option<UserRow>> {
    let mut conn = core.store().read().await?;
    attempt.check(core, &mut conn).await?;
    Ok(users::find_by_email(&mut conn, attempt.email_key).await?)
}

/// A wrong password; 400 beside a bearer token, so that the seed client does not refresh and retry for ever (trap 3).
fn wrong(origin: &Origin) -> Error {
    let refusal = Refusal::of(ErrorCode::InvalidCredentials);
    Error::Refused(Refusal { answers_bad_request: origin.bears_token, ..refusal })
}

/// Begins a session of somebody who showed all that was asked for; `second_factor` says which kind of code was.
pub(super) async fn sign_in(
    core: &Core,
    tx: &mut Tx,
    user: &UserRow,
    origin: &Origin,
    second_factor: Option<&str>,
) -> Result<SignedIn> {
    let memberships = memberships::list_of_user(tx, user.id).await?;
    let tenant = starting_tenant(&memberships).ok_or(ErrorCode::NotAMember)?;
    let tenant = tenants::find(tx, tenant).await?.ok_or(ErrorCode::NotAMember)?;
    if tenant.is_dormant {
        let actor = Actor { user: Some(user.id), address: Some(&origin.address), ..Actor::default() };
        billing::trial::wake(core, tx, actor, tenant.id).await?;
    }
    sessions::tell_of_new_device(core, tx, user, origin).await?;
    let session = session::begin(core, tx, user.id, tenant.id, origin).await?;
    let tokens = session::fresh_tokens(core, tx, user.id, session.id, tenant.id, session.expires_at).await?;
    let actor = Actor::in_session(user.id, session.id, Some(&origin.address));
    let mut change = json!({"user_agent": origin.user_agent});
    if let Some(second_factor) = second_factor {
        change["second_factor"] = json!(second_factor);
    }
    let target = Some(session.id.to_string());
    record(core, tx, actor, Action { name: "auth.login", tenant: Some(tenant.id), target, change }).await?;
    Ok(SignedIn { tokens, user: user.to_user(), tenants: memberships, current_tenant: to_tenant(core, tenant)? })
}

/// The default tenant, or else the one joined first.
fn starting_tenant(memberships: &[UserTenant]) -> Option<TenantId> {
    let default = memberships.iter().find(|membership| membership.is_default);
    default.or(memberships.first()).map(|membership| membership.tenant_id)
}
