//! Sign-ins whose password was right and whose code is still to come, by the hash of their challenge.

use erpmax_types::{Timestamp, UserId};
use sqlx::FromRow;

use crate::engine::{Conn, StoreError, query};

/// A challenge, as it is made.
#[derive(Clone, Debug)]
pub struct NewChallenge<'a> {
    /// SHA-256 of the challenge.
    pub challenge_hash: &'a str,
    /// Who showed the right password.
    pub user: UserId,
    /// From where; the code has to come from there too.
    pub address: &'a str,
    /// Hash of the password's hash at that time.
    pub password_mark: &'a str,
    /// When.
    pub created_at: Timestamp,
    /// Until when the code may come.
    pub expires_at: Timestamp,
}

/// A challenge that is still good.
#[derive(Clone, Debug, FromRow)]
pub struct ChallengeRow {
    /// Who showed the right password.
    pub user_id: UserId,
    /// Hash of the password's hash at that time.
    pub password_mark: String,
}

/// Adds a challenge.
pub async fn insert(conn: &mut Conn, challenge: &NewChallenge<'_>) -> Result<(), StoreError> {
    query(
        "INSERT INTO login_challenges (challenge_hash, user_id, address, password_mark, tries, created_at, expires_at)
         VALUES ($1, $2, $3, $4, 0, $5, $6)",
    )
    .bind(challenge.challenge_hash)
    .bind(challenge.user)
    .bind(challenge.address)
    .bind(challenge.password_mark)
    .bind(challenge.created_at)
    .bind(challenge.expires_at)
    .execute(conn)
    .await
    .map(drop)
}

/// Counts a try on a challenge of this address, and keeps others from it until the transaction ends; none if it is unknown, too
/// old, or was tried `most` times.
pub async fn count_try(
    conn: &mut Conn,
    challenge_hash: &str,
    address: &str,
    most: i64,
    now: Timestamp,
) -> Result<Option<ChallengeRow>, StoreError> {
    query(
        "UPDATE login_challenges SET tries = tries + 1
         WHERE challenge_hash = $1 AND address = $2 AND tries < $3 AND expires_at > $4
         RETURNING user_id, password_mark",
    )
    .bind(challenge_hash)
    .bind(address)
    .bind(most)
    .bind(now)
    .optional(conn)
    .await
}

/// Forgets a challenge.
pub async fn delete(conn: &mut Conn, challenge_hash: &str) -> Result<(), StoreError> {
    query("DELETE FROM login_challenges WHERE challenge_hash = $1").bind(challenge_hash).execute(conn).await.map(drop)
}

/// Forgets up to `limit` challenges that expired before `before`.
pub async fn delete_expired(conn: &mut Conn, before: Timestamp, limit: i64) -> Result<u64, StoreError> {
    query(
        "DELETE FROM login_challenges
         WHERE challenge_hash IN (SELECT challenge_hash FROM login_challenges WHERE expires_at < $1 LIMIT $2)",
    )
    .bind(before)
    .bind(limit)
    .execute(conn)
    .await
}
