//! The end of sessions: by their person, or because the account is closed.

use erpmax_store::outbox::{Audience, News};
use erpmax_store::{Tx, sessions, users};
use erpmax_types::{ErrorCode, SessionId, UserId};
use serde_json::json;

use crate::access::Signed;
use crate::audit::{Action, Actor, record};
use crate::{Core, Result};

/// Ends the session; its access and refresh tokens stop working and its sockets close at once.
pub async fn logout(core: &Core, signed: &Signed) -> Result<()> {
    let mut tx = core.store().begin().await?;
    if sessions::end(&mut tx, signed.session_id, "logout", core.now()).await? {
        close_sockets(core, &mut tx, signed.session_id);
        let target = Some(signed.session_id.to_string());
        record(core, &mut tx, signed.into(), Action { name: "auth.logout", tenant: None, target, change: json!({}) })
            .await?;
    }
    Ok(tx.commit().await?)
}

/// Closes an account: every session ends at once.
pub async fn deactivate(core: &Core, user: UserId, actor: Actor<'_>) -> Result<()> {
    let mut tx = core.store().begin().await?;
    if !users::update_active(&mut tx, user, false, core.now()).await? {
        return Err(ErrorCode::NotFound.into());
    }
    sessions::end_all(&mut tx, user, "account_disabled", core.now()).await?;
    core.tell(&mut tx, Audience::User(user), News::Close);
    let target = Some(user.to_string());
    record(core, &mut tx, actor, Action { name: "users.deactivate", tenant: None, target, change: json!({}) }).await?;
    Ok(tx.commit().await?)
}

pub(super) fn close_sockets(core: &Core, tx: &mut Tx, session: SessionId) {
    core.tell(tx, Audience::Session(session), News::Close);
}
