//! What an operator sees of mails and does about them.

use erpmax_store::mails::{self, MailRow};
use erpmax_store::{Store, work};
use erpmax_types::MailId;
use erpmax_types::mail::MailStatus;

use super::QUEUE;
use crate::{Clock, Result};

/// The newest mails, of one status or all.
pub async fn list(store: &Store, status: Option<MailStatus>, most: i64) -> Result<Vec<MailRow>> {
    Ok(mails::list(&mut store.read().await?, status, most).await?)
}

/// Sends a refused mail once more; false if there is no refused mail of this id.
pub async fn retry(store: &Store, clock: &Clock, id: MailId) -> Result<bool> {
    let mut tx = store.begin().await?;
    if !mails::requeue(&mut tx, id, clock.now()).await? {
        return Ok(false);
    }
    let subject = id.to_string();
    work::insert(&mut tx, clock.id(), QUEUE, &subject, &subject, clock.now()).await?;
    tx.commit().await?;
    Ok(true)
}
