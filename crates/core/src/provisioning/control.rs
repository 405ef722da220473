//! The server's side of the runner protocol, for runners inside this process and, later, over HTTPS.
//!
//! Every call but `lease` is made under a hold. A call whose sequence was seen before has no second effect; one whose lease went
//! to somebody else hears [`Wish::LeaseLost`].

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::Context;
use erpmax_store::jobs::{self, JobRow};
use erpmax_store::{Tx, work};
use erpmax_types::events::{Event, StatusUpdate};
use erpmax_types::provisioning::JobType;
use erpmax_types::runner::{
    Checkpoint, Direction, Hold, Lease, Outcome, RunnerIdentity, StepBegun, StepProgress, Wish,
};
use erpmax_types::{LeaseId, Timestamp};

use super::progress::StatusProgress;
use super::{QUEUE, automatic, language_of, lease, outcome, save, step_message};
use crate::messages::Language;
use crate::work::free_older_boots;
use crate::{Core, Result};

/// How often transient progress is written to the job's row.
const PROGRESS_PAUSE: Duration = Duration::from_secs(1);
/// How long a runner's question for work waits at most before it looks again.
const LOOK_AGAIN: Duration = Duration::from_secs(1);

/// The calls of a runner, carried out on the database of this process.
#[derive(Clone)]
pub struct LocalControl {
    core: Core,
    /// What the leases of this process's runners are about: transient progress needs no look into the database.
    live: Arc<Mutex<HashMap<LeaseId, Live>>>,
}

#[derive(Clone)]
struct Live {
    job: JobRow,
    language: Language,
    written_at: Timestamp,
}

impl LocalControl {
    /// Runner calls on `core`.
    pub fn new(core: Core) -> Self {
        Self { core, live: Arc::default() }
    }

    /// Frees what earlier starts of the runner's host held. To be called once, before the first lease.
    pub async fn announce(&self, runner: &RunnerIdentity) -> Result<()> {
        free_older_boots(&self.core, QUEUE, runner).await
    }

    /// The next job, waiting up to `wait` for one.
    pub async fn lease(&self, runner: &RunnerIdentity, wait: Duration) -> Result<Option<Lease>> {
        let deadline = tokio::time::Instant::now() + wait;
        loop {
            if let Some(lease) = lease::lease(&self.core, runner).await? {
                self.remember(&lease).await?;
                return Ok(Some(lease));
            }
            let patience = deadline.saturating_duration_since(tokio::time::Instant::now());
            if patience.is_zero() {
                return Ok(None);
            }
            self.core.store().work_rung(patience.min(LOOK_AGAIN)).await;
        }
    }

    /// Keeps the lease; what the server wants.
    pub async fn heartbeat(&self, hold: Hold) -> Result<Wish> {
        self.under(hold, async |_, _, _| Ok(())).await
    }

    /// Progress inside a step: to sockets at once, to the job's row at most once a second.
    pub async fn progress(&self, hold: Hold, progress: StepProgress) -> Result<Wish> {
        let Some((live, write)) = self.note_progress(hold.lease, &progress) else {
            return self.heartbeat(hold).await;
        };
        if live.job.job_type == JobType::CreateSite {
            let update = StatusUpdate::from(&live.job.to_job());
            let event = Event::StatusUpdate(update);
            self.core.progress().tell(StatusProgress { tenant_id: live.job.tenant_id, event });
        }
        if !write {
            return Ok(Wish::Continue);
        }
        let message = live.job.message.unwrap_or_default();
        self.under(hold, async |core, tx, job| {
            if wishes_cancel(job) {
                return Ok(());
            }
            let now = core.now();
            Ok(jobs::update_progress(tx, job.id, live.job.progress, &message, now).await?)
        })
        .await
    }

    /// Makes true what a runner reports as done, begun, turned round or undone.
    pub async fn checkpoint(&self, hold: Hold, checkpoint: Checkpoint) -> Result<Wish> {
        let irrevocable = matches!(&checkpoint, Checkpoint::Begun(begun) if begun.irrevocable);
        let wish = self
            .under(hold, async |core, tx, job| {
                if irrevocable && automatic::call_off(core, tx, job).await? {
                    return save(core, tx, job).await;
                }
                if irrevocable && wishes_cancel(job) {
                    return Ok(());
                }
                let language = language_of(tx, job.requested_by).await?;
                apply(job, checkpoint, &language)?;
                save(core, tx, job).await
            })
            .await?;
        Ok(wish)
    }

    /// Ends the job. One that was cancelled before its end is not completed: the answer is [`Wish::Cancel`], and it is undone.
    pub async fn finish(&self, hold: Hold, outcome: Outcome) -> Result<Wish> {
        let wish = self
            .under(hold, async |core, tx, job| {
                if matches!(outcome, Outcome::Completed { .. }) && wishes_cancel(job) {
                    return Ok(());
                }
                outcome::finish(core, tx, job, &outcome).await?;
                Ok(work::delete(tx, QUEUE, &job.id.to_string()).await?)
            })
            .await?;
        if wish != Wish::Cancel {
            self.forget(hold.lease);
        }
        Ok(wish)
    }

    /// Gives the lease back, so that the job is taken up again at once.
    pub async fn release(&self, hold: Hold) -> Result<()> {
        let mut tx = self.core.store().begin().await?;
        work::release(&mut tx, hold.lease, hold.fence).await?;
        tx.commit().await?;
        self.forget(hold.lease);
        Ok(())
    }

    /// Carries `effect` out in one transaction with the check of the hold.
    async fn under(
        &self,
        hold: Hold,
        effect: impl AsyncFnOnce(&Core, &mut Tx, &mut JobRow) -> Result<()>,
    ) -> Result<Wish> {
        let core = &self.core;
        let mut tx = core.store().begin().await?;
        let until = core.now() + core.settings().lease;
        let Some(work) = work::hold(&mut tx, hold.lease, hold.fence, until).await? else {
            self.forget(hold.lease);
            return Ok(Wish::LeaseLost);
        };
        let id = work.subject.parse().context("A queued job has a bad id")?;
        let mut job = jobs::lock(&mut tx, id).await?.context("A queued job is missing")?;
        if hold.sequence > work.sequence {
            effect(core, &mut tx, &mut job).await?;
            work::update_sequence(&mut tx, work.id, hold.sequence).await?;
        }
        tx.commit().await?;
        self.refresh(hold.lease, &job);
        Ok(if wishes_cancel(&job) { Wish::Cancel } else { Wish::Continue })
    }

    async fn remember(&self, lease: &Lease) -> Result<()> {
        let mut conn = self.core.store().read().await?;
        let job = jobs::find(&mut conn, lease.job_id).await?.context("A leased job is missing")?;
        let language = language_of(&mut conn, job.requested_by).await?;
        let live = Live { job, language, written_at: self.core.now() };
        self.lock().insert(lease.hold.lease, live);
        Ok(())
    }

    /// Takes progress into memory, never lower than before; whether it is time to write it. None for a lease that this process
    /// does not know, and once the job is being undone.
    fn note_progress(&self, lease: LeaseId, progress: &StepProgress) -> Option<(Live, bool)> {
        let now = self.core.now();
        let mut leases = self.lock();
        let live = leases
            .get_mut(&lease)
            .filter(|live| live.job.direction == Direction::Forward && !wishes_cancel(&live.job))?;
        live.job.progress = live.job.progress.max(i64::from(progress.progress.min(99)));
        live.job.step = Some(progress.step.clone());
        live.job.message = Some(step_message(&live.language, live.job.job_type, &progress.step, &progress.message));
        let write = now.since(live.written_at) >= PROGRESS_PAUSE;
        if write {
            live.written_at = now;
        }
        Some((live.clone(), write))
    }

    fn refresh(&self, lease: LeaseId, job: &JobRow) {
        if let Some(live) = self.lock().get_mut(&lease) {
            let progress = live.job.progress.max(job.progress);
            live.job = JobRow { progress, ..job.clone() };
        }
    }

    fn forget(&self, lease: LeaseId) {
        self.lock().remove(&lease);
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<LeaseId, Live>> {
        self.live.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether somebody cancelled the job and the runner has not turned round yet.
fn wishes_cancel(job: &JobRow) -> bool {
    job.cancel_requested_at.is_some() && job.direction == Direction::Forward && !job.is_irrevocable
}

fn apply(job: &mut JobRow, checkpoint: Checkpoint, language: &Language) -> Result<()> {
    let mut done: Vec<String> = serde_json::from_str(&job.done_steps)?;
    match checkpoint {
        Checkpoint::Begun(begun) => begin_step(job, begun, language),
        Checkpoint::Done { step, progress } => {
            job.begun_step = None;
            job.progress = job.progress.max(i64::from(progress.min(99)));
            done.retain(|name| *name != step);
            done.push(step);
        }
        Checkpoint::TurnedRound { reason } => {
            job.direction = Direction::Undo;
            job.reason = Some(reason);
            job.message = Some(language.say("job-cleaning_up", &[]));
        }
        Checkpoint::Undone { step } => {
            done.retain(|name| *name != step);
            job.begun_step = job.begun_step.take().filter(|name| *name != step);
        }
    }
    job.done_steps = serde_json::to_string(&done)?;
    Ok(())
}

fn begin_step(job: &mut JobRow, begun: StepBegun, language: &Language) {
    job.message = Some(step_message(language, job.job_type, &begun.step, &begun.message));
    job.progress = job.progress.max(i64::from(begun.progress.min(99)));
    job.is_irrevocable |= begun.irrevocable;
    job.step = Some(begun.step.clone());
    job.begun_step = Some(begun.step);
}
