//! Beginning sessions and handing out tokens.

use erpmax_store::sessions::SessionRow;
use erpmax_store::{Tx, refresh_tokens, sessions};
use erpmax_types::users::Tokens;
use erpmax_types::{SessionId, TenantId, Timestamp, UserId};

use super::{Origin, keys};
use crate::{Core, Result, hash, random_token};

/// What a refresh token begins with, so that people and scanners know what they see.
const PREFIX: &str = "ert_";

/// Begins a session in `tenant`.
pub(super) async fn begin(
    core: &Core,
    tx: &mut Tx,
    user: UserId,
    tenant: TenantId,
    origin: &Origin,
) -> Result<SessionRow> {
    let now = core.now();
    let session = SessionRow {
        id: core.id(),
        user_id: user,
        tenant_id: tenant,
        address: origin.address.clone(),
        user_agent: origin.user_agent.clone(),
        is_confidential: origin.is_from_within,
        created_at: now,
        last_used_at: now,
        expires_at: now + core.settings().auth.session,
        ended_at: None,
    };
    sessions::insert(tx, &session).await?;
    Ok(session)
}

/// A pair of tokens with a new, random refresh token: the head of a family, or of a new branch of it.
pub(super) async fn fresh_tokens(
    core: &Core,
    tx: &mut Tx,
    user: UserId,
    session: SessionId,
    tenant: TenantId,
    session_ends: Timestamp,
) -> Result<Tokens> {
    let refresh_token = format!("{PREFIX}{}", random_token());
    keep(core, tx, &refresh_token, session, session_ends).await?;
    Ok(Tokens { access_token: keys::sign(core, user, session, tenant)?, refresh_token })
}

/// Keeps a refresh token, hashed, with the hash of what it will turn into.
pub(super) async fn keep(
    core: &Core,
    tx: &mut Tx,
    token: &str,
    session: SessionId,
    session_ends: Timestamp,
) -> Result<()> {
    let (now, expires_at) = (core.now(), expiry(core, session_ends));
    let successor = successor(core, token);
    Ok(refresh_tokens::insert(tx, &hash(token), &hash(&successor), session, now, expires_at).await?)
}

/// Until when a refresh token of now is good.
pub(super) fn expiry(core: &Core, session_ends: Timestamp) -> Timestamp {
    session_ends.min(core.now() + core.settings().auth.refresh)
}

/// What a refresh token turns into: always the same, so that repeated and parallel refreshes agree (contract, trap 2).
pub(super) fn successor(core: &Core, token: &str) -> String {
    format!("{PREFIX}{}", core.derivation().derive("refresh", token))
}
