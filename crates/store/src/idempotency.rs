//! Answers kept for requests that bear an `Idempotency-Key`.

use erpmax_types::{Timestamp, UserId};
use sqlx::FromRow;

use crate::engine::{Conn, StoreError, query};

/// A kept answer.
#[derive(Clone, Debug, FromRow)]
pub struct KeptAnswer {
    /// Hash of the body that was answered.
    pub body_hash: String,
    /// The answer's `data`, as JSON.
    pub answer: String,
}

/// Which request it is.
#[derive(Clone, Debug)]
pub struct RequestKey {
    /// Who asks.
    pub user: UserId,
    /// The route's name, with the tenant it concerns.
    pub route: String,
    /// The caller's key.
    pub key: String,
    /// SHA-256 of the body, in hex.
    pub body_hash: String,
}

/// The answer kept since `since`.
pub async fn find(conn: &mut Conn, request: &RequestKey, since: Timestamp) -> Result<Option<KeptAnswer>, StoreError> {
    query(
        "SELECT body_hash, answer FROM idempotency_keys
         WHERE user_id = $1 AND route = $2 AND idempotency_key = $3 AND created_at > $4",
    )
    .bind(request.user)
    .bind(&request.route)
    .bind(&request.key)
    .bind(since)
    .optional(conn)
    .await
}

/// Keeps an answer, in place of one that is too old to count.
pub async fn insert(conn: &mut Conn, request: &RequestKey, answer: &str, now: Timestamp) -> Result<(), StoreError> {
    query(
        "INSERT INTO idempotency_keys (user_id, route, idempotency_key, body_hash, answer, created_at)
         VALUES ($1, $2, $3, $4, $5, $6)
         ON CONFLICT (user_id, route, idempotency_key)
         DO UPDATE SET body_hash = excluded.body_hash, answer = excluded.answer, created_at = excluded.created_at",
    )
    .bind(request.user)
    .bind(&request.route)
    .bind(&request.key)
    .bind(&request.body_hash)
    .bind(answer)
    .bind(now)
    .execute(conn)
    .await
    .map(drop)
}

/// Forgets up to `limit` answers from before `before`.
pub async fn delete_expired(conn: &mut Conn, before: Timestamp, limit: i64) -> Result<u64, StoreError> {
    query(
        "DELETE FROM idempotency_keys WHERE (user_id, route, idempotency_key) IN (SELECT user_id, route, idempotency_key FROM idempotency_keys WHERE created_at < $1 LIMIT $2)",
    )
    .bind(before)
    .bind(limit)
    .execute(conn)
    .await
}
