//! Second factors of accounts, and the recovery codes that stand in for them.

use erpmax_types::{Timestamp, UserId};
use sqlx::FromRow;

use crate::engine::{Conn, StoreError, query};

/// A second factor as it is kept.
#[derive(Clone, Debug, FromRow)]
pub struct SecondFactorRow {
    /// Whose it is.
    pub user_id: UserId,
    /// The shared secret, sealed by the master key.
    pub secret_sealed: String,
    /// The newest time step whose code was used.
    pub last_step: i64,
    /// When it was begun.
    pub created_at: Timestamp,
    /// Since when it is asked for; none until its first code was shown.
    pub activated_at: Option<Timestamp>,
}

/// Where an account stands.
#[derive(Clone, Copy, Debug, FromRow)]
pub struct SecondFactorState {
    /// Since when a code is asked for.
    pub activated_at: Option<Timestamp>,
    /// Recovery codes that are left.
    pub recovery_codes: i64,
}

/// Keeps a factor that is not active, in place of another one that is not; false if one is active.
pub async fn insert(conn: &mut Conn, factor: &SecondFactorRow) -> Result<bool, StoreError> {
    query(
        "INSERT INTO second_factors (user_id, secret_sealed, last_step, created_at) VALUES ($1, $2, $3, $4)
         ON CONFLICT (user_id) DO UPDATE SET
             secret_sealed = excluded.secret_sealed, last_step = excluded.last_step, created_at = excluded.created_at
         WHERE second_factors.activated_at IS NULL",
    )
    .bind(factor.user_id)
    .bind(&factor.secret_sealed)
    .bind(factor.last_step)
    .bind(factor.created_at)
    .execute(conn)
    .await
    .map(|rows| rows > 0)
}

/// Where an account stands; none if it has no factor, active or not.
pub async fn find_state(conn: &mut Conn, user: UserId) -> Result<Option<SecondFactorState>, StoreError> {
    query(
        "SELECT f.activated_at, (SELECT COUNT(*) FROM recovery_codes c WHERE c.user_id = f.user_id) AS recovery_codes
         FROM second_factors f WHERE f.user_id = $1",
    )
    .bind(user)
    .optional(conn)
    .await
}

/// Whether an account's sign-in asks for a code.
pub async fn is_active(conn: &mut Conn, user: UserId) -> Result<bool, StoreError> {
    query("SELECT COUNT(*) FROM second_factors WHERE user_id = $1 AND activated_at IS NOT NULL")
        .bind(user)
        .count(conn)
        .await
        .map(|count| count > 0)
}

/// An account's factor, which stays as it is until the transaction ends: codes are looked at one after another.
pub async fn take(conn: &mut Conn, user: UserId) -> Result<Option<SecondFactorRow>, StoreError> {
    query(
        "UPDATE second_factors SET last_step = last_step WHERE user_id = $1
         RETURNING user_id, secret_sealed, last_step, created_at, activated_at",
    )
    .bind(user)
    .optional(conn)
    .await
}

/// From now on a code is asked for.
pub async fn activate(conn: &mut Conn, user: UserId, now: Timestamp) -> Result<(), StoreError> {
    query("UPDATE second_factors SET activated_at = $2 WHERE user_id = $1")
        .bind(user)
        .bind(now)
        .execute(conn)
        .await
        .map(drop)
}

/// Notes that the code of a time step was used.
pub async fn update_last_step(conn: &mut Conn, user: UserId, step: i64) -> Result<(), StoreError> {
    query("UPDATE second_factors SET last_step = $2 WHERE user_id = $1")
        .bind(user)
        .bind(step)
        .execute(conn)
        .await
        .map(drop)
}

/// Forgets an account's factor.
pub async fn delete(conn: &mut Conn, user: UserId) -> Result<(), StoreError> {
    query("DELETE FROM second_factors WHERE user_id = $1").bind(user).execute(conn).await.map(drop)
}

/// Adds a recovery code by its hash.
pub async fn insert_recovery_code(
    conn: &mut Conn,
    user: UserId,
    code_hash: &str,
    now: Timestamp,
) -> Result<(), StoreError> {
    query("INSERT INTO recovery_codes (code_hash, user_id, created_at) VALUES ($1, $2, $3)")
        .bind(code_hash)
        .bind(user)
        .bind(now)
        .execute(conn)
        .await
        .map(drop)
}

/// Spends a recovery code; false if there is none such.
pub async fn delete_recovery_code(conn: &mut Conn, user: UserId, code_hash: &str) -> Result<bool, StoreError> {
    query("DELETE FROM recovery_codes WHERE code_hash = $1 AND user_id = $2")
        .bind(code_hash)
        .bind(user)
        .execute(conn)
        .await
        .map(|rows| rows > 0)
}

/// Forgets all recovery codes of an account.
pub async fn delete_recovery_codes(conn: &mut Conn, user: UserId) -> Result<(), StoreError> {
    query("DELETE FROM recovery_codes WHERE user_id = $1").bind(user).execute(conn).await.map(drop)
}
