//! What the database tells of itself.

use erpmax_types::Timestamp;

use crate::engine::{Conn, Store, StoreError, query};
use crate::installation;

/// The database's version, as its makers write it.
pub async fn version(conn: &mut Conn) -> Result<String, StoreError> {
    let sql = if conn.is_postgres() { "SELECT CURRENT_SETTING('server_version')" } else { "SELECT sqlite_version()" };
    query(sql).one::<(String,)>(conn).await.map(|(version,)| version)
}

/// The time by the server's clock; none where the database is a file.
pub async fn time(conn: &mut Conn) -> Result<Option<Timestamp>, StoreError> {
    if !conn.is_postgres() {
        return Ok(None);
    }
    let now = query("SELECT (EXTRACT(EPOCH FROM CLOCK_TIMESTAMP()) * 1000000)::BIGINT");
    now.one::<(Timestamp,)>(conn).await.map(|(now,)| Some(now))
}

/// Writes a row and takes it back.
pub async fn try_to_write(store: &Store) -> Result<(), StoreError> {
    let mut tx = store.begin().await?;
    installation::insert(&mut tx, "written_to_try", "").await.map(drop)
}
