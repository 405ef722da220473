//! Codes that a person shows: of the authenticator app, or a recovery code. Each works once.

use anyhow::Context;
use data_encoding::BASE32_NOPAD;
use erpmax_store::Tx;
use erpmax_store::second_factors::{self, SecondFactorRow};
use erpmax_types::{ErrorCode, UserId};

use super::totp::Secret;
use crate::auth::throttle::{Attempt, Kind};
use crate::validation::email_key;
use crate::{Core, Error, Result, field, hash};

/// Recovery codes of an account.
const RECOVERY_CODES: usize = 10;
/// Letters between two hyphens.
const GROUP: usize = 4;

/// Which kind of code was shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shown {
    App,
    Recovery,
}

impl Shown {
    /// As the audit trail calls it.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::App => "app",
            Self::Recovery => "recovery_code",
        }
    }
}

/// Where a factor's secret is sealed for.
fn place(user: UserId) -> String {
    format!("second_factors/{user}")
}

pub(super) fn seal(core: &Core, user: UserId, secret: &Secret) -> Result<String> {
    Ok(core.master().seal(&place(user), secret.bytes())?)
}

/// Spends a code of an active factor. A wrong one is counted like a wrong password, and refused at the field `code`.
/// The caller has locked the account.
pub(super) async fn spend(
    core: &Core,
    mut tx: Tx,
    (user, email): (UserId, &str),
    address: &str,
    code: &str,
) -> Result<(Tx, Shown)> {
    let email_key = email_key(email);
    let attempt = Attempt { kind: Kind::Code, email_key: &email_key, address };
    // Taken before the counters are read: a burst over many challenges guesses no more often than one after another.
    let factor = second_factors::take(&mut tx, user).await?.filter(|factor| factor.activated_at.is_some());
    let factor = factor.ok_or(ErrorCode::Conflict)?;
    attempt.check(core, &mut tx).await?;
    let Some(shown) = find(core, &mut tx, &factor, code).await? else {
        attempt.count_refused(core, &mut tx).await?;
        tx.commit().await?;
        return Err(wrong());
    };
    attempt.forget(&mut tx).await?;
    Ok((tx, shown))
}

/// A code that is not right, or was used before.
pub(super) fn wrong() -> Error {
    field("code", "code_wrong")
}

async fn find(core: &Core, tx: &mut Tx, factor: &SecondFactorRow, code: &str) -> Result<Option<Shown>> {
    let code = plain(code);
    if spend_step(core, tx, factor, &code).await? {
        return Ok(Some(Shown::App));
    }
    let spent = second_factors::delete_recovery_code(tx, factor.user_id, &recovery_hash(factor.user_id, &code)).await?;
    Ok(spent.then_some(Shown::Recovery))
}

/// Spends a code of the authenticator app, whether or not the factor is active yet.
pub(super) async fn spend_step(core: &Core, tx: &mut Tx, factor: &SecondFactorRow, code: &str) -> Result<bool> {
    let secret = core.master().open(&place(factor.user_id), &factor.secret_sealed);
    let secret = Secret::from_bytes(&secret.context("A second factor cannot be opened")?)?;
    let Some(step) = secret.find_step(&plain(code), core.now(), factor.last_step)? else { return Ok(false) };
    second_factors::update_last_step(tx, factor.user_id, step).await?;
    Ok(true)
}

/// Makes new recovery codes in place of those that are left.
pub(super) async fn renew(core: &Core, tx: &mut Tx, user: UserId) -> Result<Vec<String>> {
    second_factors::delete_recovery_codes(tx, user).await?;
    let codes: Vec<String> = (0..RECOVERY_CODES).map(|_| recovery_code()).collect();
    for code in &codes {
        second_factors::insert_recovery_code(tx, user, &recovery_hash(user, &plain(code)), core.now()).await?;
    }
    Ok(codes)
}

/// 120 random bits, in groups of four letters: enough to be kept under a plain hash.
fn recovery_code() -> String {
    let letters = BASE32_NOPAD.encode(&rand::random::<[u8; 15]>()).to_lowercase();
    let groups: Vec<&str> = (0..letters.len()).step_by(GROUP).filter_map(|at| letters.get(at..at + GROUP)).collect();
    groups.join("-")
}

fn recovery_hash(user: UserId, code: &str) -> String {
    hash(&format!("{user}/{code}"))
}

/// Without what people put between the letters.
fn plain(code: &str) -> String {
    code.chars().filter(char::is_ascii_alphanumeric).map(|letter| letter.to_ascii_lowercase()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn recovery_codes_are_six_groups_and_are_read_however_they_are_typed() {
        let code = recovery_code();
        assert_eq!(code.split('-').map(str::len).collect::<Vec<_>>(), [4; 6], "{code}");
        assert_ne!(code, recovery_code());
        assert_eq!(plain(&format!(" {} ", code.to_uppercase().replace('-', " "))), code.replace('-', ""));
        assert_eq!(plain("123 456"), "123456");
    }
}
