//! Webhooks: verified over the raw body, kept and queued in one transaction, answered fast, worked through once.

use anyhow::Context;
use erpmax_store::{payments, work};
use erpmax_types::ErrorCode;

use super::payment;
use crate::{Core, Result};

/// The queue of provider events.
pub(crate) const QUEUE: &str = "webhook";

/// Takes a provider's webhook in. The same event a second time changes nothing.
pub async fn receive(core: &Core, provider: &str, signature: Option<&str>, body: &[u8]) -> Result<()> {
    let provider = core.providers().find(provider).ok_or(ErrorCode::NotFound)?;
    let body = std::str::from_utf8(body).map_err(|_| ErrorCode::InvalidSignature)?;
    provider.verify(core, signature, body)?;
    let event = provider.read(body)?;
    let mut tx = core.store().begin().await?;
    if payments::insert_provider_event(&mut tx, provider.name(), &event.id, body, core.now()).await? {
        let subject = format!("{}/{}", provider.name(), event.id);
        work::insert(&mut tx, core.id(), QUEUE, &subject, &subject, core.now()).await?;
    }
    Ok(tx.commit().await?)
}

/// Works through a kept event; `subject` is `provider/event`. It leaves the queue only when it is settled.
pub(crate) async fn handle(core: &Core, subject: &str) -> Result<()> {
    let (name, event) = subject.split_once('/').context("A queued provider event has a bad name")?;
    let provider = core.providers().find(name).context("The provider of a queued event is not configured")?;
    let kept = payments::find_provider_event(&mut core.store().read().await?, name, event).await?;
    let kept = kept.context("A queued provider event is missing")?;
    let happening = provider.read(&kept.body)?.happening;
    let mut tx = core.store().begin().await?;
    if kept.handled_at.is_none() {
        let outcome = match happening {
            Some(happening) => payment::settle(core, &mut tx, name, &happening).await?,
            None => "ignored",
        };
        payments::mark_handled(&mut tx, name, event, outcome, core.now()).await?;
    }
    work::delete(&mut tx, QUEUE, subject).await?;
    Ok(tx.commit().await?)
}
