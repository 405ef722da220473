//! Keys that sign access tokens, sealed.

use erpmax_types::Timestamp;
use sqlx::FromRow;

use crate::engine::{Conn, StoreError, query};

/// A signing key as it is kept.
#[derive(Clone, Debug, FromRow)]
pub struct SigningKeyRow {
    /// Names the key in a token's header.
    pub kid: String,
    /// The secret, sealed by the master key.
    pub secret_sealed: String,
    /// When it was made; the newest one signs.
    pub created_at: Timestamp,
    /// Since when it only verifies, for 24 hours.
    pub retired_at: Option<Timestamp>,
}

/// The keys that verify, newest first: those not retired before `retired_after`.
pub async fn list(conn: &mut Conn, retired_after: Timestamp) -> Result<Vec<SigningKeyRow>, StoreError> {
    query(
        "SELECT kid, secret_sealed, created_at, retired_at FROM signing_keys
         WHERE retired_at IS NULL OR retired_at > $1 ORDER BY created_at DESC, kid DESC",
    )
    .bind(retired_after)
    .all(conn)
    .await
}

/// Adds a key.
pub async fn insert(conn: &mut Conn, key: &SigningKeyRow) -> Result<(), StoreError> {
    query("INSERT INTO signing_keys (kid, secret_sealed, created_at) VALUES ($1, $2, $3)")
        .bind(&key.kid)
        .bind(&key.secret_sealed)
        .bind(key.created_at)
        .execute(conn)
        .await
        .map(drop)
}

/// Retires the keys that sign: from `now` on they only verify.
pub async fn retire_all(conn: &mut Conn, now: Timestamp) -> Result<(), StoreError> {
    query("UPDATE signing_keys SET retired_at = $1 WHERE retired_at IS NULL").bind(now).execute(conn).await.map(drop)
}
