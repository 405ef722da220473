//! Proving that the address of an account is its person's.
//!
//! Somebody else may have opened the account with a foreign address. So its first proof needs more than the link: a session or the
//! password, which whoever opened the account has, or a new password, which ends all that was begun with the old one.

use erpmax_store::mail_tokens::MailTokenRow;
use erpmax_store::users::UserRow;
use erpmax_store::{Tx, users};
use erpmax_types::ErrorCode;
use erpmax_types::mail::MailPurpose;
use erpmax_types::proof::{EmailVerified, LetterSent, VerifyEmail};
use serde_json::json;

use super::{change, find, first, issue, spend};
use crate::access::Signed;
use crate::audit::{Action, Actor, record};
use crate::auth::Origin;
use crate::auth::confirm::check_password_of;
use crate::auth::throttle::refuse_too_many_letters;
use crate::mail::{self, Letter, Recipient};
use crate::validation::Fields;
use crate::{Core, Result};

/// What was shown beside the token.
pub(in crate::auth) enum Shown {
    /// A session of the account.
    Session,
    /// The password, of which this is the hash.
    Password(String),
    /// A new password's hash.
    NewPassword(String),
}

impl Shown {
    /// As the audit trail calls it.
    pub(in crate::auth) const fn name(&self) -> &'static str {
        match self {
            Self::Session => "session",
            Self::Password(_) => "password",
            Self::NewPassword(_) => "new_password",
        }
    }
}

/// Proves the account's address, or gives it the one that the link went to.
pub async fn verify(
    core: &Core,
    signed: Option<&Signed>,
    request: &VerifyEmail,
    origin: &Origin,
) -> Result<EmailVerified> {
    let purposes = [MailPurpose::VerifyAddress, MailPurpose::ChangeAddress];
    let (token, user) = find(core, &mut core.store().read().await?, &request.token, &purposes).await?;
    let shown = look_at(core, signed, request, (&token, &user), origin).await?;
    let mut tx = core.store().begin().await?;
    let user = spend(core, &mut tx, &token).await?;
    if let Shown::Password(hash) = &shown
        && *hash != user.password_hash
    {
        return Err(ErrorCode::Conflict.into());
    }
    let ended = match (token.purpose, &shown) {
        (MailPurpose::ChangeAddress, _) => change::carry_out(core, &mut tx, &user, &token.email).await?,
        (_, Shown::NewPassword(hash)) => first::set_password(core, &mut tx, &user, hash).await?,
        _ => 0,
    };
    first::prove(core, &mut tx, &UserRow { email: token.email.clone(), ..user }).await?;
    let by = signed.filter(|_| matches!(shown, Shown::Session));
    note(core, &mut tx, by, &token, &shown, origin).await?;
    tx.commit().await?;
    Ok(EmailVerified { email: token.email, ended })
}

/// Looks at what was shown beside the token; a new password only where the account may not be its opener's.
async fn look_at(
    core: &Core,
    signed: Option<&Signed>,
    request: &VerifyEmail,
    (token, user): (&MailTokenRow, &UserRow),
    origin: &Origin,
) -> Result<Shown> {
    let given = |text: &Option<String>| text.clone().filter(|text| !text.is_empty());
    if let Some(password) = given(&request.new_password)
        && token.purpose == MailPurpose::VerifyAddress
    {
        let mut fields = Fields::default();
        fields.new_password("new_password", &password, &[&user.email, &user.full_name]);
        fields.check()?;
        return Ok(Shown::NewPassword(core.passwords().hash(&password).await?));
    }
    if let Some(password) = given(&request.password) {
        let user = check_password_of(core, (user.id, &user.email), &origin.address, "password", &password).await?;
        return Ok(Shown::Password(user.password_hash));
    }
    if signed.is_some_and(|signed| signed.user_id == user.id) {
        return Ok(Shown::Session);
    }
    let mut fields = Fields::default();
    fields.problem("password", "password_or_new");
    fields.check()?;
    Err(ErrorCode::ValidationFailed.into())
}

async fn note(
    core: &Core,
    tx: &mut Tx,
    signed: Option<&Signed>,
    token: &MailTokenRow,
    shown: &Shown,
    origin: &Origin,
) -> Result<()> {
    let without = Actor { user: Some(token.user_id), address: Some(&origin.address), ..Actor::default() };
    let actor = signed.map_or(without, Actor::from);
    let name = match token.purpose {
        MailPurpose::ChangeAddress => "auth.change_email",
        _ => "auth.verify_email",
    };
    let change = json!({"email": token.email, "shown": shown.name()});
    record(core, tx, actor, Action { name, tenant: None, target: Some(token.user_id.to_string()), change }).await
}

/// Sends the letter that asks for the proof once more.
pub async fn resend(core: &Core, signed: &Signed) -> Result<LetterSent> {
    let mut tx = core.store().begin().await?;
    let user = users::lock(&mut tx, signed.user_id).await?.ok_or(ErrorCode::Unauthorized)?;
    if user.email_proven_at.is_some() {
        return Ok(LetterSent { sent: false });
    }
    refuse_too_many_letters(core, &mut tx, MailPurpose::VerifyAddress, &user.email, &signed.address).await?;
    write_to(core, &mut tx, &user).await?;
    tx.commit().await?;
    Ok(LetterSent { sent: true })
}

/// Asks a person to prove the account's address.
pub(in crate::auth) async fn write_to(core: &Core, tx: &mut Tx, user: &UserRow) -> Result<()> {
    let token = issue(core, tx, user, MailPurpose::VerifyAddress, &user.email).await?;
    let letter = Letter::VerifyAddress { link: mail::link(core, "verify-email", &token) };
    mail::send(core, tx, &Recipient::from(user), None, &letter).await
}
