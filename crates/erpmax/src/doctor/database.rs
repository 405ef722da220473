//! The database: reachable, up to date, writable, opened by the master key, backed up; and whether its clock agrees with ours.

use std::time::{Duration, Instant};

use erpmax_core::secrets::{check_fits, count_others};
use erpmax_core::{Clock, MasterKey};
use erpmax_store::schema::{self, Schema};
use erpmax_store::{Store, StoreError, health, installation};
use erpmax_types::Timestamp;

use super::{Finding, operators};
use crate::backup::daily::{STATE, State, Status};
use crate::configuration::Configuration;

const ABOUT: &str = "database";
const SLOW: Duration = Duration::from_millis(50);
/// Tokens and leases bear a difference of this much between nodes, not more.
const APART: Duration = Duration::from_secs(2);
const OLD: Duration = Duration::from_secs(36 * 3_600);
const DAY: Duration = Duration::from_secs(86_400);

pub(super) async fn examine(url: &str, master: Option<&MasterKey>, configuration: &Configuration) -> Vec<Finding> {
    match schema::look(url).await {
        Err(error) => return vec![Finding::bad(ABOUT, error.to_string())],
        Ok(Schema::Current(_)) => {}
        Ok(Schema::Behind(version)) => {
            let sentence =
                format!("its schema is older (migration {version}); the next `erpmax serve` brings it up to date");
            return vec![Finding::doubtful(ABOUT, sentence)];
        }
        Ok(other) => {
            let sentence = other.check_current().err().map(|error| error.to_string()).unwrap_or_default();
            return vec![Finding::bad(ABOUT, sentence)];
        }
    }
    let store = match Store::open_current(url, 2).await {
        Ok(store) => store,
        Err(error) => return vec![Finding::bad(ABOUT, error.to_string())],
    };
    let mut findings = vec![works(&store).await.unwrap_or_else(|error| failed(ABOUT, &error))];
    if let Some(master) = master {
        findings.push(fits(&store, master).await);
    }
    findings.push(backups(&store, configuration).await.unwrap_or_else(|error| failed("backups", &error)));
    findings.extend(
        operators::trail(&store, configuration).await.unwrap_or_else(|error| Some(failed("audit trail", &error))),
    );
    findings.extend(clock(&store).await.unwrap_or_else(|error| Some(failed("clock", &error))));
    store.close().await;
    findings
}

fn failed(about: &'static str, error: &StoreError) -> Finding {
    let cause = std::error::Error::source(error).map(|cause| format!(": {cause}")).unwrap_or_default();
    Finding::bad(about, format!("{error}{cause}"))
}

async fn works(store: &Store) -> Result<Finding, StoreError> {
    let version = health::version(&mut store.read().await?).await?;
    let begun = Instant::now();
    health::version(&mut store.read().await?).await?;
    let latency = begun.elapsed();
    health::try_to_write(store).await?;
    let sentence =
        format!("version {version}, up to date, writable, answers in {:.1} ms", latency.as_secs_f64() * 1_000.0);
    Ok(if latency > SLOW {
        Finding::doubtful(ABOUT, format!("{sentence}; every request waits for that: bring the two closer together"))
    } else {
        Finding::good(ABOUT, sentence)
    })
}

async fn fits(store: &Store, master: &MasterKey) -> Finding {
    let about = "sealed secrets";
    if let Err(error) = check_fits(store, master).await {
        let advice = "put the right key file back, or restore a sealed backup";
        return Finding::bad(about, format!("{error:#}; {advice}"));
    }
    match count_others(store, master).await {
        Ok(0) => Finding::good(about, "all under the present master key"),
        Ok(count) => Finding::doubtful(
            about,
            format!(
                "the master key opens them, but {count} are under an older key or form; `erpmax secrets rotate` seals them anew"
            ),
        ),
        Err(error) => Finding::bad(about, format!("{error:#}")),
    }
}

async fn backups(store: &Store, configuration: &Configuration) -> Result<Finding, StoreError> {
    let about = "backups";
    if !configuration.backup.enabled {
        return Ok(Finding::doubtful(about, "`serve` makes none: backup.enabled is false; see to them yourself"));
    }
    let text = installation::find(&mut store.read().await?, STATE).await?;
    Ok(match text.as_deref().and_then(State::read) {
        None => {
            Finding::doubtful(about, "there was none yet: `serve` makes the first one; `erpmax backup` makes one now")
        }
        Some(state) => judge(about, &state, Clock::System.now()),
    })
}

fn judge(about: &'static str, state: &State, now: Timestamp) -> Finding {
    let hours = now.since(state.at).as_secs() / 3_600;
    match state.status {
        Status::Failed => Finding::bad(about, format!("the last daily one failed on {}: {}", state.host, state.note)),
        Status::Done if now.since(state.at) < OLD => {
            Finding::good(about, format!("the last daily one was made and verified {hours} hours ago: {}", state.note))
        }
        Status::New if now.since(state.at) < DAY => Finding::good(about, "the first daily one is due within a day"),
        Status::Running if now.since(state.at) < DAY => Finding::good(about, "the daily one is being made"),
        _ => Finding::bad(about, format!("the last daily one is {hours} hours old; does `erpmax serve` run?")),
    }
}

async fn clock(store: &Store) -> Result<Option<Finding>, StoreError> {
    let about = "clock";
    let Some(theirs) = health::time(&mut store.read().await?).await? else { return Ok(None) };
    let ours = Clock::System.now();
    let apart = ours.since(theirs).max(theirs.since(ours));
    let sentence = format!("it differs from the database server's by {:.1} s", apart.as_secs_f64());
    Ok(Some(if apart > APART {
        Finding::bad(about, format!("{sentence}; let NTP keep both"))
    } else {
        Finding::good(about, sentence)
    }))
}
