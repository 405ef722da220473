//! Links in mails that prove an address: the first proof of an account, a forgotten password, another address.
//!
//! A token is kept hashed and is good once, while its account has the address that it went to. Whatever is wrong with it is refused
//! in the same words. Locks are taken in the order address, account, token.

mod change;
pub(crate) mod first;
mod forgotten;
mod verify;

use std::time::Duration;

use erpmax_store::mail_tokens::{self, MailTokenRow};
use erpmax_store::users::UserRow;
use erpmax_store::{Conn, Tx, users};
use erpmax_types::ErrorCode;
use erpmax_types::mail::MailPurpose;

use crate::validation::email_key;
use crate::{Core, Result, hash, random_token};

pub(in crate::auth) use change::ask as ask_for_change;
pub(crate) use forgotten::{QUEUE, handle};
pub use forgotten::{forgot, reset};
pub(in crate::auth) use verify::Shown;
pub(in crate::auth) use verify::write_to as ask_to_verify;
pub use verify::{resend, verify};

const DAY: Duration = Duration::from_secs(86_400);
const HALF_AN_HOUR: Duration = Duration::from_secs(30 * 60);

const fn lifetime(purpose: MailPurpose) -> Duration {
    match purpose {
        MailPurpose::ResetPassword => HALF_AN_HOUR,
        MailPurpose::VerifyAddress | MailPurpose::ChangeAddress => DAY,
    }
}

/// What stands in a link to `address`. It ends the account's older ones of the same purpose.
async fn issue(core: &Core, tx: &mut Tx, user: &UserRow, purpose: MailPurpose, address: &str) -> Result<String> {
    let (text, now) = (random_token(), core.now());
    let token = MailTokenRow {
        token_hash: hash(&text),
        purpose,
        user_id: user.id,
        email: address.to_owned(),
        email_key: email_key(address),
        created_at: now,
        expires_at: now + lifetime(purpose),
        spent_at: None,
    };
    mail_tokens::delete_unspent(tx, user.id, purpose).await?;
    mail_tokens::insert(tx, &token).await?;
    Ok(text)
}

/// What a page may show of a link for this purpose before its button is pressed: the address that it went to. Nothing is spent.
pub async fn look(core: &Core, token: &str, purpose: MailPurpose) -> Result<String> {
    let (token, _) = find(core, &mut core.store().read().await?, token, &[purpose]).await?;
    Ok(token.email)
}

/// A token that is good for one of these purposes, with its account.
async fn find(core: &Core, conn: &mut Conn, token: &str, purposes: &[MailPurpose]) -> Result<(MailTokenRow, UserRow)> {
    let token = mail_tokens::find(conn, &hash(token.trim()), core.now()).await?;
    let token = token.filter(|token| purposes.contains(&token.purpose)).ok_or(ErrorCode::InvalidToken)?;
    let user = users::find(conn, token.user_id).await?.filter(|user| fits(&token, user));
    Ok((token, user.ok_or(ErrorCode::InvalidToken)?))
}

/// Whether the account is still the one that the token was made for.
fn fits(token: &MailTokenRow, user: &UserRow) -> bool {
    let same_address = token.purpose == MailPurpose::ChangeAddress || token.email_key == email_key(&user.email);
    user.is_active && same_address
}

/// Spends the token; the account, which stays as it is until the transaction ends.
async fn spend(core: &Core, tx: &mut Tx, token: &MailTokenRow) -> Result<UserRow> {
    users::lock_email(tx, &token.email_key).await?;
    let user = users::lock(tx, token.user_id).await?.filter(|user| fits(token, user));
    let user = user.ok_or(ErrorCode::InvalidToken)?;
    if mail_tokens::spend(tx, &token.token_hash, core.now()).await? {
        Ok(user)
    } else {
        Err(ErrorCode::InvalidToken.into())
    }
}

/// Ends all links of an account: after another address or another password they are no longer its.
async fn end_all(tx: &mut Tx, user: &UserRow) -> Result<()> {
    for purpose in [MailPurpose::VerifyAddress, MailPurpose::ResetPassword, MailPurpose::ChangeAddress] {
        mail_tokens::delete_unspent(tx, user.id, purpose).await?;
    }
    Ok(())
}

/// Ends the links that were asked for before the password was changed; one that proves the address stays.
pub(in crate::auth) async fn end_after_password(tx: &mut Tx, user: &UserRow) -> Result<()> {
    mail_tokens::delete_unspent(tx, user.id, MailPurpose::ResetPassword).await?;
    Ok(mail_tokens::delete_unspent(tx, user.id, MailPurpose::ChangeAddress).await?)
}
