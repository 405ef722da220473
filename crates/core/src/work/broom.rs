//! Forgets what has no more use. Each table says for how long its rows are kept, and why.
//!
//! Never forgotten: what was booked (`payment_events`), paid checkouts, provider events that are not worked through, and jobs. How long
//! the audit trail is kept, the operator says.

use std::time::Duration;

use erpmax_store::{
    Tx, api_keys, audit, backups, checkouts, idempotency, invitations, login_challenges, mail_tokens, mails,
    notifications, outbox, payments, refresh_tokens, sessions, sso_tokens, support_accesses, throttles,
};
use tokio_util::sync::CancellationToken;
use tracing::error;

use crate::{Core, Result};

const PAUSE: Duration = Duration::from_secs(15 * 60);
/// Rows a transaction: a writer behind it waits for milliseconds.
const BATCH: i64 = 1_000;
/// Transactions a table and round; what is left then is for the next round.
const BATCHES: usize = 100;

const DAY: Duration = Duration::from_secs(86_400);
/// So long whoever comes back is told what a socket missed.
const EVENTS_KEPT: Duration = DAY;
/// The contract's promise about `Idempotency-Key`.
const ANSWERS_KEPT: Duration = DAY;
/// Passes last a minute, links to archives ten; a day answers questions about the last ones.
const PASSES_KEPT: Duration = DAY;
/// Nobody asks about half a sign-in later than that.
const CHALLENGES_KEPT: Duration = DAY;
/// So long an operator may look up whether a link was used.
const LINKS_KEPT: Duration = Duration::from_secs(30 * 86_400);
/// Without a quiet day between, strikes add up.
const THROTTLES_KEPT: Duration = DAY;
/// Behind its expiry a token opens nothing; until then its reuse ends the family.
const REFRESH_TOKENS_KEPT: Duration = DAY;
/// So long an operator may ask who tried passwords.
const REFUSED_LOGINS_KEPT: Duration = Duration::from_secs(30 * 86_400);
/// Nobody scrolls further back than half a year.
const NOTIFICATIONS_KEPT: Duration = Duration::from_secs(180 * 86_400);
/// After their expiry: so long an inviter may be told that it ran out.
const INVITATIONS_KEPT: Duration = Duration::from_secs(30 * 86_400);
/// So long the operator sees what became of a mail; one that waits stays.
const MAILS_KEPT: Duration = Duration::from_secs(30 * 86_400);
/// After their expiry: slow ways to pay report within two weeks.
const CHECKOUTS_KEPT: Duration = Duration::from_secs(30 * 86_400);
/// A year's accounts and the month after it can be held against what the provider said; after that no provider reports again.
const PROVIDER_EVENTS_KEPT: Duration = Duration::from_secs(400 * 86_400);
/// After their expiry: so long the audit trail names them.
const API_KEYS_KEPT: Duration = Duration::from_secs(365 * 86_400);
/// After their end: known addresses of a person come from them, and questions about foreign sign-ins.
const SESSIONS_KEPT: Duration = Duration::from_secs(90 * 86_400);

/// What is swept, each before what its rows point to.
#[derive(Clone, Copy, Debug)]
enum Table {
    Outbox,
    IdempotencyKeys,
    SsoTokens,
    BackupLinks,
    LoginChallenges,
    Throttles,
    RefreshTokens,
    RefusedLogins,
    Notifications,
    Invitations,
    MailTokens,
    Mails,
    Checkouts,
    ProviderEvents,
    ApiKeys,
    SupportAccesses,
    Sessions,
    AuditEvents,
}

const TABLES: [Table; 18] = [
    Table::Outbox,
    Table::IdempotencyKeys,
    Table::SsoTokens,
    Table::BackupLinks,
    Table::LoginChallenges,
    Table::Throttles,
    Table::RefreshTokens,
    Table::RefusedLogins,
    Table::Notifications,
    Table::Invitations,
    Table::MailTokens,
    Table::Mails,
    Table::Checkouts,
    Table::ProviderEvents,
    Table::ApiKeys,
    Table::SupportAccesses,
    Table::Sessions,
    Table::AuditEvents,
];

/// Sweeps now and every quarter of an hour until `shutdown`.
pub async fn sweep_forever(core: Core, shutdown: CancellationToken) {
    loop {
        if shutdown.run_until_cancelled(sweep(&core)).await.is_none() {
            return;
        }
        tokio::select! {
            () = shutdown.cancelled() => return,
            () = tokio::time::sleep(PAUSE) => {}
        }
    }
}

/// Sweeps each table once; one that cannot be swept does not stop the others.
pub async fn sweep(core: &Core) {
    for table in TABLES {
        if let Err(problem) = sweep_table(core, table).await {
            error!(?table, error = ?problem, "Sweeping failed");
        }
    }
}

async fn sweep_table(core: &Core, table: Table) -> Result<()> {
    for _ in 0..BATCHES {
        let mut tx = core.store().begin().await?;
        let swept = sweep_batch(core, &mut tx, table).await?;
        tx.commit().await?;
        if swept < BATCH.unsigned_abs() {
            break;
        }
    }
    Ok(())
}

async fn sweep_batch(core: &Core, tx: &mut Tx, table: Table) -> Result<u64> {
    let now = core.now();
    Ok(match table {
        Table::Outbox => outbox::delete_expired(tx, now - EVENTS_KEPT, BATCH).await?,
        Table::IdempotencyKeys => idempotency::delete_expired(tx, now - ANSWERS_KEPT, BATCH).await?,
        Table::SsoTokens => sso_tokens::delete_expired(tx, now - PASSES_KEPT, BATCH).await?,
        Table::BackupLinks => backups::delete_links(tx, now - PASSES_KEPT, BATCH).await?,
        Table::LoginChallenges => login_challenges::delete_expired(tx, now - CHALLENGES_KEPT, BATCH).await?,
        Table::Throttles => throttles::delete_expired(tx, now - THROTTLES_KEPT, BATCH).await?,
        Table::RefreshTokens => refresh_tokens::delete_expired(tx, now - REFRESH_TOKENS_KEPT, BATCH).await?,
        Table::RefusedLogins => audit::delete_refused_logins(tx, now - REFUSED_LOGINS_KEPT, BATCH).await?,
        Table::Notifications => notifications::delete_expired(tx, now - NOTIFICATIONS_KEPT, BATCH).await?,
        Table::Invitations => invitations::delete_expired(tx, now - INVITATIONS_KEPT, BATCH).await?,
        Table::MailTokens => mail_tokens::delete_expired(tx, now - LINKS_KEPT, BATCH).await?,
        Table::Mails => mails::delete_expired(tx, now - MAILS_KEPT, BATCH).await?,
        Table::Checkouts => checkouts::delete_unpaid(tx, now - CHECKOUTS_KEPT, BATCH).await?,
        Table::ProviderEvents => payments::delete_handled(tx, now - PROVIDER_EVENTS_KEPT, BATCH).await?,
        Table::ApiKeys => api_keys::delete_expired(tx, now - API_KEYS_KEPT, BATCH).await?,
        Table::SupportAccesses => support_accesses::delete_over(tx, now - core.settings().audit_kept, BATCH).await?,
        Table::AuditEvents => audit::delete_expired(tx, now - core.settings().audit_kept, BATCH).await?,
        Table::Sessions => sessions::delete_over(tx, now - SESSIONS_KEPT, BATCH).await?,
    })
}
