//! A job's row, and what each call makes of it.

use std::time::Duration;

use erpmax_types::JobId;
use erpmax_types::provisioning::{JobStatus, JobType};
use erpmax_types::runner::{Checkpoint, Direction, Hold, Lease, LeasedSite, Outcome, Wish};
use tokio::time::Instant;

use super::control::Call;

/// A job's row.
#[derive(Clone, Debug)]
pub struct JobRow {
    pub id: JobId,
    pub job_type: JobType,
    pub site: LeasedSite,
    pub status: JobStatus,
    pub attempt: i64,
    pub direction: Direction,
    pub done: Vec<String>,
    pub begun: Option<String>,
    pub reason: Option<String>,
    pub error: Option<String>,
    pub leak: Option<String>,
    pub result: Option<String>,
    pub progress: u8,
    pub cancel_wished: bool,
    pub committed: bool,
    pub held: Option<Held>,
    pub fence: i64,
    pub ended: Option<Hold>,
}

/// Who holds a job.
#[derive(Clone, Debug)]
pub struct Held {
    pub boot: String,
    pub hold: Hold,
    pub expires: Instant,
}

impl JobRow {
    pub fn holds(&self, hold: Hold) -> bool {
        self.held.as_ref().is_some_and(|held| held.hold.lease == hold.lease && held.hold.fence == hold.fence)
    }

    pub fn cancel_is_due(&self) -> bool {
        self.cancel_wished && !self.committed && self.direction == Direction::Forward
    }

    pub fn wish(&self) -> Wish {
        if self.cancel_is_due() { Wish::Cancel } else { Wish::Continue }
    }

    pub fn lease(&self, hold: Hold, lasts: Duration) -> Lease {
        Lease {
            hold,
            lasts_milliseconds: u64::try_from(lasts.as_millis()).expect("a short time"),
            job_id: self.id,
            job_type: self.job_type,
            attempt: self.attempt,
            direction: self.direction,
            done: self.done.clone(),
            begun: self.begun.clone(),
            reason: self.reason.clone(),
            site: self.site.clone(),
        }
    }

    pub fn take(&mut self, hold: Hold, call: &Call) -> Result<(), String> {
        match call {
            Call::Heartbeat => Ok(()),
            Call::Progress(progress) => self.advance(progress.progress),
            Call::Checkpoint(checkpoint) => self.record(checkpoint),
            Call::Finish(outcome) => self.finish(hold, outcome),
            Call::Release => {
                self.held = None;
                Ok(())
            }
        }
    }

    fn advance(&mut self, progress: u8) -> Result<(), String> {
        // A new runner knows only the checkpoints; what is shown never goes down.
        self.progress = self.progress.max(progress);
        if progress <= 100 { Ok(()) } else { Err(format!("progress {progress}")) }
    }

    fn record(&mut self, checkpoint: &Checkpoint) -> Result<(), String> {
        let fits = match checkpoint {
            Checkpoint::Begun(begun) => {
                if begun.irrevocable && self.cancel_is_due() {
                    return Ok(());
                }
                let fits =
                    !self.done.contains(&begun.step) && self.begun.as_ref().is_none_or(|step| *step == begun.step);
                self.begun = Some(begun.step.clone());
                self.committed |= begun.irrevocable;
                self.advance(begun.progress)?;
                fits && self.direction == Direction::Forward
            }
            Checkpoint::Done { step, progress } => {
                let fits = self.begun.take().as_ref() == Some(step);
                self.done.push(step.clone());
                self.advance(*progress)?;
                fits && self.direction == Direction::Forward
            }
            Checkpoint::TurnedRound { reason } => {
                let fits = self.direction == Direction::Forward && !self.committed;
                self.direction = Direction::Undo;
                self.reason = Some(reason.clone());
                fits
            }
            Checkpoint::Undone { step } => {
                let undone = self.begun.take().or_else(|| self.done.pop());
                undone.as_ref() == Some(step) && self.direction == Direction::Undo
            }
        };
        if fits { Ok(()) } else { Err(format!("{checkpoint:?} does not fit")) }
    }

    fn finish(&mut self, hold: Hold, outcome: &Outcome) -> Result<(), String> {
        let fits = match outcome {
            Outcome::Completed { .. } if self.cancel_is_due() => return Ok(()),
            Outcome::Completed { result } => {
                self.status = JobStatus::Completed;
                self.result.clone_from(result);
                self.begun.is_none()
            }
            Outcome::Failed { error, leak } => {
                self.status = JobStatus::Failed;
                self.error = Some(error.clone());
                self.leak.clone_from(leak);
                leak.is_some() || (self.begun.is_none() && self.done.is_empty() && self.direction == Direction::Undo)
            }
        };
        self.held = None;
        self.ended = Some(hold);
        if fits { Ok(()) } else { Err(format!("{outcome:?} does not fit {:?} {:?}", self.begun, self.done)) }
    }
}
