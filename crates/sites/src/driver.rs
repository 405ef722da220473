//! What a driver is: the steps of each job, and how one is carried out and undone.

use std::sync::Arc;

use erpmax_types::JobId;
use erpmax_types::provisioning::JobType;
use erpmax_types::runner::{Lease, LeasedSite};
use tokio_util::sync::CancellationToken;

use crate::runner::meter::Meter;

/// A checkpointed part of a job.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StepInfo {
    /// Unique within the job; checkpoints name it.
    pub name: &'static str,
    /// What it does, for a person.
    pub message: &'static str,
    /// Its share of the whole job, in any unit.
    pub weight: u32,
    /// True where there is no way back: the job cannot be cancelled from here on, and is not undone.
    pub irrevocable: bool,
}

impl StepInfo {
    /// A step that can be undone.
    pub const fn new(name: &'static str, message: &'static str, weight: u32) -> Self {
        Self { name, message, weight, irrevocable: false }
    }

    /// The same step as a point of no return.
    #[must_use]
    pub const fn irrevocable(self) -> Self {
        Self { irrevocable: true, ..self }
    }
}

/// Carries out the steps of provisioning jobs.
///
/// Every `run` and every `undo` can be run twice, and an `undo` also where its step was begun only or not at all. When a step has
/// to stop, its token fires; a few seconds later its future is dropped. **After that nothing of it may have an effect any more.**
pub trait Driver: Send + Sync + 'static {
    /// The steps of a job, in their order.
    fn steps(&self, job_type: JobType) -> &'static [StepInfo];

    /// Carries out a step.
    fn run(&self, step: &str, context: &StepContext) -> impl Future<Output = Result<(), StepError>> + Send;

    /// Takes back the effects of a step.
    fn undo(&self, step: &str, context: &StepContext) -> impl Future<Output = Result<(), StepError>> + Send;

    /// What there is to say of the job once all its steps stand; read from what they left, for a crash may lie between.
    fn result(&self, context: &StepContext) -> impl Future<Output = Result<Option<String>, StepError>> + Send;
}

/// Why a step did not come to its end.
#[derive(Debug, thiserror::Error)]
pub enum StepError {
    /// Worth another try; the job stays running meanwhile. For the log only.
    #[error("{0}")]
    Transient(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// Another try would end the same. For a person: no path, no output of a command.
    #[error("{0}")]
    Fatal(String),
    /// The step's token fired.
    #[error("stopped")]
    Stopped,
}

impl StepError {
    /// An error that may have gone away at the next try.
    pub fn transient(error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self::Transient(error.into())
    }

    /// An error that stays, told in a sentence for a person.
    pub fn fatal(message: impl Into<String>) -> Self {
        Self::Fatal(message.into())
    }
}

/// What a step is given.
#[derive(Debug)]
pub struct StepContext {
    lease: Arc<Lease>,
    meter: Arc<Meter>,
    stop: CancellationToken,
}

impl StepContext {
    /// A context outside a runner: what is reported to it goes nowhere.
    pub fn detached(lease: Arc<Lease>) -> Self {
        Self::new(lease, Arc::new(Meter::new(&[])), CancellationToken::new())
    }

    pub(crate) fn new(lease: Arc<Lease>, meter: Arc<Meter>, stop: CancellationToken) -> Self {
        Self { lease, meter, stop }
    }

    /// The job.
    pub fn job_id(&self) -> JobId {
        self.lease.job_id
    }

    /// What the job does.
    pub fn job_type(&self) -> JobType {
        self.lease.job_type
    }

    /// The attempt, from 1.
    pub fn attempt(&self) -> i64 {
        self.lease.attempt
    }

    /// The site that the job is about.
    pub fn site(&self) -> &LeasedSite {
        &self.lease.site
    }

    /// Tells how far the step is, from 0 to 1.
    pub fn report(&self, fraction: f64) {
        self.meter.report(fraction);
    }

    /// Fires when the step has to stop.
    pub fn stop(&self) -> &CancellationToken {
        &self.stop
    }
}
