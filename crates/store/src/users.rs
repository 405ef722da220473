//! Accounts.

use std::fmt;

use erpmax_types::users::User;
use erpmax_types::{Timestamp, UserId};
use sqlx::FromRow;

use crate::engine::{Conn, StoreError, query};

/// An account as it is kept.
#[derive(Clone, FromRow)]
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

impl fmt::Debug for UserRow {
    /// Without the password's hash.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UserRow").field("id", &self.id).field("email", &self.email).finish_non_exhaustive()
    }
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
            language: self.language.clone(),
            created_at: self.created_at,
            updated_at: self.updated_at,
        }
    }
}

/// The account with this address, compared without case (`email_key` is the address folded).
pub async fn find_by_email(conn: &mut Conn, email_key: &str) -> Result<Option<UserRow>, StoreError> {
    query("SELECT * FROM users WHERE email_key = $1").bind(email_key).optional(conn).await
}

/// Takes an address until the transaction ends, whether or not there is an account: who invites it and who registers it come
/// one after another and see each other. `SQLite` has one writer anyway.
pub async fn lock_email(conn: &mut Conn, email_key: &str) -> Result<(), StoreError> {
    if conn.is_postgres() {
        // The first number keeps these locks apart from others.
        query("SELECT pg_advisory_xact_lock(1, hashtext($1))").bind(email_key).execute(conn).await?;
    }
    Ok(())
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

/// The account, whose row nobody else changes until the transaction ends.
pub async fn lock(conn: &mut Conn, id: UserId) -> Result<Option<UserRow>, StoreError> {
    query("UPDATE users SET id = id WHERE id = $1 RETURNING *").bind(id).optional(conn).await
}

/// Replaces a password's hash by another; false if it is no longer `old`, because somebody else was faster.
pub async fn replace_password(
    conn: &mut Conn,
    id: UserId,
    old: &str,
    new: &str,
    now: Timestamp,
) -> Result<bool, StoreError> {
    query("UPDATE users SET password_hash = $3, updated_at = $4 WHERE id = $1 AND password_hash = $2")
        .bind(id)
        .bind(old)
        .bind(new)
        .bind(now)
        .execute(conn)
        .await
        .map(|rows| rows > 0)
}

/// Notes that the address was proven; false if it had been before.
pub async fn prove_email(conn: &mut Conn, id: UserId, now: Timestamp) -> Result<bool, StoreError> {
    query("UPDATE users SET email_proven_at = $2, updated_at = $2 WHERE id = $1 AND email_proven_at IS NULL")
        .bind(id)
        .bind(now)
        .execute(conn)
        .await
        .map(|rows| rows > 0)
}

/// Gives an account another address, which is proven; a taken one is a violation of `users.email_key`.
pub async fn update_email(
    conn: &mut Conn,
    id: UserId,
    email: &str,
    email_key: &str,
    now: Timestamp,
) -> Result<(), StoreError> {
    query("UPDATE users SET email = $2, email_key = $3, email_proven_at = $4, updated_at = $4 WHERE id = $1")
        .bind(id)
        .bind(email)
        .bind(email_key)
        .bind(now)
        .execute(conn)
        .await
        .map(drop)
}

/// Changes the person's name and language, where one is given.
pub async fn update_profile(
    conn: &mut Conn,
    id: UserId,
    full_name: Option<&str>,
    language: Option<&str>,
    now: Timestamp,
) -> Result<(), StoreError> {
    query(
        "UPDATE users SET full_name = COALESCE($2, full_name), language = COALESCE($3, language), updated_at = $4
         WHERE id = $1",
    )
    .bind(id)
    .bind(full_name)
    .bind(language)
    .bind(now)
    .execute(conn)
    .await
    .map(drop)
}

/// The costliest bcrypt hash that was imported and not yet replaced.
pub async fn find_costliest_bcrypt(conn: &mut Conn) -> Result<Option<String>, StoreError> {
    let row: Option<(String,)> = query(
        "SELECT password_hash FROM users WHERE password_hash LIKE $1 ORDER BY substr(password_hash, 5, 2) DESC LIMIT 1",
    )
    .bind("$2%")
    .optional(conn)
    .await?;
    Ok(row.map(|(hash,)| hash))
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_printed_for_a_log_holds_no_hash() {
        let user = UserRow {
            id: uuid::Uuid::from_u128(1).into(),
            email: "owner@acme.example".to_owned(),
            full_name: "Acme Owner".to_owned(),
            password_hash: "$argon2id$v=19$secret".to_owned(),
            language: "en".to_owned(),
            is_active: true,
            is_superuser: false,
            email_proven_at: None,
            created_at: Timestamp::from_micros(0),
            updated_at: Timestamp::from_micros(0),
        };
        assert!(!format!("{user:?}").contains("argon2id"), "{user:?}");
    }
}
