//! Tokens of links in mails, by their hash.

use erpmax_types::mail::MailPurpose;
use erpmax_types::{Timestamp, UserId};
use sqlx::FromRow;

use crate::engine::{Conn, StoreError, query};

/// A token as it is kept.
#[derive(Clone, Debug, FromRow)]
pub struct MailTokenRow {
    /// SHA-256 of the token.
    pub token_hash: String,
    /// What it is good for.
    pub purpose: MailPurpose,
    /// For which account.
    pub user_id: UserId,
    /// The address that it was sent to, as it was written.
    pub email: String,
    /// The address as addresses are compared.
    pub email_key: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// Until when it is good.
    pub expires_at: Timestamp,
    /// When it was used.
    pub spent_at: Option<Timestamp>,
}

/// Adds a token.
pub async fn insert(conn: &mut Conn, token: &MailTokenRow) -> Result<(), StoreError> {
    query(
        "INSERT INTO mail_tokens (token_hash, purpose, user_id, email, email_key, created_at, expires_at, spent_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
    )
    .bind(&token.token_hash)
    .bind(token.purpose)
    .bind(token.user_id)
    .bind(&token.email)
    .bind(&token.email_key)
    .bind(token.created_at)
    .bind(token.expires_at)
    .bind(token.spent_at)
    .execute(conn)
    .await
    .map(drop)
}

/// A token that is still good.
pub async fn find(conn: &mut Conn, token_hash: &str, now: Timestamp) -> Result<Option<MailTokenRow>, StoreError> {
    query(
        "SELECT token_hash, purpose, user_id, email, email_key, created_at, expires_at, spent_at FROM mail_tokens
         WHERE token_hash = $1 AND spent_at IS NULL AND expires_at > $2",
    )
    .bind(token_hash)
    .bind(now)
    .optional(conn)
    .await
}

/// Uses a token that is still good; false if it is not, for instance because somebody else was faster.
pub async fn spend(conn: &mut Conn, token_hash: &str, now: Timestamp) -> Result<bool, StoreError> {
    query("UPDATE mail_tokens SET spent_at = $2 WHERE token_hash = $1 AND spent_at IS NULL AND expires_at > $2")
        .bind(token_hash)
        .bind(now)
        .execute(conn)
        .await
        .map(|rows| rows > 0)
}

/// Ends an account's unused tokens of one purpose.
pub async fn delete_unspent(conn: &mut Conn, user: UserId, purpose: MailPurpose) -> Result<(), StoreError> {
    query("DELETE FROM mail_tokens WHERE user_id = $1 AND purpose = $2 AND spent_at IS NULL")
        .bind(user)
        .bind(purpose)
        .execute(conn)
        .await
        .map(drop)
}

/// Forgets up to `limit` tokens that expired before `before`.
pub async fn delete_expired(conn: &mut Conn, before: Timestamp, limit: i64) -> Result<u64, StoreError> {
    query(
        "DELETE FROM mail_tokens
         WHERE token_hash IN (SELECT token_hash FROM mail_tokens WHERE expires_at < $1 LIMIT $2)",
    )
    .bind(before)
    .bind(limit)
    .execute(conn)
    .await
}
