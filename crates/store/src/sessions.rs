//! Sessions: one sign-in each.

use erpmax_types::{SessionId, TenantId, Timestamp, UserId};
use sqlx::FromRow;

use crate::engine::{Conn, StoreError, query};

/// A session as it is kept.
#[derive(Clone, Debug, FromRow)]
pub struct SessionRow {
    /// The session's id.
    pub id: SessionId,
    /// Whose it is.
    pub user_id: UserId,
    /// The current tenant; this row decides it.
    pub tenant_id: TenantId,
    /// Where the sign-in came from.
    pub address: String,
    /// What it came from.
    pub user_agent: String,
    /// Whether a client that can keep a secret has it, so that its refresh token stays the same.
    pub is_confidential: bool,
    /// When it began.
    pub created_at: Timestamp,
    /// When a token was last refreshed.
    pub last_used_at: Timestamp,
    /// When it ends at the latest.
    pub expires_at: Timestamp,
    /// When it was ended before that.
    pub ended_at: Option<Timestamp>,
}

/// Adds a session.
pub async fn insert(conn: &mut Conn, session: &SessionRow) -> Result<(), StoreError> {
    query(
        "INSERT INTO sessions (id, user_id, tenant_id, address, user_agent, is_confidential, created_at, last_used_at, expires_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
    )
    .bind(session.id)
    .bind(session.user_id)
    .bind(session.tenant_id)
    .bind(&session.address)
    .bind(&session.user_agent)
    .bind(session.is_confidential)
    .bind(session.created_at)
    .bind(session.last_used_at)
    .bind(session.expires_at)
    .execute(conn)
    .await
    .map(drop)
}

/// Ends a session; false if it had ended before.
pub async fn end(conn: &mut Conn, id: SessionId, reason: &str, now: Timestamp) -> Result<bool, StoreError> {
    query("UPDATE sessions SET ended_at = $2, end_reason = $3 WHERE id = $1 AND ended_at IS NULL")
        .bind(id)
        .bind(now)
        .bind(reason)
        .execute(conn)
        .await
        .map(|rows| rows > 0)
}

/// A person's living sessions, those used last first.
pub async fn list_living(
    conn: &mut Conn,
    user: UserId,
    now: Timestamp,
    limit: u32,
    offset: i64,
) -> Result<Vec<SessionRow>, StoreError> {
    query(
        "SELECT * FROM sessions WHERE user_id = $1 AND ended_at IS NULL AND expires_at > $2
         ORDER BY last_used_at DESC, id DESC LIMIT $3 OFFSET $4",
    )
    .bind(user)
    .bind(now)
    .bind(i64::from(limit))
    .bind(offset)
    .all(conn)
    .await
}

/// How many living sessions a person has.
pub async fn count_living(conn: &mut Conn, user: UserId, now: Timestamp) -> Result<u64, StoreError> {
    query("SELECT COUNT(*) FROM sessions WHERE user_id = $1 AND ended_at IS NULL AND expires_at > $2")
        .bind(user)
        .bind(now)
        .count(conn)
        .await
}

/// Ends a living session of this person and no other's; false if there is none.
pub async fn end_of_user(
    conn: &mut Conn,
    id: SessionId,
    user: UserId,
    reason: &str,
    now: Timestamp,
) -> Result<bool, StoreError> {
    query(
        "UPDATE sessions SET ended_at = $3, end_reason = $4
         WHERE id = $1 AND user_id = $2 AND ended_at IS NULL AND expires_at > $3",
    )
    .bind(id)
    .bind(user)
    .bind(now)
    .bind(reason)
    .execute(conn)
    .await
    .map(|rows| rows > 0)
}

/// Ends all living sessions of a person but one; which ones.
pub async fn end_others(
    conn: &mut Conn,
    user: UserId,
    kept: SessionId,
    reason: &str,
    now: Timestamp,
) -> Result<Vec<SessionId>, StoreError> {
    query(
        "UPDATE sessions SET ended_at = $3, end_reason = $4
         WHERE user_id = $1 AND id <> $2 AND ended_at IS NULL AND expires_at > $3 RETURNING id",
    )
    .bind(user)
    .bind(kept)
    .bind(now)
    .bind(reason)
    .column(conn)
    .await
}

/// Whether the person signed in before from this address and with what calls itself the same.
pub async fn device_is_known(
    conn: &mut Conn,
    user: UserId,
    user_agent: &str,
    address: &str,
) -> Result<bool, StoreError> {
    let row: Option<(SessionId,)> =
        query("SELECT id FROM sessions WHERE user_id = $1 AND user_agent = $2 AND address = $3 LIMIT 1")
            .bind(user)
            .bind(user_agent)
            .bind(address)
            .optional(conn)
            .await?;
    Ok(row.is_some())
}

/// Ends all sessions of a person.
pub async fn end_all(conn: &mut Conn, user: UserId, reason: &str, now: Timestamp) -> Result<u64, StoreError> {
    query("UPDATE sessions SET ended_at = $2, end_reason = $3 WHERE user_id = $1 AND ended_at IS NULL")
        .bind(user)
        .bind(now)
        .bind(reason)
        .execute(conn)
        .await
}

/// Notes that the person showed the password again; false if the session had ended.
pub async fn confirm(conn: &mut Conn, id: SessionId, now: Timestamp) -> Result<bool, StoreError> {
    query("UPDATE sessions SET confirmed_at = $2 WHERE id = $1 AND ended_at IS NULL")
        .bind(id)
        .bind(now)
        .execute(conn)
        .await
        .map(|rows| rows > 0)
}

/// Makes another tenant the current one of a living session; when that session ends at the latest.
pub async fn update_tenant(conn: &mut Conn, id: SessionId, tenant: TenantId) -> Result<Option<Timestamp>, StoreError> {
    let row: Option<(Timestamp,)> =
        query("UPDATE sessions SET tenant_id = $2 WHERE id = $1 AND ended_at IS NULL RETURNING expires_at")
            .bind(id)
            .bind(tenant)
            .optional(conn)
            .await?;
    Ok(row.map(|(expires_at,)| expires_at))
}

/// Whether the account with this e-mail address, if there is one, was signed in to from this client's address before.
pub async fn address_is_known(conn: &mut Conn, email_key: &str, address: &str) -> Result<bool, StoreError> {
    let row: Option<(SessionId,)> = query(
        "SELECT s.id FROM sessions s JOIN users u ON u.id = s.user_id
         WHERE u.email_key = $1 AND s.address = $2 LIMIT 1",
    )
    .bind(email_key)
    .bind(address)
    .optional(conn)
    .await?;
    Ok(row.is_some())
}

/// Forgets up to `limit` sessions that were over before `before`, once their refresh tokens and passes are forgotten.
pub async fn delete_over(conn: &mut Conn, before: Timestamp, limit: i64) -> Result<u64, StoreError> {
    query(
        "DELETE FROM sessions WHERE id IN
             (SELECT s.id FROM sessions s
              WHERE COALESCE(s.ended_at, s.expires_at) < $1
                AND NOT EXISTS (SELECT 1 FROM refresh_tokens r WHERE r.session_id = s.id)
                AND NOT EXISTS (SELECT 1 FROM sso_tokens k WHERE k.session_id = s.id)
              LIMIT $2)",
    )
    .bind(before)
    .bind(limit)
    .execute(conn)
    .await
}
