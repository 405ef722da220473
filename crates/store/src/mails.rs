//! Mails: what waits to be sent, what was sent and what was refused.

use erpmax_types::mail::MailStatus;
use erpmax_types::{MailId, TenantId, Timestamp, UserId};
use sqlx::FromRow;

use crate::engine::{Conn, StoreError, query};

/// A mail as it is kept.
#[derive(Clone, Debug, FromRow)]
pub struct MailRow {
    /// The mail's id; its `Message-ID` is made from it.
    pub id: MailId,
    /// Whom it is for, if that is an account.
    pub user_id: Option<UserId>,
    /// The tenant that it speaks of.
    pub tenant_id: Option<TenantId>,
    /// Where it goes.
    pub address: String,
    /// The language it is written in.
    pub language: String,
    /// Which letter it is.
    pub kind: String,
    /// What is said in it, sealed for `mails/{id}`; empty once it was sent.
    pub content_sealed: String,
    /// What became of it.
    pub status: MailStatus,
    /// How often sending it did not work.
    pub attempts: i64,
    /// Why it did not work the last time.
    pub last_error: Option<String>,
    /// When it was written.
    pub created_at: Timestamp,
    /// When it began to wait, for the first time or again.
    pub queued_at: Timestamp,
    /// When a server took it.
    pub sent_at: Option<Timestamp>,
}

macro_rules! select_mail {
    ($rest:literal) => {
        concat!(
            "SELECT id, user_id, tenant_id, address, language, kind, content_sealed, status, attempts, last_error,
                    created_at, queued_at, sent_at
             FROM mails ",
            $rest
        )
    };
}

/// Adds a mail.
pub async fn insert(conn: &mut Conn, mail: &MailRow) -> Result<(), StoreError> {
    query(
        "INSERT INTO mails (id, user_id, tenant_id, address, language, kind, content_sealed, status, attempts,
                            last_error, created_at, queued_at, sent_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)",
    )
    .bind(mail.id)
    .bind(mail.user_id)
    .bind(mail.tenant_id)
    .bind(&mail.address)
    .bind(&mail.language)
    .bind(&mail.kind)
    .bind(&mail.content_sealed)
    .bind(mail.status)
    .bind(mail.attempts)
    .bind(&mail.last_error)
    .bind(mail.created_at)
    .bind(mail.queued_at)
    .bind(mail.sent_at)
    .execute(conn)
    .await
    .map(drop)
}

/// One mail.
pub async fn find(conn: &mut Conn, id: MailId) -> Result<Option<MailRow>, StoreError> {
    query(select_mail!("WHERE id = $1")).bind(id).optional(conn).await
}

/// The newest mails, of one status or all.
pub async fn list(conn: &mut Conn, status: Option<MailStatus>, most: i64) -> Result<Vec<MailRow>, StoreError> {
    query(select_mail!("WHERE ($1 IS NULL OR status = $1) ORDER BY created_at DESC, id DESC LIMIT $2"))
        .bind(status)
        .bind(most)
        .all(conn)
        .await
}

/// Notes that a mail was taken; what was said in it is forgotten.
pub async fn mark_sent(conn: &mut Conn, id: MailId, now: Timestamp) -> Result<(), StoreError> {
    query(
        "UPDATE mails SET status = $2, sent_at = $3, content_sealed = '', last_error = NULL
         WHERE id = $1 AND status <> $2",
    )
    .bind(id)
    .bind(MailStatus::Sent)
    .bind(now)
    .execute(conn)
    .await
    .map(drop)
}

/// Notes that sending a waiting mail did not work; with `Refused` it is not tried again.
pub async fn mark_failed(conn: &mut Conn, id: MailId, status: MailStatus, error: &str) -> Result<(), StoreError> {
    query("UPDATE mails SET status = $2, attempts = attempts + 1, last_error = $3 WHERE id = $1 AND status = $4")
        .bind(id)
        .bind(status)
        .bind(error)
        .bind(MailStatus::Queued)
        .execute(conn)
        .await
        .map(drop)
}

/// Lets a refused mail wait again; false if it was not refused.
pub async fn requeue(conn: &mut Conn, id: MailId, now: Timestamp) -> Result<bool, StoreError> {
    query("UPDATE mails SET status = $2, queued_at = $3 WHERE id = $1 AND status = $4")
        .bind(id)
        .bind(MailStatus::Queued)
        .bind(now)
        .bind(MailStatus::Refused)
        .execute(conn)
        .await
        .map(|rows| rows > 0)
}

/// Forgets up to `limit` mails from before `before` that were sent or refused.
pub async fn delete_expired(conn: &mut Conn, before: Timestamp, limit: i64) -> Result<u64, StoreError> {
    query("DELETE FROM mails WHERE id IN (SELECT id FROM mails WHERE created_at < $1 AND status <> $3 LIMIT $2)")
        .bind(before)
        .bind(limit)
        .bind(MailStatus::Queued)
        .execute(conn)
        .await
}
