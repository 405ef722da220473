//! API keys as proof of access: authorised in one statement, like a session, and never more than their maker may.

use std::net::IpAddr;
use std::time::Duration;

use erpmax_store::api_keys::{self, ApiKeyAccessRow, ApiKeyRow};
use erpmax_types::api_keys::Scope;
use erpmax_types::{ErrorCode, TenantId};
use ipnet::IpNet;
use tracing::warn;

use super::{Caller, Credential, Member};
use crate::auth::throttle;
use crate::messages::Language;
use crate::{Core, Result, hash};

/// What every key begins with, so that people and scanners know what they see.
pub(crate) const PREFIX: &str = "erpmax_";
/// How exactly the last use is noted.
const USE_NOTED: Duration = Duration::from_secs(60);

/// A key as it was shown, and what for.
#[derive(Clone, Copy)]
pub struct Presented<'a> {
    /// The key's text.
    pub key: &'a str,
    /// Where the request came from, as throttles and the audit trail know it.
    pub address: &'a str,
    /// The same exactly; none if it is not known.
    pub ip: Option<IpAddr>,
    /// The scope that the operation asks for; none: it is closed to keys.
    pub scope: Option<Scope>,
}

/// Whether a bearer token is meant to be a key.
pub fn is_key(token: &str) -> bool {
    token.starts_with(PREFIX)
}

/// Checks a key, in one statement, and lets it into its own tenant. One that ended, also with its maker's membership, is
/// `unauthorized`.
pub async fn member_by_key(core: &Core, presented: &Presented<'_>) -> Result<Member> {
    let scope = presented.scope.ok_or(ErrorCode::Forbidden)?;
    let row = find_living(core, presented).await?;
    if !comes_from(&row.key, presented.ip)? {
        return Err(ErrorCode::Forbidden.into());
    }
    core.key_calls().count(row.key.id, core.now())?;
    if !is_for(&row.key, scope)? {
        return Err(ErrorCode::Forbidden.into());
    }
    let member = to_member(&row, presented.address);
    if row.requires_second_factor {
        member.require_second_factor()?;
    }
    note_use(core, &row.key, presented.address).await;
    Ok(member)
}

/// As [`member_by_key`], for somebody who asks for `tenant`: another tenant than the key's own does not exist to it, nor does what
/// is no id.
pub async fn member_of_by_key(core: &Core, presented: &Presented<'_>, tenant: Option<TenantId>) -> Result<Member> {
    let member = member_by_key(core, presented).await?;
    if tenant == Some(member.tenant_id) { Ok(member) } else { Err(ErrorCode::NotFound.into()) }
}

async fn find_living(core: &Core, presented: &Presented<'_>) -> Result<ApiKeyAccessRow> {
    let row = api_keys::find_access(&mut core.store().read().await?, &hash(presented.key)).await?;
    let Some(row) = row else {
        throttle::count_unknown_key(core, presented.address).await?;
        return Err(ErrorCode::Unauthorized.into());
    };
    if is_living(core, &row) { Ok(row) } else { Err(ErrorCode::Unauthorized.into()) }
}

fn is_living(core: &Core, row: &ApiKeyAccessRow) -> bool {
    let maker_may = row.is_active && row.creator_role.is_some_and(|role| role.includes(row.key.role));
    row.revoked_at.is_none() && row.key.expires_at > core.now() && maker_may
}

fn comes_from(key: &ApiKeyRow, ip: Option<IpAddr>) -> Result<bool> {
    let Some(networks) = &key.networks else { return Ok(true) };
    let networks: Vec<IpNet> = serde_json::from_str(networks)?;
    Ok(ip.is_some_and(|ip| networks.iter().any(|network| network.contains(&ip))))
}

fn is_for(key: &ApiKeyRow, scope: Scope) -> Result<bool> {
    let scopes: Vec<Scope> = serde_json::from_str(&key.scopes)?;
    Ok(scopes.contains(&scope))
}

fn to_member(row: &ApiKeyAccessRow, address: &str) -> Member {
    let caller = Caller {
        credential: Credential::Key(row.key.id),
        user_id: row.key.created_by,
        email: row.email.clone(),
        full_name: row.full_name.clone(),
        language: Language::from_tag(&row.language),
        address: address.to_owned(),
        second_factor: row.second_factor_at.is_some(),
        email_proven: row.email_proven_at.is_some(),
    };
    Member { caller, tenant_id: row.key.tenant_id, role: row.key.role }
}

/// Once a minute at most. A call does not fail because this cannot be noted.
async fn note_use(core: &Core, key: &ApiKeyRow, address: &str) {
    let before = core.now() - USE_NOTED;
    if key.last_used_at.is_some_and(|last_used_at| last_used_at > before) {
        return;
    }
    let noted = async {
        let mut tx = core.store().begin().await?;
        api_keys::note_use(&mut tx, key.id, address, core.now(), before).await?;
        tx.commit().await
    };
    if let Err(error) = noted.await {
        warn!(api_key.id = %key.id, %error, "The use of an API key could not be noted");
    }
}
