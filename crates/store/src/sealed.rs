//! Where the database keeps secrets that the master key seals: the one list of them. A column whose name ends in
//! `_sealed` and that is missing here fails a test.

use crate::engine::{Conn, StoreError, query};

/// A column of sealed secrets.
pub struct SealedColumn {
    /// Its table.
    pub table: &'static str,
    /// Its name.
    pub column: &'static str,
    /// Before a row's key it makes the place that a secret is sealed for.
    prefix: &'static str,
    list: &'static str,
    count: &'static str,
    replace: &'static str,
}

macro_rules! sealed {
    ($table:literal, $key:literal, $column:literal, place: $prefix:literal, where: $condition:literal) => {
        SealedColumn {
            table: $table,
            column: $column,
            prefix: $prefix,
            list: concat!(
                "SELECT ", $key, ", ", $column, " FROM ", $table, " WHERE ", $column, " <> '' AND ", $column, " NOT LIKE $1 AND ", $condition,
                " ORDER BY ", $key, " LIMIT $2"
            ),
            count: concat!(
                "SELECT count(*) FROM ", $table, " WHERE ", $column, " <> '' AND ", $column, " NOT LIKE $1 AND ", $condition
            ),
            replace: concat!(
                "UPDATE ", $table, " SET ", $column, " = $3 WHERE ", $key, " = $1 AND ", $column, " = $2"
            ),
        }
    };
    ($table:literal, $key:literal, $column:literal) => {
        sealed!($table, $key, $column, place: $table, where: "1 = 1")
    };
}

/// Every column of sealed secrets. A row's place is `table/key`; an emptied secret is the empty text.
pub const COLUMNS: &[SealedColumn] = &[
    sealed!("installation", "name", "value", place: "", where: "name = 'derivation_key'"),
    sealed!("signing_keys", "kid", "secret_sealed"),
    sealed!("mails", "id", "content_sealed"),
    sealed!("second_factors", "user_id", "secret_sealed"),
    sealed!("sites", "id", "key_sealed"),
];

/// What a sealed text begins with when the key `id` sealed it.
pub fn sealed_by(id: &str) -> String {
    format!("v1.{id}.")
}

impl SealedColumn {
    /// The place that the secret of the row `key` is sealed for.
    pub fn place(&self, key: &str) -> String {
        if self.prefix.is_empty() { key.to_owned() } else { format!("{}/{key}", self.prefix) }
    }
}

/// Some rows that the key `id` did not seal: key and sealed text.
pub async fn list_others(
    conn: &mut Conn,
    column: &SealedColumn,
    id: &str,
    limit: i64,
) -> Result<Vec<(String, String)>, StoreError> {
    query(column.list).bind(format!("{}%", sealed_by(id))).bind(limit).all(conn).await
}

/// How many rows the key `id` did not seal.
pub async fn count_others(conn: &mut Conn, column: &SealedColumn, id: &str) -> Result<u64, StoreError> {
    query(column.count).bind(format!("{}%", sealed_by(id))).count(conn).await
}

/// Puts `new` in the place of `old`, unless somebody else has changed it.
pub async fn replace(
    conn: &mut Conn,
    column: &SealedColumn,
    key: &str,
    old: &str,
    new: &str,
) -> Result<(), StoreError> {
    query(column.replace).bind(key).bind(old).bind(new).execute(conn).await.map(drop)
}
