//! Facts about this installation, by name: its sealed secrets and what was done once.

use crate::engine::{Conn, StoreError, query};

/// The value kept under a name.
pub async fn find(conn: &mut Conn, name: &str) -> Result<Option<String>, StoreError> {
    let row: Option<(String,)> =
        query("SELECT value FROM installation WHERE name = $1").bind(name).optional(conn).await?;
    Ok(row.map(|(value,)| value))
}

/// Keeps a value under a name unless there is one; false if there is.
pub async fn insert(conn: &mut Conn, name: &str, value: &str) -> Result<bool, StoreError> {
    query("INSERT INTO installation (name, value) VALUES ($1, $2) ON CONFLICT DO NOTHING")
        .bind(name)
        .bind(value)
        .execute(conn)
        .await
        .map(|rows| rows > 0)
}

/// Puts `new` in the place of `old`; false if somebody else was faster.
pub async fn replace(conn: &mut Conn, name: &str, old: &str, new: &str) -> Result<bool, StoreError> {
    query("UPDATE installation SET value = $3 WHERE name = $1 AND value = $2")
        .bind(name)
        .bind(old)
        .bind(new)
        .execute(conn)
        .await
        .map(|rows| rows > 0)
}
