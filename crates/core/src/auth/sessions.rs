//! The sessions of a person: which there are, and their end.

use erpmax_store::sessions::{self as store, SessionRow};
use erpmax_store::users::UserRow;
use erpmax_store::{Tx, users};
use erpmax_types::envelope::{Page, PageRequest};
use erpmax_types::notifications::NotificationType;
use erpmax_types::users::{EndedSessions, Session};
use erpmax_types::{ErrorCode, SessionId};
use serde_json::json;

use super::device::describe;
use super::logout::close_sockets;
use super::{Origin, logout};
use crate::access::Signed;
use crate::audit::{Action, record};
use crate::mail::{self, Letter, Recipient};
use crate::messages::Language;
use crate::notifications::{Text, notify_user};
use crate::validation::id;
use crate::{Core, Result};

/// A page of the person's living sessions, those used last first.
pub async fn list(core: &Core, signed: &Signed, page: PageRequest) -> Result<Page<Session>> {
    let now = core.now();
    let mut conn = core.store().read().await?;
    let rows = store::list_living(&mut conn, signed.user_id, now, page.size, page.offset()).await?;
    let total = store::count_living(&mut conn, signed.user_id, now).await?;
    Ok(page.of(rows.into_iter().map(|row| to_session(row, signed.session_id)).collect(), total))
}

fn to_session(row: SessionRow, current: SessionId) -> Session {
    Session {
        id: row.id,
        device: describe(&row.user_agent),
        address: row.address,
        created_at: row.created_at,
        last_used_at: row.last_used_at,
        expires_at: row.expires_at,
        current: row.id == current,
    }
}

/// Ends one of the person's sessions; the own one is a logout.
pub async fn end(core: &Core, signed: &Signed, session: &str) -> Result<()> {
    let session: SessionId = id(session)?;
    if session == signed.session_id {
        return logout(core, signed).await;
    }
    let mut tx = core.store().begin().await?;
    if !store::end_of_user(&mut tx, session, signed.user_id, "ended_by_person", core.now()).await? {
        return Err(ErrorCode::NotFound.into());
    }
    close_sockets(core, &mut tx, session);
    let action =
        Action { name: "auth.end_session", tenant: None, target: Some(session.to_string()), change: json!({}) };
    record(core, &mut tx, signed.into(), action).await?;
    Ok(tx.commit().await?)
}

/// Ends all of the person's sessions but the one that asks, and tells the person by mail.
pub async fn end_others(core: &Core, signed: &Signed) -> Result<EndedSessions> {
    let mut tx = core.store().begin().await?;
    let ended = end_others_in(core, &mut tx, signed, "ended_by_person").await?;
    if ended > 0 {
        let action = Action { name: "auth.end_sessions", tenant: None, target: None, change: json!({"ended": ended}) };
        record(core, &mut tx, signed.into(), action).await?;
        if let Some(user) = users::find(&mut tx, signed.user_id).await? {
            mail::send(core, &mut tx, &Recipient::from(&user), None, &Letter::SessionsEnded).await?;
        }
    }
    tx.commit().await?;
    Ok(EndedSessions { ended })
}

/// Ends all sessions of the person but the one that asks; how many.
pub(super) async fn end_others_in(core: &Core, tx: &mut Tx, signed: &Signed, reason: &str) -> Result<u64> {
    let ended = store::end_others(tx, signed.user_id, signed.session_id, reason, core.now()).await?;
    for session in &ended {
        close_sockets(core, tx, *session);
    }
    Ok(u64::try_from(ended.len()).unwrap_or(u64::MAX))
}

/// Tells a person of a sign-in from what was not seen before: another program, or another place.
pub(super) async fn tell_of_new_device(core: &Core, tx: &mut Tx, user: &UserRow, origin: &Origin) -> Result<()> {
    if store::device_is_known(tx, user.id, &origin.user_agent, &origin.address).await? {
        return Ok(());
    }
    let device = describe(&origin.user_agent);
    let text = Text::new("new_device", NotificationType::Warning)
        .with("device", device.clone())
        .with("address", origin.address.clone());
    notify_user(core, tx, user.id, None, &Language::from_tag(&user.language), &text).await?;
    let letter = Letter::NewDevice { device, address: origin.address.clone(), at: core.now() };
    mail::send(core, tx, &Recipient::from(user), None, &letter).await
}
