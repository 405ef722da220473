//! Refresh tokens, by their hash. A session's tokens are a family.

use erpmax_types::{SessionId, TenantId, Timestamp, UserId};
use sqlx::FromRow;

use crate::engine::{Conn, StoreError, query};

/// A refresh token with what its session and account say at this moment.
#[derive(Clone, Debug, FromRow)]
pub struct RefreshRow {
    /// The session.
    pub session_id: SessionId,
    /// Its person.
    pub user_id: UserId,
    /// Its current tenant.
    pub tenant_id: TenantId,
    /// Whether the session belongs to a client that can keep a secret.
    pub is_confidential: bool,
    /// Whether the account is let in.
    pub is_active: bool,
    /// When this token was first refreshed.
    pub spent_at: Option<Timestamp>,
    /// When the token stops being good.
    pub expires_at: Timestamp,
    /// When the session was ended.
    pub ended_at: Option<Timestamp>,
    /// When the session ends at the latest.
    pub session_expires_at: Timestamp,
    /// When the token that this one turned into was refreshed itself.
    pub successor_spent_at: Option<Timestamp>,
}

/// Adds a token; adding the same again changes nothing.
pub async fn insert(
    conn: &mut Conn,
    token_hash: &str,
    successor_hash: &str,
    session: SessionId,
    created_at: Timestamp,
    expires_at: Timestamp,
) -> Result<(), StoreError> {
    query(
        "INSERT INTO refresh_tokens (token_hash, session_id, successor_hash, created_at, expires_at)
         VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING",
    )
    .bind(token_hash)
    .bind(session)
    .bind(successor_hash)
    .bind(created_at)
    .bind(expires_at)
    .execute(conn)
    .await
    .map(drop)
}

/// A token with its session, account and successor.
pub async fn find(conn: &mut Conn, token_hash: &str) -> Result<Option<RefreshRow>, StoreError> {
    query(
        "SELECT r.session_id, s.user_id, s.tenant_id, s.is_confidential, u.is_active, r.spent_at, r.expires_at, s.ended_at,
                s.expires_at AS session_expires_at, n.spent_at AS successor_spent_at
         FROM refresh_tokens r
         JOIN sessions s ON s.id = r.session_id
         JOIN users u ON u.id = s.user_id
         LEFT JOIN refresh_tokens n ON n.token_hash = r.successor_hash
         WHERE r.token_hash = $1",
    )
    .bind(token_hash)
    .optional(conn)
    .await
}

/// Takes the token's session until the transaction ends, so that parallel refreshes come one after another.
pub async fn lock_session(conn: &mut Conn, token_hash: &str, now: Timestamp) -> Result<(), StoreError> {
    query(
        "UPDATE sessions SET last_used_at = $2
         WHERE id = (SELECT session_id FROM refresh_tokens WHERE token_hash = $1) AND ended_at IS NULL",
    )
    .bind(token_hash)
    .bind(now)
    .execute(conn)
    .await
    .map(drop)
}

/// Marks a token and everything older in its family as spent.
pub async fn spend(conn: &mut Conn, session: SessionId, token_hash: &str, now: Timestamp) -> Result<(), StoreError> {
    query(
        "UPDATE refresh_tokens SET spent_at = $3
         WHERE session_id = $1 AND spent_at IS NULL
           AND created_at <= (SELECT created_at FROM refresh_tokens WHERE token_hash = $2)",
    )
    .bind(session)
    .bind(token_hash)
    .bind(now)
    .execute(conn)
    .await
    .map(drop)
}

/// Lets a token that is not turned into another one be good until `expires_at`.
pub async fn prolong(conn: &mut Conn, token_hash: &str, expires_at: Timestamp) -> Result<(), StoreError> {
    query("UPDATE refresh_tokens SET expires_at = $2 WHERE token_hash = $1")
        .bind(token_hash)
        .bind(expires_at)
        .execute(conn)
        .await
        .map(drop)
}

/// Forgets up to `limit` tokens that expired before `before`.
pub async fn delete_expired(conn: &mut Conn, before: Timestamp, limit: i64) -> Result<u64, StoreError> {
    query(
        "DELETE FROM refresh_tokens WHERE token_hash IN (SELECT token_hash FROM refresh_tokens WHERE expires_at < $1 LIMIT $2)",
    )
    .bind(before)
    .bind(limit)
    .execute(conn)
    .await
}
