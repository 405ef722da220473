//! Accounts.

use erpmax_types::users::User;
use erpmax_types::{Timestamp, UserId};
use sqlx::FromRow;

use crate::engine::{Conn, StoreError, query};

/// An account as it is kept.
#[derive(Clone, Debug, FromRow)]
pub struct UserRow {
    /// The account's id.
    pub id: UserId,
    /// The address as it was written.
    pub email: String,
    /// The person's name.
    pub full_name: String,
    /// PHC string of Argon2id, or an imported bcrypt hash.
    pub password_hash: String,
    /// `uk` or `en`: the language of notifications and mails.
    pub language: String,
    /// False once an operator deactivated the account.
    pub is_active: bool,
    /// True for an operator of the installation.
    pub is_superuser: bool,
    /// When the address was proven.
    pub email_proven_at: Option<Timestamp>,
    /// When the account was made.
    pub created_at: Timestamp,
    /// When it was changed last.
    pub updated_at: Timestamp,
}

impl UserRow {
    /// The account as the wire shows it.
    pub fn to_user(&self) -> User {
        User {
            id: self.id,
            email: self.email.clone(),
            full_name: self.full_name.clone(),
            is_active: self.is_active,
            is_superuser: self.is_superuser,
            email_verified: self.email_proven_at.is_some(),
            created_at: self.created_at,
            updated_at: self.updated_at,
        }
    }
}

/// The account with this address, compared without case (`email_key` is the address folded).
pub async fn find_by_email(conn: &mut Conn, email_key: &str) -> Result<Option<UserRow>, StoreError> {
    query("SELECT * FROM users WHERE email_key = $1").bind(email_key).optional(conn).await
}

/// Adds an account; a taken address is a violation of `users.email_key`.
pub async fn insert(conn: &mut Conn, user: &UserRow, email_key: &str) -> Result<(), StoreError> {
    query(
        "INSERT INTO users (id, email, email_key, full_name, password_hash, language, is_active, is_superuser,
             email_proven_at, created_at, updated_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
    )
    .bind(user.id)
    .bind(&user.email)
    .bind(email_key)
    .bind(&user.full_name)
    .bind(&user.password_hash)
    .bind(&user.language)
    .bind(user.is_active)
    .bind(user.is_superuser)
    .bind(user.email_proven_at)
    .bind(user.created_at)
    .bind(user.updated_at)
    .execute(conn)
    .await
    .map(drop)
}

/// Replaces a password's hash.
pub async fn update_password(conn: &mut Conn, id: UserId, hash: &str, now: Timestamp) -> Result<(), StoreError> {
    query("UPDATE users SET password_hash = $2, updated_at = $3 WHERE id = $1")
        .bind(id)
        .bind(hash)
        .bind(now)
        .execute(conn)
        .await
        .map(drop)
}

/// Lets an account in, or no longer.
pub async fn update_active(conn: &mut Conn, id: UserId, active: bool, now: Timestamp) -> Result<bool, StoreError> {
    query("UPDATE users SET is_active = $2, updated_at = $3 WHERE id = $1")
        .bind(id)
        .bind(active)
        .bind(now)
        .execute(conn)
        .await
        .map(|rows| rows > 0)
}

/// The account with this id.
pub async fn find(conn: &mut Conn, id: UserId) -> Result<Option<UserRow>, StoreError> {
    query("SELECT * FROM users WHERE id = $1").bind(id).optional(conn).await
}
