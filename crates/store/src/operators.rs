//! Operators of the installation: accounts with `is_superuser`.

use erpmax_types::{Timestamp, UserId};
use sqlx::FromRow;

use crate::engine::{Conn, StoreError, query};

/// An operator, as the command line lists it.
#[derive(Clone, Debug, FromRow)]
pub struct OperatorRow {
    /// The account.
    pub id: UserId,
    /// Its address.
    pub email: String,
    /// The person's name.
    pub full_name: String,
    /// Whether the account is let in.
    pub is_active: bool,
    /// Since when signing in asks for a code.
    pub second_factor_at: Option<Timestamp>,
    /// When a session of the account was used last.
    pub last_used_at: Option<Timestamp>,
}

/// All operators, in the order of their addresses.
pub async fn list(conn: &mut Conn) -> Result<Vec<OperatorRow>, StoreError> {
    query(
        "SELECT u.id, u.email, u.full_name, u.is_active, f.activated_at AS second_factor_at,
                (SELECT MAX(s.last_used_at) FROM sessions s WHERE s.user_id = u.id) AS last_used_at
         FROM users u LEFT JOIN second_factors f ON f.user_id = u.id
         WHERE u.is_superuser ORDER BY u.email_key",
    )
    .all(conn)
    .await
}

/// Makes an account an operator, or no longer; false if it is that already.
pub async fn update(conn: &mut Conn, id: UserId, is_operator: bool, now: Timestamp) -> Result<bool, StoreError> {
    query("UPDATE users SET is_superuser = $2, updated_at = $3 WHERE id = $1 AND is_superuser <> $2")
        .bind(id)
        .bind(is_operator)
        .bind(now)
        .execute(conn)
        .await
        .map(|rows| rows > 0)
}

/// Forgets when the person behind each session showed the password last.
pub async fn delete_confirmations(conn: &mut Conn, id: UserId) -> Result<(), StoreError> {
    query("UPDATE sessions SET confirmed_at = 0 WHERE user_id = $1 AND ended_at IS NULL")
        .bind(id)
        .execute(conn)
        .await
        .map(drop)
}
