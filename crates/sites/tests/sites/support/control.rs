//! A control plane in memory that keeps the truth as the real one does: fencing, sequences, leases that run out, cancels.
//! What a runner does against the protocol is collected as a violation.

use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use erpmax_sites::{Control, ControlError};
use erpmax_types::JobId;
use erpmax_types::provisioning::{JobStatus, JobType};
use erpmax_types::runner::{
    Checkpoint, Direction, Hold, Lease, LeasedSite, Outcome, RunnerIdentity, StepProgress, Wish,
};
use tokio::sync::Notify;
use tokio::time::{Instant, timeout, timeout_at};

use super::job::{Held, JobRow};
use super::site::fresh;

/// What happens to a call on its way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The runner dies before the call arrives.
    KillBefore,
    /// The runner dies before the answer arrives.
    KillAfter,
    /// The call does not arrive.
    UnreachableBefore,
    /// The answer does not arrive.
    UnreachableAfter,
    /// Neither an answer nor an error comes.
    Hang,
    /// The lease goes to nobody; no job is leased until [`FakeControl::open`].
    LeaseLost,
    /// The job is cancelled just before the call.
    CancelBefore,
    /// The job is cancelled just after the call.
    CancelAfter,
}

/// A call as faults and tests see it.
#[derive(Clone, Debug, PartialEq)]
pub enum Call {
    Heartbeat,
    Progress(StepProgress),
    Checkpoint(Checkpoint),
    Finish(Outcome),
    Release,
}

/// A call that arrived.
#[derive(Clone, Debug)]
pub struct Seen {
    pub at: Instant,
    pub call: Call,
    pub repeated: bool,
}

type Faults = Box<dyn FnMut(u64, &Call) -> Option<Fault> + Send>;

pub struct State {
    pub jobs: Vec<JobRow>,
    pub seen: Vec<Seen>,
    pub violations: Vec<String>,
    pub fired: u64,
    calls: u64,
    faults: Faults,
    open: bool,
}

pub struct FakeControl {
    state: Mutex<State>,
    lasts: Duration,
    changed: Notify,
    killed: Notify,
}

impl FakeControl {
    pub fn new() -> Arc<Self> {
        Self::with_leases_of(Duration::from_secs(6))
    }

    pub fn with_leases_of(lasts: Duration) -> Arc<Self> {
        let state = State {
            jobs: Vec::new(),
            seen: Vec::new(),
            violations: Vec::new(),
            fired: 0,
            calls: 0,
            faults: Box::new(|_, _| None),
            open: true,
        };
        Arc::new(Self { state: Mutex::new(state), lasts, changed: Notify::new(), killed: Notify::new() })
    }

    pub fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect("no test panics while it holds the state")
    }

    /// Decides the fate of each call by its number and content.
    pub fn on_call(&self, faults: impl FnMut(u64, &Call) -> Option<Fault> + Send + 'static) {
        self.state().faults = Box::new(faults);
    }

    pub fn add(&self, job_type: JobType, site: &LeasedSite) -> JobId {
        let id = fresh();
        let job = JobRow {
            id,
            job_type,
            site: site.clone(),
            status: JobStatus::Pending,
            attempt: 1,
            direction: Direction::Forward,
            done: Vec::new(),
            begun: None,
            reason: None,
            error: None,
            leak: None,
            result: None,
            progress: 0,
            cancel_wished: false,
            committed: false,
            held: None,
            fence: 0,
            ended: None,
        };
        self.state().jobs.push(job);
        self.changed.notify_waiters();
        id
    }

    pub fn job(&self, id: JobId) -> JobRow {
        self.state().jobs.iter().find(|job| job.id == id).expect("a job").clone()
    }

    pub fn cancel(&self, id: JobId) {
        self.state().cancel(id);
        self.changed.notify_waiters();
    }

    /// A new attempt of a failed job.
    pub fn retry(&self, id: JobId) {
        let mut state = self.state();
        let job = state.jobs.iter_mut().find(|job| job.id == id).expect("a job");
        assert_eq!(job.status, JobStatus::Failed);
        let again = JobRow {
            attempt: job.attempt + 1,
            status: JobStatus::Pending,
            direction: Direction::Forward,
            ..job.clone()
        };
        *job = JobRow {
            reason: None,
            error: None,
            leak: None,
            progress: 0,
            cancel_wished: false,
            committed: false,
            ..again
        };
        job.done.clear();
        job.begun = None;
        drop(state);
        self.changed.notify_waiters();
    }

    /// Leases jobs again.
    pub fn open(&self) {
        self.state().open = true;
        self.changed.notify_waiters();
    }

    /// Waits for [`Fault::KillBefore`] and [`Fault::KillAfter`].
    pub async fn killed(&self) {
        self.killed.notified().await;
    }

    /// Waits until a job has ended.
    pub async fn ended(&self, id: JobId) -> JobRow {
        let ended = async {
            loop {
                let changed = self.changed.notified();
                tokio::pin!(changed);
                changed.as_mut().enable();
                let job = self.job(id);
                if matches!(job.status, JobStatus::Completed | JobStatus::Failed) {
                    return job;
                }
                changed.await;
            }
        };
        timeout(Duration::from_secs(600), ended).await.expect("the job ends")
    }

    async fn receive(&self, hold: Hold, call: Call) -> Result<Wish, ControlError> {
        let fault = self.state().fate(&call);
        let away = || ControlError::Unreachable("out of order".to_owned());
        match fault {
            Some(Fault::KillBefore) => return self.kill().await,
            Some(Fault::UnreachableBefore) => return Err(away()),
            Some(Fault::Hang) => return std::future::pending().await,
            Some(Fault::LeaseLost) => self.state().steal(hold),
            Some(Fault::CancelBefore) => self.state().cancel_held(hold),
            _ => {}
        }
        let answer = self.state().apply(hold, &call, self.lasts);
        if fault == Some(Fault::CancelAfter) {
            self.state().cancel_held(hold);
        }
        self.changed.notify_waiters();
        match fault {
            Some(Fault::KillAfter) => self.kill().await,
            Some(Fault::UnreachableAfter) => Err(away()),
            _ => answer,
        }
    }

    async fn kill(&self) -> Result<Wish, ControlError> {
        self.killed.notify_one();
        std::future::pending().await
    }
}

impl Control for FakeControl {
    async fn lease(&self, runner: &RunnerIdentity, wait: Duration) -> Result<Option<Lease>, ControlError> {
        let until = Instant::now() + wait;
        loop {
            let changed = self.changed.notified();
            tokio::pin!(changed);
            changed.as_mut().enable();
            if let Some(lease) = self.state().grant(runner, self.lasts) {
                return Ok(Some(lease));
            }
            let next = until.min(Instant::now() + Duration::from_millis(500));
            if timeout_at(next, changed).await.is_err() && next == until {
                return Ok(None);
            }
        }
    }

    async fn heartbeat(&self, hold: Hold) -> Result<Wish, ControlError> {
        self.receive(hold, Call::Heartbeat).await
    }

    async fn progress(&self, hold: Hold, progress: StepProgress) -> Result<Wish, ControlError> {
        self.receive(hold, Call::Progress(progress)).await
    }

    async fn checkpoint(&self, hold: Hold, checkpoint: Checkpoint) -> Result<Wish, ControlError> {
        self.receive(hold, Call::Checkpoint(checkpoint)).await
    }

    async fn finish(&self, hold: Hold, outcome: Outcome) -> Result<Wish, ControlError> {
        self.receive(hold, Call::Finish(outcome)).await
    }

    async fn release(&self, hold: Hold) -> Result<(), ControlError> {
        self.receive(hold, Call::Release).await.map(drop)
    }
}

impl State {
    fn fate(&mut self, call: &Call) -> Option<Fault> {
        let fate = (self.faults)(self.calls, call);
        self.calls += 1;
        self.fired += u64::from(fate.is_some());
        fate
    }

    fn grant(&mut self, runner: &RunnerIdentity, lasts: Duration) -> Option<Lease> {
        let now = Instant::now();
        let free = |job: &JobRow| job.held.as_ref().is_none_or(|held| held.expires <= now || held.boot != runner.boot);
        let unfinished = |job: &JobRow| matches!(job.status, JobStatus::Pending | JobStatus::Running);
        let job = self.jobs.iter_mut().find(|job| unfinished(job) && free(job)).filter(|_| self.open)?;
        job.fence += 1;
        job.status = JobStatus::Running;
        if job.cancel_is_due() {
            job.direction = Direction::Undo;
            job.reason = Some("Cancelled".to_owned());
        }
        let hold = Hold { lease: fresh(), fence: job.fence, sequence: 0 };
        job.held = Some(Held { boot: runner.boot.clone(), hold, expires: now + lasts });
        Some(job.lease(hold, lasts))
    }

    /// Takes the lease away as another runner's takeover would.
    fn steal(&mut self, hold: Hold) {
        self.open = false;
        for job in self.jobs.iter_mut().filter(|job| job.holds(hold)) {
            job.held = None;
        }
    }

    fn cancel(&mut self, id: JobId) {
        let job = self.jobs.iter_mut().find(|job| job.id == id).expect("a job");
        match job.status {
            JobStatus::Pending => {
                job.status = JobStatus::Failed;
                job.error = Some("Cancelled".to_owned());
            }
            JobStatus::Running => job.cancel_wished |= !job.committed,
            JobStatus::Completed | JobStatus::Failed => {}
        }
    }

    fn cancel_held(&mut self, hold: Hold) {
        if let Some(id) = self.jobs.iter().find(|job| job.holds(hold)).map(|job| job.id) {
            self.cancel(id);
        }
    }

    fn apply(&mut self, hold: Hold, call: &Call, lasts: Duration) -> Result<Wish, ControlError> {
        let now = Instant::now();
        self.seen.push(Seen { at: now, call: call.clone(), repeated: false });
        if self.jobs.iter().any(|job| job.ended == Some(hold)) {
            return Ok(Wish::Continue);
        }
        let Some(job) = self.jobs.iter_mut().find(|job| job.holds(hold)) else { return Ok(Wish::LeaseLost) };
        let held = job.held.as_mut().expect("it is held");
        if held.expires <= now {
            return Ok(Wish::LeaseLost);
        }
        held.expires = now + lasts;
        if held.hold.sequence == hold.sequence {
            self.seen.last_mut().expect("just pushed").repeated = true;
            return Ok(job.wish());
        }
        if held.hold.sequence + 1 != hold.sequence {
            self.violations.push(format!("sequence {} after {}", hold.sequence, held.hold.sequence));
            return Err(ControlError::Refused);
        }
        held.hold.sequence = hold.sequence;
        let wish = job.wish();
        if let Err(violation) = job.take(hold, call) {
            self.violations.push(violation);
        }
        Ok(wish)
    }
}
