//! Sealing everything anew under another master key, while others read and write.

use erpmax_store::sealed::{self, COLUMNS, SealedColumn};
use erpmax_store::{Conn, Store};

use super::MasterKey;

/// Secrets that are sealed anew in one transaction.
const BATCH: i64 = 100;

/// Seals everything under the first key of `master` that is not; how many secrets that were.
///
/// Ended at any instant, it goes on where it stopped when it is called again: each secret is under the old key or the new.
pub async fn reseal(store: &Store, master: &MasterKey) -> anyhow::Result<u64> {
    let mut count = 0;
    for column in COLUMNS {
        loop {
            let resealed = reseal_some(store, master, column).await?;
            if resealed == 0 {
                break;
            }
            count += resealed;
        }
    }
    Ok(count)
}

/// How many secrets are not under the first key of `master`.
pub async fn count_others(store: &Store, master: &MasterKey) -> anyhow::Result<u64> {
    let (id, mut conn, mut count) = (master.sealing_id()?, store.read().await?, 0);
    for column in COLUMNS {
        count += sealed::count_others(&mut conn, column, &id).await?;
    }
    Ok(count)
}

/// Whether the key opens what the database keeps: one secret of each column is tried.
pub async fn check_fits(store: &Store, master: &MasterKey) -> anyhow::Result<()> {
    let mut conn = store.read().await?;
    for column in COLUMNS {
        for (key, sealed) in sealed::list_others(&mut conn, column, "", 1).await? {
            master.open(&column.place(&key), &sealed)?;
        }
    }
    Ok(())
}

async fn reseal_some(store: &Store, master: &MasterKey, column: &SealedColumn) -> anyhow::Result<u64> {
    let id = master.sealing_id()?;
    let mut tx = store.begin().await?;
    let rows = sealed::list_others(&mut tx, column, &id, BATCH).await?;
    for (key, old) in &rows {
        reseal_one(&mut tx, master, column, key, old).await?;
    }
    tx.commit().await?;
    Ok(rows.len() as u64)
}

/// A row that somebody else changed meanwhile is looked at again in the next batch.
async fn reseal_one(
    conn: &mut Conn,
    master: &MasterKey,
    column: &SealedColumn,
    key: &str,
    old: &str,
) -> anyhow::Result<()> {
    let place = column.place(key);
    let secret = master.open(&place, old)?;
    let new = master.seal(&place, &secret)?;
    Ok(sealed::replace(conn, column, key, old, &new).await?)
}
