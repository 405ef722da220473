//! The first proof that an account's address is its person's own. Somebody else may have opened the account: whoever proves the
//! address shows to be behind the account as well, or takes it over.

use erpmax_store::outbox::{Audience, News};
use erpmax_store::users::{self, UserRow};
use erpmax_store::{Tx, login_challenges, second_factors, sessions};
use erpmax_types::ErrorCode;
use serde_json::json;

use crate::audit::{Action, Actor, record};
use crate::mail::{self, Letter, Recipient};
use crate::{Core, Result};

/// What was shown beside the link.
pub(super) enum Evidence {
    /// A session of the account.
    Session,
    /// The account's password.
    Password,
    /// Nothing of the account; this is the hash of a new password.
    NewPassword(String),
}

impl Evidence {
    const fn word(&self) -> &'static str {
        match self {
            Self::Session => "session",
            Self::Password => "password",
            Self::NewPassword(_) => "new_password",
        }
    }
}

/// Notes that the address is proven. A new password ends all that was there before: sessions, half sign-ins, the second factor.
/// `user` is locked and was not proven.
pub(super) async fn first_proof(
    core: &Core,
    tx: &mut Tx,
    user: &UserRow,
    evidence: &Evidence,
    actor: Actor<'_>,
) -> Result<()> {
    users::prove_email(tx, user.id, core.now()).await?;
    if let Evidence::NewPassword(hash) = evidence {
        take_over(core, tx, user, hash).await?;
    }
    let (target, change) = (Some(user.id.to_string()), json!({"shown": evidence.word()}));
    record(core, tx, actor, Action { name: "auth.prove_address", tenant: None, target, change }).await
}

async fn take_over(core: &Core, tx: &mut Tx, user: &UserRow, password_hash: &str) -> Result<()> {
    let now = core.now();
    if !users::replace_password(tx, user.id, &user.password_hash, password_hash, now).await? {
        return Err(ErrorCode::Conflict.into());
    }
    sessions::end_all(tx, user.id, "password_changed", now).await?;
    core.tell(tx, Audience::User(user.id), News::Close);
    login_challenges::delete_of_user(tx, user.id).await?;
    second_factors::delete_recovery_codes(tx, user.id).await?;
    second_factors::delete(tx, user.id).await?;
    mail::send(core, tx, &Recipient::from(user), None, &Letter::PasswordChanged).await
}
