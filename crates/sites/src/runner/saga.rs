//! One job's way: forward through its steps, or back, each step checkpointed.

use std::fmt::Write as _;
use std::panic::AssertUnwindSafe;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use erpmax_types::runner::{Checkpoint, Direction, Lease, Outcome, StepBegun};
use futures_util::FutureExt as _;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use super::link::{Call, Link, Lost};
use super::meter::Meter;
use super::patience::{Backoff, Patience};
use crate::control::Control;
use crate::driver::{Driver, StepContext, StepError, StepInfo};

/// How long a step that has to stop may take to do so by itself.
const STOP_GRACE: Duration = Duration::from_secs(5);
/// The reason of a cancelled job; the control plane words it for people.
const CANCELLED: &str = "Cancelled";

/// Takes a leased job as far as it goes: to its end, to the runner's shutdown, or to the loss of the lease.
pub(crate) async fn carry_out<C: Control, D: Driver>(
    control: &Arc<C>,
    driver: &D,
    lease: Lease,
    shutdown: &CancellationToken,
) {
    let job = lease.job_id;
    let link = Link::new(control.clone(), &lease, shutdown.clone());
    tracing::info!(job.id = %job, job.kind = %lease.job_type, job.attempt = lease.attempt, "Job leased");
    let end = Saga::new(driver, &link, Arc::new(lease), shutdown).conduct().await;
    match end {
        Ok(outcome) => tracing::info!(job.id = %job, ?outcome, "Job ended"),
        Err(Halt::Lost) => tracing::warn!(job.id = %job, "The lease is lost; leaving the job to others"),
        Err(Halt::Shutdown) => {
            let released = link.call(Call::Release).await.is_ok();
            tracing::info!(job.id = %job, released, "Shutting down; the job goes on later");
        }
    }
}

/// Why a job is left before its end.
#[derive(Clone, Copy, Debug)]
enum Halt {
    Lost,
    Shutdown,
}

impl From<Lost> for Halt {
    fn from(Lost: Lost) -> Self {
        Self::Lost
    }
}

/// What a job's way forward led to.
enum Way {
    Completed(Option<String>),
    /// Back, for this reason.
    Back(String),
    /// Neither on nor back: failed behind the point of no return.
    Stuck {
        error: String,
        leak: String,
    },
}

/// What is asked of the driver.
enum Action<'a> {
    Run(&'a str),
    Undo(&'a str),
    Result,
}

/// What ended the wait for the driver.
enum Ended {
    ByItself(Result<Option<String>, StepError>),
    ByCancel,
}

struct Saga<'a, C, D> {
    driver: &'a D,
    link: &'a Link<C>,
    lease: Arc<Lease>,
    shutdown: &'a CancellationToken,
    steps: &'static [StepInfo],
    meter: Arc<Meter>,
    direction: Direction,
    reason: String,
    /// Steps whose effects stand.
    done: Vec<String>,
    /// The step that may have effects.
    begun: Option<String>,
    /// Set behind the point of no return: no cancel and no undo any more.
    committed: bool,
}

impl<'a, C: Control, D: Driver> Saga<'a, C, D> {
    fn new(driver: &'a D, link: &'a Link<C>, lease: Arc<Lease>, shutdown: &'a CancellationToken) -> Self {
        let steps = driver.steps(lease.job_type);
        let touched = |step: &StepInfo| lease.begun.iter().chain(&lease.done).any(|name| name == step.name);
        Self {
            driver,
            link,
            shutdown,
            steps,
            meter: Arc::new(Meter::new(steps)),
            direction: lease.direction,
            reason: lease.reason.clone().unwrap_or_else(|| CANCELLED.to_owned()),
            done: lease.done.clone(),
            begun: lease.begun.clone().filter(|step| !lease.done.contains(step)),
            committed: steps.iter().any(|step| step.irrevocable && touched(step)),
            lease,
        }
    }

    /// Goes on until the control plane has taken note of the job's end.
    async fn conduct(mut self) -> Result<Outcome, Halt> {
        loop {
            let outcome = self.advance_with_pulse().await?;
            self.link.call(Call::Finish(outcome.clone())).await?;
            if !self.turned_by_cancel(&outcome) {
                return Ok(outcome);
            }
            self.turn_round(CANCELLED.to_owned()).await?;
        }
    }

    /// Whether the end was refused because the job had been cancelled.
    fn turned_by_cancel(&self, outcome: &Outcome) -> bool {
        matches!(outcome, Outcome::Completed { .. }) && self.is_cancelled()
    }

    async fn advance_with_pulse(&mut self) -> Result<Outcome, Halt> {
        let (link, meter, stop) = (self.link, self.meter.clone(), CancellationToken::new());
        let advance = async {
            let outcome = self.advance().await;
            stop.cancel();
            outcome
        };
        tokio::join!(advance, link.pulse(&meter, &stop)).0
    }

    async fn advance(&mut self) -> Result<Outcome, Halt> {
        if self.direction == Direction::Forward {
            match self.forward().await? {
                Way::Completed(result) => return Ok(Outcome::Completed { result }),
                Way::Stuck { error, leak } => return Ok(Outcome::Failed { error, leak: Some(leak) }),
                Way::Back(reason) => self.turn_round(reason).await?,
            }
        }
        self.backward().await
    }

    async fn turn_round(&mut self, reason: String) -> Result<(), Halt> {
        self.checkpoint(Checkpoint::TurnedRound { reason: reason.clone() }).await?;
        self.direction = Direction::Undo;
        self.reason = reason;
        Ok(())
    }

    async fn forward(&mut self) -> Result<Way, Halt> {
        for step in self.steps {
            let way = if self.done.iter().any(|name| name == step.name) {
                self.meter.done(step);
                None
            } else {
                self.carry_out(step).await?
            };
            if let Some(way) = way {
                return Ok(way);
            }
        }
        self.result().await
    }

    /// Carries out one step; `None` to go on with the next.
    async fn carry_out(&mut self, step: &'static StepInfo) -> Result<Option<Way>, Halt> {
        self.heed_shutdown()?;
        self.checkpoint(self.beginning(step)).await?;
        if !step.irrevocable {
            self.begun = Some(step.name.to_owned());
        }
        if self.is_cancelled() {
            return Ok(Some(Way::Back(CANCELLED.to_owned())));
        }
        self.begun = Some(step.name.to_owned());
        self.committed |= step.irrevocable;
        match self.attend(&Action::Run(step.name)).await? {
            Ended::ByCancel => return Ok(Some(Way::Back(CANCELLED.to_owned()))),
            Ended::ByItself(Err(error)) => return Ok(Some(self.failed(step.name, step.message, &error))),
            Ended::ByItself(Ok(_)) => {}
        }
        let progress = self.meter.done(step);
        self.checkpoint(Checkpoint::Done { step: step.name.to_owned(), progress }).await?;
        self.done.extend(self.begun.take());
        Ok(self.is_cancelled().then(|| Way::Back(CANCELLED.to_owned())))
    }

    fn beginning(&self, step: &StepInfo) -> Checkpoint {
        Checkpoint::Begun(StepBegun {
            step: step.name.to_owned(),
            message: step.message.to_owned(),
            progress: self.meter.begin(step),
            irrevocable: step.irrevocable,
        })
    }

    async fn result(&self) -> Result<Way, Halt> {
        Ok(match self.attend(&Action::Result).await? {
            Ended::ByCancel => Way::Back(CANCELLED.to_owned()),
            Ended::ByItself(Ok(result)) => Way::Completed(result),
            Ended::ByItself(Err(error)) => self.failed("result", "Reading the result", &error),
        })
    }

    fn failed(&self, step: &str, message: &str, error: &StepError) -> Way {
        tracing::warn!(job.id = %self.lease.job_id, step, %error, "Step failed");
        let told = match error {
            StepError::Fatal(told) => told.clone(),
            StepError::Transient(_) | StepError::Stopped => format!("{message}: gave up after several tries"),
        };
        if self.committed {
            let leak = format!("Step `{step}` of site `{}` failed and cannot be undone: {error}", self.lease.site.name);
            return Way::Stuck { error: told, leak };
        }
        Way::Back(told)
    }

    /// Undoes the step that may have effects and those that stand, last one first.
    async fn backward(&mut self) -> Result<Outcome, Halt> {
        while let Some(step) = self.begun.take().or_else(|| self.done.pop()) {
            self.heed_shutdown()?;
            if let Ended::ByItself(Err(error)) = self.attend(&Action::Undo(&step)).await? {
                return Ok(self.leaked(&step, &error));
            }
            self.checkpoint(Checkpoint::Undone { step }).await?;
        }
        Ok(Outcome::Failed { error: self.reason.clone(), leak: None })
    }

    fn leaked(&self, step: &str, error: &StepError) -> Outcome {
        tracing::error!(job.id = %self.lease.job_id, step, %error, "Undo failed for good");
        let mut leak = format!("Step `{step}` of site `{}` could not be undone: {error}", self.lease.site.name);
        if !self.done.is_empty() {
            let _ = write!(leak, "; standing before it: {}", self.done.join(", "));
        }
        Outcome::Failed { error: self.reason.clone(), leak: Some(leak) }
    }

    fn heed_shutdown(&self) -> Result<(), Halt> {
        if self.shutdown.is_cancelled() { Err(Halt::Shutdown) } else { Ok(()) }
    }

    fn heeds_cancel(&self) -> bool {
        self.direction == Direction::Forward && !self.committed
    }

    fn is_cancelled(&self) -> bool {
        self.heeds_cancel() && self.link.cancelled().is_cancelled()
    }

    /// Waits for an action of the driver, retries included, and stops it when it has to end before its time.
    async fn attend(&self, action: &Action<'_>) -> Result<Ended, Halt> {
        let stop = CancellationToken::new();
        let _fires_at_the_latest_now = stop.clone().drop_guard();
        let context = StepContext::new(self.lease.clone(), self.meter_of(action), stop.clone());
        let mut work = pin!(self.patiently(action, &context));
        let ended = tokio::select! {
            biased;
            () = self.link.lost().cancelled() => return Err(Halt::Lost),
            () = self.link.cancelled().cancelled(), if self.heeds_cancel() => Ok(Ended::ByCancel),
            () = self.shutdown.cancelled() => Err(Halt::Shutdown),
            result = &mut work => return Ok(Ended::ByItself(result)),
        };
        stop.cancel();
        tokio::select! {
            () = self.link.lost().cancelled() => Err(Halt::Lost),
            _ = timeout(STOP_GRACE, work) => ended,
        }
    }

    /// Tries an action until it succeeds, fails for good or has to stop.
    async fn patiently(&self, action: &Action<'_>, context: &StepContext) -> Result<Option<String>, StepError> {
        let patience = if self.heeds_cancel() { Patience::REVOCABLE } else { Patience::LAST_RESORT };
        let mut backoff = Backoff::trying_a_step();
        for tries in 1.. {
            if context.stop().is_cancelled() {
                break;
            }
            match self.act(action, context).await {
                Err(error) if !patience.is_over(&error, tries) => {
                    tracing::info!(job.id = %self.lease.job_id, %error, tries, "Trying again");
                    context.stop().run_until_cancelled(backoff.wait()).await;
                }
                end => return end,
            }
        }
        Err(StepError::Stopped)
    }

    /// Lets the driver act. One that panics has failed; the runner and its other jobs go on.
    async fn act(&self, action: &Action<'_>, context: &StepContext) -> Result<Option<String>, StepError> {
        let act = async {
            match action {
                Action::Run(step) => self.driver.run(step, context).await.map(|()| None),
                Action::Undo(step) => self.driver.undo(step, context).await.map(|()| None),
                Action::Result => self.driver.result(context).await,
            }
        };
        let end = AssertUnwindSafe(act).catch_unwind().await;
        end.unwrap_or_else(|_| Err(StepError::fatal("Something unexpected happened")))
    }

    /// Undoing is not progress.
    fn meter_of(&self, action: &Action<'_>) -> Arc<Meter> {
        match action {
            Action::Undo(_) => Arc::new(Meter::new(&[])),
            Action::Run(_) | Action::Result => self.meter.clone(),
        }
    }

    async fn checkpoint(&self, checkpoint: Checkpoint) -> Result<(), Halt> {
        Ok(self.link.call(Call::Checkpoint(checkpoint)).await?)
    }
}
