//! What has to be true, and the outbox in the server's own database, which knows what every socket should have heard.

use std::path::Path;
use std::time::Duration;

use anyhow::Result;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions, SqliteConnection};
use tokio::time::sleep;

use super::witness::Witness;

/// How many half-seconds the queue may take to become empty.
const PATIENCE: usize = 120;

/// Something that has to be true.
pub(super) struct Check {
    what: &'static str,
    holds: bool,
    detail: String,
}

impl Check {
    pub(super) const fn of(what: &'static str, holds: bool, detail: String) -> Self {
        Self { what, holds, detail }
    }

    pub(super) const fn holds(&self) -> bool {
        self.holds
    }

    pub(super) fn line(&self) -> String {
        let verdict = if self.holds { "holds" } else { "FAILS" };
        let detail = if self.detail.is_empty() { String::new() } else { format!(" ({})", self.detail) };
        format!("proof: load: {}: {verdict}{detail}", self.what)
    }
}

/// The server's database, read beside it.
pub(super) struct Outbox {
    connection: SqliteConnection,
}

/// An event and who is meant.
#[derive(sqlx::FromRow)]
struct Row {
    event_id: String,
    tenant: Option<String>,
    user: Option<String>,
}

impl Row {
    fn is_for(&self, witness: &Witness) -> bool {
        self.tenant.as_ref().is_none_or(|tenant| *tenant == witness.tenant)
            && self.user.as_ref().is_none_or(|user| *user == witness.user)
    }
}

impl Outbox {
    pub(super) async fn open(database: &Path) -> Result<Self> {
        let options = SqliteConnectOptions::new().filename(database).read_only(true);
        Ok(Self { connection: options.connect().await? })
    }

    pub(super) async fn last_number(&mut self) -> Result<i64> {
        Ok(sqlx::query_scalar("SELECT COALESCE(MAX(id), 0) FROM outbox").fetch_one(&mut self.connection).await?)
    }

    /// Waits until no job is under way or queued; false if that takes too long.
    pub(super) async fn is_drained(&mut self) -> Result<bool> {
        for _ in 0..PATIENCE {
            let open: i64 = sqlx::query_scalar(
                "SELECT (SELECT COUNT(*) FROM work) + (SELECT COUNT(*) FROM jobs WHERE status IN ('pending', 'running'))",
            )
            .fetch_one(&mut self.connection)
            .await?;
            if open == 0 {
                return Ok(true);
            }
            sleep(Duration::from_millis(500)).await;
        }
        Ok(false)
    }

    /// Every witness heard every event after number `first` that was meant for it.
    pub(super) async fn compare(&mut self, witnesses: &[Witness], first: i64) -> Result<Check> {
        let rows: Vec<Row> = sqlx::query_as(
            "SELECT event_id, tenant_id AS tenant, user_id AS user FROM outbox
             WHERE id > $1 AND session_id IS NULL AND news LIKE '{\"event\":%'",
        )
        .bind(first)
        .fetch_all(&mut self.connection)
        .await?;
        let (mut due, mut lost) = (0_usize, 0_usize);
        for witness in witnesses {
            let meant: Vec<_> = rows.iter().filter(|row| row.is_for(witness)).collect();
            due += meant.len();
            lost += meant.iter().filter(|row| !witness.has_heard(&row.event_id)).count();
        }
        let cut = witnesses.iter().filter(|witness| !witness.is_connected()).count();
        let detail = format!("{lost} of {due} deliveries lost, {cut} of {} sockets cut off", witnesses.len());
        Ok(Check::of("no event is lost", lost == 0 && cut == 0 && due > 0, detail))
    }
}
