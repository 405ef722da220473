//! The second factor of an account: begun with the password, active from its first code on, ended with password and code.
//!
//! Locks are taken in the order challenge, account, factor. Whoever has locked the account leaves its challenges alone: without
//! the password or the factor that they were given for they are refused.

mod challenge;
mod codes;
pub mod totp;

use erpmax_store::outbox::{Audience, News};
use erpmax_store::second_factors::{self, SecondFactorRow};
use erpmax_store::{Tx, memberships, users};
use erpmax_types::ErrorCode;
use erpmax_types::notifications::NotificationType;
use erpmax_types::two_factor::{
    ActivateTwoFactor, BeginTwoFactor, ProveTwoFactor, RecoveryCodes, TwoFactor, TwoFactorBegun,
};
use serde_json::{Value, json};

use super::confirm::check_password;
use super::throttle::{Attempt, Kind};
use crate::access::Signed;
use crate::audit::{Action, record};
use crate::mail::{self, Letter, Recipient};
use crate::notifications::{Text, notify_user};
use crate::validation::email_key;
use crate::{Core, Result, field};
use totp::Secret;

pub(super) use challenge::ask;
pub use challenge::login_second_factor;

/// Where the account stands.
pub async fn show(core: &Core, signed: &Signed) -> Result<TwoFactor> {
    let state = second_factors::find_state(&mut core.store().read().await?, signed.user_id).await?;
    let activated_at = state.and_then(|state| state.activated_at);
    let recovery_codes = state.and_then(|state| u32::try_from(state.recovery_codes).ok()).unwrap_or(0);
    Ok(TwoFactor { is_active: activated_at.is_some(), activated_at, recovery_codes })
}

/// Makes a secret for an authenticator app; nobody is asked for its codes before [`activate`].
pub async fn begin(core: &Core, signed: &Signed, request: &BeginTwoFactor) -> Result<TwoFactorBegun> {
    check_password(core, signed, "password", &request.password).await?;
    let secret = Secret::random();
    let factor = SecondFactorRow {
        user_id: signed.user_id,
        secret_sealed: codes::seal(core, signed.user_id, &secret)?,
        last_step: 0,
        created_at: core.now(),
        activated_at: None,
    };
    let mut tx = core.store().begin().await?;
    if !second_factors::insert(&mut tx, &factor).await? {
        return Err(ErrorCode::Conflict.into());
    }
    note(core, &mut tx, signed, "auth.two_factor_begin", Value::Null).await?;
    tx.commit().await?;
    Ok(TwoFactorBegun { otpauth_url: secret.url(&signed.email)?, secret: secret.text() })
}

/// Asks for codes from now on, once the person has shown the first one; gives recovery codes.
pub async fn activate(core: &Core, signed: &Signed, request: &ActivateTwoFactor) -> Result<RecoveryCodes> {
    let email_key = email_key(&signed.email);
    let attempt = Attempt { kind: Kind::Code, email_key: &email_key, address: &signed.address };
    let mut tx = core.store().begin().await?;
    users::lock(&mut tx, signed.user_id).await?.ok_or(ErrorCode::Unauthorized)?;
    let factor = second_factors::take(&mut tx, signed.user_id).await?.filter(|factor| factor.activated_at.is_none());
    let factor = factor.ok_or(ErrorCode::Conflict)?;
    attempt.check(core, &mut tx).await?;
    if !codes::spend_step(core, &mut tx, &factor, &request.code).await? {
        attempt.count_refused(core, &mut tx).await?;
        tx.commit().await?;
        return Err(codes::wrong());
    }
    second_factors::activate(&mut tx, signed.user_id, core.now()).await?;
    let recovery_codes = codes::renew(core, &mut tx, signed.user_id).await?;
    note(core, &mut tx, signed, "auth.two_factor_activate", Value::Null).await?;
    tell(core, &mut tx, signed, "second_factor_on", NotificationType::Success, &Letter::SecondFactorOn).await?;
    tx.commit().await?;
    Ok(RecoveryCodes { recovery_codes })
}

/// Asks for no more codes.
pub async fn disable(core: &Core, signed: &Signed, request: &ProveTwoFactor) -> Result<()> {
    let (mut tx, change) = prove(core, signed, request).await?;
    second_factors::delete_recovery_codes(&mut tx, signed.user_id).await?;
    second_factors::delete(&mut tx, signed.user_id).await?;
    for tenant in memberships::list_requiring_second_factor(&mut tx, signed.user_id).await? {
        core.tell(&mut tx, Audience::Member(tenant, signed.user_id), News::Close);
    }
    note(core, &mut tx, signed, "auth.two_factor_disable", change).await?;
    tell(core, &mut tx, signed, "second_factor_off", NotificationType::Warning, &Letter::SecondFactorOff).await?;
    Ok(tx.commit().await?)
}

/// Gives new recovery codes; the old ones are good no more.
pub async fn renew_recovery_codes(core: &Core, signed: &Signed, request: &ProveTwoFactor) -> Result<RecoveryCodes> {
    let (mut tx, change) = prove(core, signed, request).await?;
    let recovery_codes = codes::renew(core, &mut tx, signed.user_id).await?;
    note(core, &mut tx, signed, "auth.two_factor_recovery_codes", change).await?;
    tx.commit().await?;
    Ok(RecoveryCodes { recovery_codes })
}

/// Looks at password and code; the code is spent in the transaction that is given back, with what the audit trail says of it.
async fn prove(core: &Core, signed: &Signed, request: &ProveTwoFactor) -> Result<(Tx, Value)> {
    if request.code.trim().is_empty() {
        return Err(field("code", "required"));
    }
    check_password(core, signed, "password", &request.password).await?;
    let mut tx = core.store().begin().await?;
    let user = users::lock(&mut tx, signed.user_id).await?.ok_or(ErrorCode::Unauthorized)?;
    let (tx, shown) = codes::spend(core, tx, (user.id, &user.email), &signed.address, &request.code).await?;
    Ok((tx, json!({"shown": shown.name()})))
}

async fn note(core: &Core, tx: &mut Tx, signed: &Signed, name: &str, change: Value) -> Result<()> {
    let target = Some(signed.user_id.to_string());
    record(core, tx, signed.into(), Action { name, tenant: None, target, change }).await
}

/// Tells the person by notification and mail.
async fn tell(
    core: &Core,
    tx: &mut Tx,
    signed: &Signed,
    name: &'static str,
    kind: NotificationType,
    letter: &Letter,
) -> Result<()> {
    notify_user(core, tx, signed.user_id, None, &signed.language, &Text::new(name, kind)).await?;
    mail::send(core, tx, &Recipient::from(&**signed), None, letter).await
}
