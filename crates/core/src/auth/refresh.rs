//! Refreshing tokens (contract, trap 2): a token's successor is derived from it, so parallel refreshes and repeated ones after a
//! lost answer all yield the same; a late reuse ends the family (RFC 9700 §4.14). The token of a client that can keep a secret stays
//! the same, and is good in that client's hands alone (RFC 9700 §2.2.2).

use std::time::Duration;

use erpmax_store::refresh_tokens::{self, RefreshRow};
use erpmax_store::{Tx, sessions};
use erpmax_types::users::{Refresh, Tokens};
use erpmax_types::{ErrorCode, Timestamp};
use serde_json::json;

use super::{Origin, keys, logout, session};
use crate::audit::{Action, Actor, record};
use crate::{Core, Result, hash};

/// Turns a refresh token into its successor and a fresh access token.
pub async fn refresh(core: &Core, request: &Refresh, origin: &Origin) -> Result<Tokens> {
    let token = request.refresh_token.trim();
    let token_hash = hash(token);
    let mut tx = core.store().begin().await?;
    refresh_tokens::lock_session(&mut tx, &token_hash, core.now()).await?;
    let row = refresh_tokens::find(&mut tx, &token_hash).await?.ok_or(ErrorCode::InvalidGrant)?;
    match judge(core, &row, origin, core.now()) {
        Judgement::Refuse(code) => Err(code.into()),
        Judgement::Reused => {
            end_family(core, &mut tx, &row, origin).await?;
            tx.commit().await?;
            Err(ErrorCode::InvalidGrant.into())
        }
        Judgement::Good if row.is_confidential => {
            let expires_at = session::expiry(core, row.session_expires_at);
            refresh_tokens::prolong(&mut tx, &token_hash, expires_at).await?;
            tx.commit().await?;
            Ok(Tokens { access_token: sign(core, &row)?, refresh_token: token.to_owned() })
        }
        Judgement::Good => {
            let successor = session::successor(core, token);
            if row.spent_at.is_none() {
                refresh_tokens::spend(&mut tx, row.session_id, &token_hash, core.now()).await?;
            }
            // A newer branch may have spent this token, so that its successor is not there yet.
            session::keep(core, &mut tx, &successor, row.session_id, row.session_expires_at).await?;
            tx.commit().await?;
            Ok(Tokens { access_token: sign(core, &row)?, refresh_token: successor })
        }
    }
}

fn sign(core: &Core, row: &RefreshRow) -> Result<String> {
    keys::sign(core, row.user_id, row.session_id, row.tenant_id)
}

enum Judgement {
    Good,
    Reused,
    Refuse(ErrorCode),
}

fn judge(core: &Core, row: &RefreshRow, origin: &Origin, now: Timestamp) -> Judgement {
    let is_stranger = row.is_confidential && !origin.is_from_within;
    if is_stranger || row.ended_at.is_some() || row.session_expires_at <= now {
        return Judgement::Refuse(ErrorCode::InvalidGrant);
    }
    if !row.is_active {
        return Judgement::Refuse(ErrorCode::AccountDisabled);
    }
    // Before expiry: a spent token that comes back too late tells of a theft however old it is.
    if row.spent_at.is_some_and(|spent_at| is_reuse(core, row, now.since(spent_at))) {
        return Judgement::Reused;
    }
    if row.expires_at <= now { Judgement::Refuse(ErrorCode::InvalidGrant) } else { Judgement::Good }
}

/// Whether a token that was spent so long ago may not come back.
fn is_reuse(core: &Core, row: &RefreshRow, age: Duration) -> bool {
    let settings = &core.settings().auth;
    let answer_may_be_lost = age < settings.lost_answer_grace && row.successor_spent_at.is_none();
    age >= settings.reuse_grace && !answer_may_be_lost
}

async fn end_family(core: &Core, tx: &mut Tx, row: &RefreshRow, origin: &Origin) -> Result<()> {
    if sessions::end(tx, row.session_id, "refresh_token_reused", core.now()).await? {
        logout::close_sockets(core, tx, row.session_id);
    }
    let actor = Actor::in_session(row.user_id, row.session_id, Some(&origin.address));
    let target = Some(row.session_id.to_string());
    let change = json!({"reason": "refresh_token_reused"});
    record(core, tx, actor, Action { name: "auth.session_ended", tenant: Some(row.tenant_id), target, change }).await
}
