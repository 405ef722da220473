//! A forgotten password: asking for a link, and setting a new one with it.
//!
//! Asking must not tell who has an account, so a request does the same for all: it counts, and queues a piece of work about the
//! account, or about nobody. Who there is, and whether the account is open, is looked at by the worker.

use erpmax_store::work::{self, WorkRow};
use erpmax_store::{Tx, users};
use erpmax_types::UserId;
use erpmax_types::mail::MailPurpose;
use erpmax_types::proof::{ForgotPassword, ResetPassword};
use erpmax_types::users::EndedSessions;
use serde_json::json;

use super::{find, first, issue, spend};
use crate::audit::{Action, Actor, record};
use crate::auth::Origin;
use crate::auth::throttle::count_letter;
use crate::mail::{self, Letter, Recipient};
use crate::validation::{Fields, email_key};
use crate::{Core, Result};

/// The queue of accounts whose password was forgotten.
pub(crate) const QUEUE: &str = "forgotten_password";

/// Lets a link be sent to the address, if it has an account.
pub async fn forgot(core: &Core, request: &ForgotPassword, origin: &Origin) -> Result<()> {
    let mut fields = Fields::default();
    let email_key = email_key(&fields.email("email", &request.email));
    fields.check()?;
    let mut tx = core.store().begin().await?;
    let purpose = MailPurpose::ResetPassword;
    let wait = count_letter(core, &mut tx, purpose, &email_key, &origin.address).await?;
    let user = users::find_by_email(&mut tx, &email_key).await?;
    // Above an account's limit the link that was sent last stays good: nobody can keep others from their own.
    if wait.is_none() {
        let subject = user.map_or_else(|| core.id::<UserId>(), |user| user.id).to_string();
        work::insert(&mut tx, core.id(), QUEUE, &subject, &subject, core.now()).await?;
    }
    Ok(tx.commit().await?)
}

/// Writes the letter that a piece of work is about.
pub(crate) async fn handle(core: &Core, work: &WorkRow) -> Result<()> {
    let mut tx = core.store().begin().await?;
    if let Ok(user) = work.subject.parse::<UserId>() {
        write_to(core, &mut tx, user).await?;
    }
    work::delete(&mut tx, QUEUE, &work.subject).await?;
    Ok(tx.commit().await?)
}

async fn write_to(core: &Core, tx: &mut Tx, user: UserId) -> Result<()> {
    let Some(user) = users::lock(tx, user).await?.filter(|user| user.is_active) else { return Ok(()) };
    let token = issue(core, tx, &user, MailPurpose::ResetPassword, &user.email).await?;
    let letter = Letter::PasswordReset { link: mail::link(core, "reset-password", &token) };
    mail::send(core, tx, &Recipient::from(&user), None, &letter).await
}

/// Sets a new password, which proves the address too and ends all sessions. A second factor stays in force, unless this is the
/// account's first proof.
pub async fn reset(core: &Core, request: &ResetPassword, origin: &Origin) -> Result<EndedSessions> {
    let purposes = [MailPurpose::ResetPassword];
    let (token, user) = find(core, &mut core.store().read().await?, &request.token, &purposes).await?;
    let mut fields = Fields::default();
    fields.new_password("new_password", &request.new_password, &[&user.email, &user.full_name]);
    fields.check()?;
    let hash = core.passwords().hash(&request.new_password).await?;

    let mut tx = core.store().begin().await?;
    let user = spend(core, &mut tx, &token).await?;
    let ended = first::set_password(core, &mut tx, &user, &hash).await?;
    first::prove(core, &mut tx, &user).await?;
    let actor = Actor { user: Some(user.id), address: Some(&origin.address), ..Actor::default() };
    let (target, change) = (Some(user.id.to_string()), json!({"ended_sessions": ended}));
    record(core, &mut tx, actor, Action { name: "auth.reset_password", tenant: None, target, change }).await?;
    tx.commit().await?;
    Ok(EndedSessions { ended })
}
