//! The password asked again, before what cannot be taken back.

use std::time::Duration;

use erpmax_store::users::UserRow;
use erpmax_store::{sessions, users};
use erpmax_types::users::{Confirm, Confirmed};
use erpmax_types::{ErrorCode, UserId};
use serde_json::Value;

use super::passwords::Verdict;
use super::throttle::{Attempt, Kind};
use crate::access::{Caller, Signed};
use crate::audit::{Action, record};
use crate::validation::email_key;
use crate::{Core, Result, field};

/// How long a password that was shown is taken as an answer.
pub(crate) const RECENT: Duration = Duration::from_secs(15 * 60);

/// Notes that the person behind the session is there and knows the password.
pub async fn confirm(core: &Core, signed: &Signed, request: &Confirm) -> Result<Confirmed> {
    check_password(core, signed, "password", &request.password).await?;
    let now = core.now();
    let mut tx = core.store().begin().await?;
    if !sessions::confirm(&mut tx, signed.session_id, now).await? {
        return Err(ErrorCode::Unauthorized.into());
    }
    let target = Some(signed.session_id.to_string());
    record(core, &mut tx, signed.into(), Action { name: "auth.confirm", tenant: None, target, change: Value::Null })
        .await?;
    tx.commit().await?;
    Ok(Confirmed { confirmed_at: now })
}

/// The account, if this is its password; a wrong one is refused at the field `name`. Tries are counted like sign-ins, before any
/// hashing.
pub(crate) async fn check_password(
    core: &Core,
    person: &Caller,
    name: &'static str,
    password: &str,
) -> Result<UserRow> {
    check_password_of(core, (person.user_id, &person.email), &person.address, name, password).await
}

/// [`check_password`] without a session, for whoever calls from `address`.
pub(crate) async fn check_password_of(
    core: &Core,
    (user, email): (UserId, &str),
    address: &str,
    name: &'static str,
    password: &str,
) -> Result<UserRow> {
    if password.is_empty() {
        return Err(field(name, "required"));
    }
    let email_key = email_key(email);
    let attempt = Attempt { kind: Kind::Password, email_key: &email_key, address };
    let mut conn = core.store().read().await?;
    attempt.check(core, &mut conn).await?;
    let user = users::find(&mut conn, user).await?.ok_or(ErrorCode::Unauthorized)?;
    drop(conn);

    let verdict = core.passwords().verify(password, Some(&user.password_hash)).await?;
    let mut tx = core.store().begin().await?;
    attempt.check(core, &mut tx).await?;
    if verdict == Verdict::Wrong {
        attempt.count_refused(core, &mut tx).await?;
        tx.commit().await?;
        return Err(field(name, "password_wrong"));
    }
    attempt.forget(&mut tx).await?;
    tx.commit().await?;
    Ok(user)
}
