//! Mails: what waits, what was sent, what was refused, and what is forgotten.

use erpmax_store::Store;
use erpmax_store::mails::{self, MailRow};
use erpmax_types::mail::MailStatus;

use crate::lived_in;
use crate::sample::MAIL;
use crate::support::{Checked, at, fresh, id};

async fn find(store: &Store) -> Checked<Option<MailRow>> {
    Ok(mails::find(&mut store.read().await?, id(MAIL)).await?)
}

#[tokio::test]
async fn a_sent_mail_keeps_nothing_of_what_was_said_in_it() -> Checked {
    let (_database, store) = fresh().await?;
    lived_in::fill(&store).await?;
    let mut tx = store.begin().await?;
    mails::mark_failed(&mut tx, id(MAIL), MailStatus::Queued, "451 later").await?;
    mails::mark_sent(&mut tx, id(MAIL), at(300)).await?;
    tx.commit().await?;
    let mail = find(&store).await?.ok_or("it is there")?;
    assert_eq!((mail.status, mail.content_sealed.as_str(), mail.attempts), (MailStatus::Sent, "", 1));
    assert_eq!((mail.last_error, mail.sent_at), (None, Some(at(300))));
    Ok(())
}

#[tokio::test]
async fn a_failure_told_late_does_not_undo_the_sending() -> Checked {
    let (_database, store) = fresh().await?;
    lived_in::fill(&store).await?;
    let mut tx = store.begin().await?;
    mails::mark_sent(&mut tx, id(MAIL), at(300)).await?;
    mails::mark_failed(&mut tx, id(MAIL), MailStatus::Refused, "550 no").await?;
    assert!(!mails::requeue(&mut tx, id(MAIL), at(301)).await?);
    tx.commit().await?;
    assert_eq!(find(&store).await?.map(|mail| mail.status), Some(MailStatus::Sent));
    Ok(())
}

#[tokio::test]
async fn only_a_refused_mail_is_queued_again() -> Checked {
    let (_database, store) = fresh().await?;
    lived_in::fill(&store).await?;
    let mut tx = store.begin().await?;
    assert!(!mails::requeue(&mut tx, id(MAIL), at(300)).await?);
    mails::mark_failed(&mut tx, id(MAIL), MailStatus::Refused, "550 no").await?;
    assert!(mails::requeue(&mut tx, id(MAIL), at(301)).await?);
    tx.commit().await?;
    let mail = find(&store).await?.ok_or("it is there")?;
    assert_eq!((mail.status, mail.queued_at, mail.content_sealed.as_str()), (MailStatus::Queued, at(301), "sealed"));
    Ok(())
}

#[tokio::test]
async fn a_mail_that_waits_is_never_forgotten() -> Checked {
    let (_database, store) = fresh().await?;
    lived_in::fill(&store).await?;
    let mut tx = store.begin().await?;
    mails::delete_expired(&mut tx, at(1_000_000), 10).await?;
    tx.commit().await?;
    assert!(find(&store).await?.is_some());
    let mut tx = store.begin().await?;
    mails::mark_sent(&mut tx, id(MAIL), at(300)).await?;
    mails::delete_expired(&mut tx, at(1_000_000), 10).await?;
    tx.commit().await?;
    assert!(find(&store).await?.is_none());
    Ok(())
}
