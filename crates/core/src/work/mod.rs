//! Work that nobody waits for: the queue's workers inside `serve`, and the broom.

mod broom;
mod worker;

use erpmax_store::work;
use erpmax_types::runner::RunnerIdentity;

use crate::{Core, Result};

pub use broom::{sweep, sweep_forever};
pub use worker::work_forever;

/// Frees what earlier starts of the worker's host hold of a queue: they cannot be running any more.
pub(crate) async fn free_older_boots(core: &Core, queue: &str, worker: &RunnerIdentity) -> Result<()> {
    let mut tx = core.store().begin().await?;
    work::free_older_boots(&mut tx, queue, &worker.host, &worker.boot).await?;
    Ok(tx.commit().await?)
}
