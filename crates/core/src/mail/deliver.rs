//! Sending what waits: tried until a server takes it, refuses it for good, or three days are over.

use std::time::Duration;

use erpmax_store::mails::{self, MailRow};
use erpmax_store::work::{self, WorkRow};
use erpmax_types::MailId;
use erpmax_types::mail::MailStatus;
use tracing::{error, info, warn};

use super::letter::{Content, place};
use super::settings::MailTransport;
use super::transport::Failed;
use super::{Letter, Recipient};
use crate::messages::Language;
use crate::{Core, Result};

/// The queue of mails; a piece of work is called as its mail's id.
pub(crate) const QUEUE: &str = "mail";

/// How long a mail is tried.
const LIFETIME: Duration = Duration::from_secs(3 * 86_400);
const FIRST_PAUSE: Duration = Duration::from_secs(15);
const LONGEST_PAUSE: Duration = Duration::from_secs(2 * 3_600);
/// What a lease is longer than the longest sending: nobody else may begin before we gave up.
const MARGIN: Duration = Duration::from_secs(60);

/// How long a piece of this work is held.
pub(crate) fn lease(core: &Core) -> Duration {
    match &core.settings().mail.transport {
        MailTransport::Smtp(smtp) => smtp.patience + MARGIN,
        MailTransport::Folder(_) => MARGIN,
    }
}

/// Sends the mail that a piece of work is about. No connection to the database is held meanwhile.
pub(crate) async fn handle(core: &Core, work: &WorkRow) -> Result<()> {
    let mail = match work.subject.parse::<MailId>() {
        Ok(id) => mails::find(&mut core.store().read().await?, id).await?,
        Err(_) => None,
    };
    let Some(mail) = mail.filter(|mail| mail.status == MailStatus::Queued) else { return done(core, work).await };
    let sent = match open(core, &mail) {
        Ok((recipient, letter)) => core.postman().send(mail.id, core.now(), &recipient, &letter).await,
        Err(problem) => Err(Failed::unwritten(format!("{problem:#}"))),
    };
    match sent {
        Ok(_) => note_sent(core, work, &mail).await,
        Err(failed) => note_failed(core, work, &mail, &failed).await,
    }
}

async fn done(core: &Core, work: &WorkRow) -> Result<()> {
    let mut tx = core.store().begin().await?;
    work::delete(&mut tx, QUEUE, &work.subject).await?;
    Ok(tx.commit().await?)
}

fn open(core: &Core, mail: &MailRow) -> anyhow::Result<(Recipient, Letter)> {
    let content = core.master().open(&place(mail.id), &mail.content_sealed)?;
    let Content { name, letter } = serde_json::from_slice(&content)?;
    let language = Language::from_tag(&mail.language);
    Ok((Recipient { user: mail.user_id, address: mail.address.clone(), name, language }, letter))
}

async fn note_sent(core: &Core, work: &WorkRow, mail: &MailRow) -> Result<()> {
    let mut tx = core.store().begin().await?;
    mails::mark_sent(&mut tx, mail.id, core.now()).await?;
    work::delete(&mut tx, QUEUE, &work.subject).await?;
    tx.commit().await?;
    info!(mail.id = %mail.id, kind = mail.kind, "Mail is sent");
    Ok(())
}

async fn note_failed(core: &Core, work: &WorkRow, mail: &MailRow, failed: &Failed) -> Result<()> {
    let (now, sentence) = (core.now(), failed.to_string());
    let mut tx = core.store().begin().await?;
    let lease = work.lease_id.unwrap_or_else(|| core.id());
    if work::hold(&mut tx, lease, work.fence, now + MARGIN).await?.is_none() {
        return Ok(());
    }
    let is_over = failed.is_permanent() || now.since(mail.queued_at) >= LIFETIME;
    if is_over {
        mails::mark_failed(&mut tx, mail.id, MailStatus::Refused, &sentence).await?;
        work::delete(&mut tx, QUEUE, &work.subject).await?;
    } else {
        mails::mark_failed(&mut tx, mail.id, MailStatus::Queued, &sentence).await?;
        work::put_off(&mut tx, work.id, work.fence, now + pause(mail.attempts), &sentence).await?;
    }
    tx.commit().await?;
    tell(mail, failed, is_over);
    Ok(())
}

fn tell(mail: &MailRow, failed: &Failed, is_over: bool) {
    if is_over {
        error!(mail.id = %mail.id, kind = mail.kind, error = %failed,
            "A mail was refused; see `erpmax mail list --refused`");
    } else if failed.is_ours() {
        error!(mail.id = %mail.id, error = %failed, "Mail cannot be sent until the [mail] section is put right");
    } else {
        warn!(mail.id = %mail.id, kind = mail.kind, error = %failed, "A mail was not taken and is tried again");
    }
}

/// Twice as long after each try, up to two hours; at random by a quarter, so that mails held up together part.
fn pause(attempts: i64) -> Duration {
    let doublings = u32::try_from(attempts.clamp(0, 16)).unwrap_or(0);
    let pause = (FIRST_PAUSE * 2_u32.pow(doublings)).min(LONGEST_PAUSE);
    pause.mul_f64(rand::random_range(0.75..1.25))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_up_to_two_hours_and_differ() {
        assert!(pause(0) <= Duration::from_secs(19));
        assert!((Duration::from_secs(5_400)..=Duration::from_secs(9_000)).contains(&pause(40)));
        let pauses: std::collections::HashSet<_> = (0..10).map(|_| pause(3)).collect();
        assert!(pauses.len() > 1);
    }
}
