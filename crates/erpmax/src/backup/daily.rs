//! What `serve` backs up by itself: once a day, on one node, and before it changes a schema.

use std::path::PathBuf;
use std::time::Duration;

use erpmax_core::Core;
use erpmax_store::schema::{self, Schema};
use erpmax_store::{StoreError, installation};
use erpmax_types::Timestamp;
use erpmax_types::runner::RunnerIdentity;
use serde::{Deserialize, Serialize};
use tokio_util::sync::CancellationToken;
use tracing::{error, info, warn};

use super::create::{Destination, Made, Order, create};
use super::folder::prune;
use super::{Reason, folder_of, passphrase};
use crate::configuration::Configuration;
use crate::data::DataFolder;
use crate::failure::Failure;

const LOOK_AGAIN: Duration = Duration::from_secs(60);
const AFTER_FAILURE: Duration = Duration::from_secs(15 * 60);
/// After so long a node that began and was not heard of again has died.
const LONGEST: Duration = Duration::from_secs(6 * 3_600);
const DAY: i64 = 86_400;
/// How many of those made before migrations are kept.
const KEPT_BEFORE_MIGRATIONS: usize = 3;
/// Where the nodes tell each other, and `doctor`, of the daily backup.
pub(crate) const STATE: &str = "daily_backup";

/// The last daily backup, or the one under way.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct State {
    pub(crate) status: Status,
    /// When it began; at first, when this installation began to be backed up.
    pub(crate) at: Timestamp,
    /// The node.
    pub(crate) host: String,
    boot: String,
    /// The file, or what went wrong.
    pub(crate) note: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Status {
    New,
    Running,
    Done,
    Failed,
}

impl State {
    /// What an installation's row says; the row itself is what the next state takes the place of.
    pub(crate) fn read(text: &str) -> Option<Self> {
        serde_json::from_str(text).ok()
    }

    /// Whether it is time for another one.
    fn is_due(&self, plan: &Plan, now: Timestamp) -> bool {
        let is_old = self.at < plan.last_moment(now);
        match self.status {
            Status::New | Status::Done => is_old,
            Status::Failed => now.since(self.at) >= AFTER_FAILURE,
            // A node's own earlier start is over.
            Status::Running => (self.host == plan.host && self.boot != plan.boot) || now.since(self.at) >= LONGEST,
        }
    }
}

/// What is backed up, where to and when.
pub(crate) struct Plan {
    url: String,
    key_file: PathBuf,
    folder: PathBuf,
    keep: usize,
    minute_of_day: u32,
    passphrase: Option<String>,
    host: String,
    boot: String,
}

impl Plan {
    /// None where backups are switched off.
    pub(crate) fn new(
        configuration: &Configuration,
        folder: &DataFolder,
        node: &RunnerIdentity,
    ) -> Result<Option<Self>, Failure> {
        if !configuration.backup.enabled {
            return Ok(None);
        }
        Ok(Some(Self {
            url: folder.database_url(configuration),
            key_file: folder.master_key_path(configuration),
            folder: folder_of(configuration, folder),
            keep: configuration.backup.keep,
            minute_of_day: configuration.backup.minute_of_day().unwrap_or_default(),
            passphrase: passphrase::from_surroundings(configuration)?,
            host: node.host.clone(),
            boot: node.boot.clone(),
        }))
    }

    /// The last moment at which a daily backup was due.
    fn last_moment(&self, now: Timestamp) -> Timestamp {
        let (seconds, offset) = (now.as_seconds(), i64::from(self.minute_of_day) * 60);
        let moment = (seconds - offset).div_euclid(DAY) * DAY + offset;
        Timestamp::from_micros(moment * 1_000_000)
    }

    fn state(&self, status: Status, at: Timestamp, note: String) -> State {
        State { status, at, host: self.host.clone(), boot: self.boot.clone(), note }
    }

    fn order(&self, stop: CancellationToken) -> Order {
        Order {
            url: self.url.clone(),
            key_file: self.key_file.clone(),
            to: Destination::Folder(self.folder.clone()),
            reason: Reason::Daily,
            passphrase: self.passphrase.clone(),
            stop,
        }
    }
}

/// Makes the daily backup whenever it is due, until `shutdown`.
pub(crate) async fn run_forever(plan: Plan, core: Core, shutdown: CancellationToken) {
    loop {
        if let Err(problem) = make_if_due(&plan, &core, &shutdown).await {
            warn!(error = %problem, "Whether a backup is due cannot be told");
        }
        tokio::select! {
            () = shutdown.cancelled() => return,
            () = tokio::time::sleep(LOOK_AGAIN) => {}
        }
    }
}

async fn make_if_due(plan: &Plan, core: &Core, shutdown: &CancellationToken) -> Result<(), StoreError> {
    let now = core.now();
    let Some(text) = installation::find(&mut core.store().read().await?, STATE).await? else {
        let begun = serde_json::to_string(&plan.state(Status::New, now, String::new()))?;
        let mut tx = core.store().begin().await?;
        installation::insert(&mut tx, STATE, &begun).await?;
        return tx.commit().await;
    };
    if State::read(&text).is_some_and(|state| !state.is_due(plan, now)) {
        return Ok(());
    }
    let running = serde_json::to_string(&plan.state(Status::Running, now, String::new()))?;
    if !put(core, &text, &running).await? {
        return Ok(());
    }
    let made = make(plan, shutdown).await;
    let state = match &made {
        Ok(made) => plan.state(Status::Done, now, made.file.display().to_string()),
        Err(failure) => plan.state(Status::Failed, core.now(), failure.to_string()),
    };
    tell(&made);
    put(core, &running, &serde_json::to_string(&state)?).await.map(drop)
}

async fn make(plan: &Plan, shutdown: &CancellationToken) -> Result<Made, Failure> {
    let made = create(plan.order(shutdown.clone())).await?;
    prune(&plan.folder, Reason::Daily, plan.keep)?;
    Ok(made)
}

fn tell(made: &Result<Made, Failure>) {
    match made {
        Ok(made) if made.manifest.has_keyring => {
            info!(file = %made.file.display(), bytes = made.bytes, "The daily backup is made and verified");
        }
        Ok(made) => warn!(
            file = %made.file.display(),
            bytes = made.bytes,
            "The daily backup is made and verified, but there is no passphrase: it is not sealed and lacks the master key"
        ),
        Err(failure) => error!(error = %failure, "The daily backup failed and is tried again in a quarter of an hour"),
    }
}

async fn put(core: &Core, old: &str, new: &str) -> Result<bool, StoreError> {
    let mut tx = core.store().begin().await?;
    let is_ours = installation::replace(&mut tx, STATE, old, new).await?;
    tx.commit().await?;
    Ok(is_ours)
}

/// Backs a database up whose schema `serve` is about to change. Without it the schema stays as it is.
pub(crate) async fn before_migration(configuration: &Configuration, folder: &DataFolder) -> Result<(), Failure> {
    let url = folder.database_url(configuration);
    // A database that cannot be looked at is told of by whoever opens it.
    let Ok(Schema::Behind(version)) = schema::look(&url).await else { return Ok(()) };
    if !configuration.backup.enabled {
        warn!(version, "The schema is brought up to date without a backup: backup.enabled is false");
        return Ok(());
    }
    let backups = folder_of(configuration, folder);
    let order = Order {
        url,
        key_file: folder.master_key_path(configuration),
        to: Destination::Folder(backups.clone()),
        reason: Reason::BeforeMigration,
        passphrase: passphrase::from_surroundings(configuration)?,
        stop: CancellationToken::new(),
    };
    let made = create(order).await.map_err(|failure| {
        Failure::wrong(format!(
            "the schema has to be brought up to date, and the backup before that failed: {failure}; backup.enabled = false \
             goes on without"
        ))
    })?;
    info!(version, file = %made.file.display(), "Backed the database up before its schema changes");
    prune(&backups, Reason::BeforeMigration, KEPT_BEFORE_MIGRATIONS)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plan(minute_of_day: u32) -> Plan {
        Plan {
            url: String::new(),
            key_file: PathBuf::new(),
            folder: PathBuf::new(),
            keep: 7,
            minute_of_day,
            passphrase: None,
            host: "here".to_owned(),
            boot: "now".to_owned(),
        }
    }

    fn at(text: &str) -> Timestamp {
        text.parse().expect("a time")
    }

    fn state(status: Status, host: &str, boot: &str, moment: &str) -> State {
        State { status, at: at(moment), host: host.to_owned(), boot: boot.to_owned(), note: String::new() }
    }

    #[test]
    fn a_backup_is_due_once_after_its_time_of_day() {
        let (plan, now) = (plan(3 * 60), at("2026-11-24T09:00:00Z"));
        assert_eq!(plan.last_moment(now), at("2026-11-24T03:00:00Z"));
        assert_eq!(plan.last_moment(at("2026-11-24T02:59:59Z")), at("2026-11-23T03:00:00Z"));
        assert!(state(Status::Done, "here", "now", "2026-11-24T02:00:00Z").is_due(&plan, now));
        assert!(!state(Status::Done, "here", "now", "2026-11-24T03:00:00Z").is_due(&plan, now));
        assert!(!state(Status::New, "here", "now", "2026-11-24T08:00:00Z").is_due(&plan, now));
    }

    #[test]
    fn one_that_is_under_way_is_left_to_its_node_unless_that_died() {
        let (plan, now) = (plan(0), at("2026-11-24T09:00:00Z"));
        assert!(!state(Status::Running, "there", "boot", "2026-11-24T08:00:00Z").is_due(&plan, now));
        assert!(state(Status::Running, "there", "boot", "2026-11-24T02:00:00Z").is_due(&plan, now));
        assert!(!state(Status::Running, "here", "now", "2026-11-24T08:00:00Z").is_due(&plan, now));
        assert!(state(Status::Running, "here", "before", "2026-11-24T08:00:00Z").is_due(&plan, now));
    }

    #[test]
    fn a_failed_one_is_tried_again_after_a_while() {
        let (plan, now) = (plan(0), at("2026-11-24T09:00:00Z"));
        assert!(!state(Status::Failed, "here", "now", "2026-11-24T08:50:00Z").is_due(&plan, now));
        assert!(state(Status::Failed, "here", "now", "2026-11-24T08:45:00Z").is_due(&plan, now));
    }
}
