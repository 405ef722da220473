//! News for sockets, written in the transaction that causes them and read in the order of commits.

use erpmax_types::events::Event;
use erpmax_types::{EventId, SessionId, TenantId, Timestamp, UserId};
use serde::{Deserialize, Serialize};
use sqlx::FromRow;

use crate::engine::{Conn, StoreError, insert_rows, query};

/// News and who is to hear them.
#[derive(Clone, Debug)]
pub struct Emission {
    /// Stable over repeated deliveries.
    pub id: EventId,
    /// Whose sockets are meant.
    pub audience: Audience,
    /// What happens to them.
    pub news: News,
    /// When it happened.
    pub at: Timestamp,
}

/// What happens to sockets.
#[expect(clippy::large_enum_variant, reason = "nearly all news are events")]
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum News {
    /// They are told an event.
    Event(Event),
    /// They are closed: what let them in is gone.
    Close,
    /// They hear another tenant's events from now on.
    MoveTo(TenantId),
}

/// Whose sockets are meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Audience {
    /// All sockets whose current tenant this is.
    Tenant(TenantId),
    /// All sockets of a person.
    User(UserId),
    /// The sockets of a person whose current tenant this is.
    Member(TenantId, UserId),
    /// The sockets of one session.
    Session(SessionId),
}

#[derive(FromRow)]
struct OutboxRow {
    id: i64,
    event_id: EventId,
    tenant_id: Option<TenantId>,
    user_id: Option<UserId>,
    session_id: Option<SessionId>,
    news: String,
    created_at: Timestamp,
}

/// How many events go into the outbox by one statement.
const ROWS_AT_ONCE: usize = 100;

/// Adds events, numbered in their order.
pub(crate) async fn insert(conn: &mut Conn, emissions: &[Emission]) -> Result<(), StoreError> {
    for emissions in emissions.chunks(ROWS_AT_ONCE) {
        let columns = "event_id, tenant_id, user_id, session_id, news, created_at";
        let mut insert = insert_rows("outbox", columns, emissions.len());
        for emission in emissions {
            let (tenant, user, session) = emission.audience.columns();
            insert = insert
                .bind(emission.id)
                .bind(tenant)
                .bind(user)
                .bind(session)
                .bind(serde_json::to_string(&emission.news)?)
                .bind(emission.at);
        }
        insert.execute(conn).await?;
    }
    Ok(())
}

impl Audience {
    const fn columns(self) -> (Option<TenantId>, Option<UserId>, Option<SessionId>) {
        match self {
            Self::Tenant(id) => (Some(id), None, None),
            Self::User(id) => (None, Some(id), None),
            Self::Member(tenant, user) => (Some(tenant), Some(user), None),
            Self::Session(id) => (None, None, Some(id)),
        }
    }
}

/// The number of the newest event, 0 if there is none.
pub async fn last_number(conn: &mut Conn) -> Result<i64, StoreError> {
    let (last,): (i64,) = query("SELECT COALESCE(MAX(id), 0) FROM outbox").one(conn).await?;
    Ok(last)
}

/// Up to `limit` events after number `after`, with their numbers. One that cannot be read, because a newer node wrote it, is
/// an error of its own and holds up nothing behind it.
pub async fn list_after(
    conn: &mut Conn,
    after: i64,
    limit: i64,
) -> Result<Vec<(i64, Result<Emission, StoreError>)>, StoreError> {
    let rows: Vec<OutboxRow> = query(
        "SELECT id, event_id, tenant_id, user_id, session_id, news, created_at FROM outbox WHERE id > $1 ORDER BY id LIMIT $2",
    )
    .bind(after)
    .bind(limit)
    .all(conn)
    .await?;
    Ok(rows.into_iter().map(|row| (row.id, row.into_emission())).collect())
}

/// Whose events somebody who comes back may be told.
#[derive(Clone, Copy, Debug)]
pub struct Reader {
    /// The person.
    pub user: UserId,
    /// The current tenant, and since when the person belongs to it.
    pub tenant: Option<(TenantId, Timestamp)>,
}

/// The newest `limit` events after number `after` and up to number `last` that are meant for the reader, oldest first. What
/// cannot be read is left out.
pub async fn list_missed(
    conn: &mut Conn,
    reader: Reader,
    after: i64,
    last: i64,
    limit: i64,
) -> Result<Vec<Emission>, StoreError> {
    let rows: Vec<OutboxRow> = query(
        "SELECT id, event_id, tenant_id, user_id, session_id, news, created_at FROM outbox
         WHERE id > $1 AND id <= $2
           AND ((user_id = $3 AND tenant_id IS NULL)
                OR (tenant_id = $4 AND created_at >= $5 AND (user_id IS NULL OR user_id = $3)))
         ORDER BY id DESC LIMIT $6",
    )
    .bind(after)
    .bind(last)
    .bind(reader.user)
    .bind(reader.tenant.map(|(tenant, _)| tenant))
    .bind(reader.tenant.map(|(_, since)| since))
    .bind(limit)
    .all(conn)
    .await?;
    Ok(rows.into_iter().rev().filter_map(|row| row.into_emission().ok()).collect())
}

impl OutboxRow {
    fn into_emission(self) -> Result<Emission, StoreError> {
        let audience = match (self.tenant_id, self.user_id, self.session_id) {
            (Some(tenant), Some(user), _) => Audience::Member(tenant, user),
            (Some(tenant), None, _) => Audience::Tenant(tenant),
            (None, Some(user), _) => Audience::User(user),
            (None, None, Some(session)) => Audience::Session(session),
            (None, None, None) => return Err(sqlx::Error::RowNotFound.into()),
        };
        let news = serde_json::from_str(&self.news)?;
        Ok(Emission { id: self.event_id, audience, news, at: self.created_at })
    }
}

/// Forgets up to `limit` events from before `before`.
pub async fn delete_expired(conn: &mut Conn, before: Timestamp, limit: i64) -> Result<u64, StoreError> {
    query("DELETE FROM outbox WHERE id IN (SELECT id FROM outbox WHERE created_at < $1 LIMIT $2)")
        .bind(before)
        .bind(limit)
        .execute(conn)
        .await
}
