//! Limits on attempts (contract, trap 3): counted in the database, so that all nodes and restarts share them, and looked at
//! before any hashing. Known and unknown accounts are counted alike.

use std::time::Duration;

use erpmax_store::{Conn, audit, sessions, throttles};
use erpmax_types::mail::MailPurpose;
use erpmax_types::{TenantId, Timestamp};

use crate::error::rate_limited;
use crate::validation::email_key;
use crate::{Core, Result, hash};

const DAY: Duration = Duration::from_secs(86_400);
const HOUR: Duration = Duration::from_secs(3_600);

/// Wrong codes per account within the window: they can be guessed in a million tries, unlike passwords.
const CODES_PER_ACCOUNT: u32 = 10;
/// Invitations of a tenant within an hour: more is no company that grows.
const INVITATIONS_PER_TENANT: u32 = 60;
/// Invitations of a tenant to one address within an hour.
const INVITATIONS_PER_ADDRESS: u32 = 5;

/// What is tried. Each has counters of its own per account; those per address are shared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Password,
    Code,
}

/// Who tries to sign in, from where.
pub(super) struct Attempt<'a> {
    pub(super) kind: Kind,
    pub(super) email_key: &'a str,
    pub(super) address: &'a str,
}

impl Attempt<'_> {
    const fn word(&self) -> &'static str {
        match self.kind {
            Kind::Password => "login",
            Kind::Code => "code",
        }
    }

    fn account(&self) -> String {
        format!("{}/account/{}", self.word(), hash(self.email_key))
    }

    fn account_and_address(&self) -> String {
        format!("{}/both/{}/{}", self.word(), hash(self.email_key), self.address)
    }

    fn address(&self) -> String {
        format!("login/address/{}", self.address)
    }

    /// Refuses if any of the counters is used up.
    pub(super) async fn check(&self, core: &Core, conn: &mut Conn) -> Result<()> {
        refuse_if_blocked(core, conn, &self.account_and_address()).await?;
        refuse_if_blocked(core, conn, &self.address()).await?;
        let blocked = refuse_if_blocked(core, conn, &self.account()).await;
        if blocked.is_err() && !self.comes_from_known_device(conn).await? {
            return blocked;
        }
        Ok(())
    }

    /// Nobody can shut a customer out: above the account's limit, an address that signed in before still may. What is asked
    /// of the database is the same whether or not there is an account.
    async fn comes_from_known_device(&self, conn: &mut Conn) -> Result<bool> {
        Ok(sessions::address_is_known(conn, self.email_key, self.address).await?)
    }

    /// Counts a refused attempt.
    pub(super) async fn count_refused(&self, core: &Core, conn: &mut Conn) -> Result<()> {
        let limits = &core.settings().auth.limits;
        audit::count_refused_login(conn, &hash(self.email_key), self.address, core.now()).await?;
        count(core, conn, &self.account_and_address(), limits.per_account_and_address, limits.window).await?;
        count(core, conn, &self.address(), limits.per_address, limits.window).await?;
        let per_account = match self.kind {
            Kind::Password => limits.per_account,
            Kind::Code => limits.per_account.min(CODES_PER_ACCOUNT),
        };
        count(core, conn, &self.account(), per_account, limits.window).await
    }

    /// Forgets what was counted against this account from this address: the person knows the password, or has the code.
    pub(super) async fn forget(&self, conn: &mut Conn) -> Result<()> {
        Ok(throttles::delete(conn, &self.account_and_address()).await?)
    }
}

/// Counts a registration from an address; refuses above the limit.
pub(super) async fn count_registration(core: &Core, address: &str) -> Result<()> {
    let limit = core.settings().auth.limits.registrations_per_hour;
    let mut tx = core.store().begin().await?;
    let counted = count_in_hour(core, &mut tx, &format!("register/{address}"), limit).await;
    tx.commit().await?;
    counted
}

/// Counts a letter that a tenant has sent to an address that it does not know to want one.
pub(crate) async fn count_invitation(core: &Core, conn: &mut Conn, tenant: TenantId, email_key: &str) -> Result<()> {
    let to_one = format!("invite/{tenant}/{}", hash(email_key));
    count_in_hour(core, conn, &to_one, INVITATIONS_PER_ADDRESS).await?;
    count_in_hour(core, conn, &format!("invite/{tenant}"), INVITATIONS_PER_TENANT).await
}

/// Refuses an address from which too many links came that are not good.
pub(super) async fn check_links(core: &Core, conn: &mut Conn, address: &str) -> Result<()> {
    refuse_if_blocked(core, conn, &format!("link/{address}")).await
}

/// Counts a link that is not good.
pub(super) async fn count_bad_link(core: &Core, address: &str) -> Result<()> {
    let limits = &core.settings().auth.limits;
    let mut tx = core.store().begin().await?;
    count(core, &mut tx, &format!("link/{address}"), limits.per_address, limits.window).await?;
    Ok(tx.commit().await?)
}

async fn count_in_hour(core: &Core, conn: &mut Conn, name: &str, limit: u32) -> Result<()> {
    let state = throttles::count(conn, name, core.now() + HOUR, core.now()).await?;
    if state.count > i64::from(limit) {
        return Err(rate_limited(wait(state.window_ends_at, core.now())));
    }
    Ok(())
}

/// Counts a letter that somebody asks for by an account's address; refuses too many from one of the client's. None within the account's
/// limit, else how long it has to wait.
pub(super) async fn count_letter(
    core: &Core,
    conn: &mut Conn,
    purpose: MailPurpose,
    email: &str,
    address: &str,
) -> Result<Option<Duration>> {
    let (limits, now) = (&core.settings().auth.limits, core.now());
    let of_address = throttles::count(conn, &format!("letters/address/{address}"), now + HOUR, now).await?;
    if of_address.count > i64::from(limits.letters_per_address) {
        return Err(rate_limited(wait(of_address.window_ends_at, now)));
    }
    let account = format!("letters/{purpose}/account/{}", hash(&email_key(email)));
    let of_account = throttles::count(conn, &account, now + HOUR, now).await?;
    let is_over = of_account.count > i64::from(limits.letters_per_account);
    Ok(is_over.then(|| wait(of_account.window_ends_at, now)))
}

/// Counts a letter that somebody asks for in a session; refuses above either limit.
pub(super) async fn refuse_too_many_letters(
    core: &Core,
    conn: &mut Conn,
    purpose: MailPurpose,
    email: &str,
    address: &str,
) -> Result<()> {
    match count_letter(core, conn, purpose, email, address).await? {
        Some(wait) => Err(rate_limited(wait)),
        None => Ok(()),
    }
}

/// Counts an API key that does not exist; refuses above the limit. Others at the address go on: their keys are found before.
pub(crate) async fn count_unknown_key(core: &Core, address: &str) -> Result<()> {
    let limits = &core.settings().auth.limits;
    let name = format!("api_key/address/{address}");
    refuse_if_blocked(core, &mut core.store().read().await?, &name).await?;
    let mut tx = core.store().begin().await?;
    count(core, &mut tx, &name, limits.per_address, limits.window).await?;
    Ok(tx.commit().await?)
}

async fn refuse_if_blocked(core: &Core, conn: &mut Conn, name: &str) -> Result<()> {
    match throttles::find(conn, name).await? {
        Some(state) if state.blocked_until > core.now() => Err(rate_limited(wait(state.blocked_until, core.now()))),
        _ => Ok(()),
    }
}

async fn count(core: &Core, conn: &mut Conn, name: &str, limit: u32, window: Duration) -> Result<()> {
    let now = core.now();
    let state = throttles::count(conn, name, now + window, now).await?;
    if state.count >= i64::from(limit) {
        throttles::block(conn, name, now + pause(window, state.strikes)).await?;
    }
    Ok(())
}

/// Each pause is twice as long as the one before, up to a day.
fn pause(first: Duration, strikes: i64) -> Duration {
    let doublings = u32::try_from(strikes.clamp(0, 16)).unwrap_or(0);
    (first * 2_u32.pow(doublings)).min(DAY)
}

/// Whole seconds, at least one.
fn wait(until: Timestamp, now: Timestamp) -> Duration {
    Duration::from_secs(until.since(now).as_secs().saturating_add(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_up_to_a_day() {
        let first = Duration::from_secs(900);
        assert_eq!(pause(first, 0), first);
        assert_eq!(pause(first, 2), first * 4);
        assert_eq!(pause(first, 50), DAY);
    }
}
