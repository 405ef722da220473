//! Counters of attempts, by name.

use erpmax_types::Timestamp;
use sqlx::FromRow;

use crate::engine::{Conn, StoreError, query};

/// A counter as it is kept.
#[derive(Clone, Debug, FromRow)]
pub struct ThrottleRow {
    /// Attempts in the present window.
    pub count: i64,
    /// How often it was blocked without a quiet day between.
    pub strikes: i64,
    /// When the window ends.
    pub window_ends_at: Timestamp,
    /// Until when nothing is let through.
    pub blocked_until: Timestamp,
}

/// The counter `name`.
pub async fn find(conn: &mut Conn, name: &str) -> Result<Option<ThrottleRow>, StoreError> {
    query("SELECT count, strikes, window_ends_at, blocked_until FROM throttles WHERE name = $1")
        .bind(name)
        .optional(conn)
        .await
}

/// Counts one attempt, in a new window if the old one is over, and says where the counter stands now.
pub async fn count(
    conn: &mut Conn,
    name: &str,
    window_ends_at: Timestamp,
    now: Timestamp,
) -> Result<ThrottleRow, StoreError> {
    query(
        "INSERT INTO throttles (name, count, strikes, window_ends_at, blocked_until) VALUES ($1, 1, 0, $2, 0)
         ON CONFLICT (name) DO UPDATE SET
             count = CASE WHEN throttles.window_ends_at <= $3 THEN 1 ELSE throttles.count + 1 END,
             window_ends_at = CASE WHEN throttles.window_ends_at <= $3 THEN $2 ELSE throttles.window_ends_at END
         RETURNING count, strikes, window_ends_at, blocked_until",
    )
    .bind(name)
    .bind(window_ends_at)
    .bind(now)
    .one(conn)
    .await
}

/// Lets nothing through until `until`, and counts that as a strike.
pub async fn block(conn: &mut Conn, name: &str, until: Timestamp) -> Result<(), StoreError> {
    query("UPDATE throttles SET count = 0, strikes = strikes + 1, blocked_until = $2, window_ends_at = $2 WHERE name = $1")
        .bind(name)
        .bind(until)
        .execute(conn)
        .await
        .map(drop)
}

/// Forgets a counter.
pub async fn delete(conn: &mut Conn, name: &str) -> Result<(), StoreError> {
    query("DELETE FROM throttles WHERE name = $1").bind(name).execute(conn).await.map(drop)
}

/// Forgets up to `limit` counters whose window ended before `before`.
pub async fn delete_expired(conn: &mut Conn, before: Timestamp, limit: i64) -> Result<u64, StoreError> {
    query(
        "DELETE FROM throttles WHERE name IN (SELECT name FROM throttles WHERE window_ends_at < $1 AND blocked_until < $1 LIMIT $2)",
    )
    .bind(before)
    .bind(limit)
    .execute(conn)
    .await
}
