//! Drivers that do nothing but what a test scripts, and wrappers around the sandbox.

use std::collections::BTreeSet;
use std::sync::Mutex;
use std::time::Duration;

use erpmax_sites::{Driver, StepContext, StepError, StepInfo};
use erpmax_types::provisioning::JobType;
use tokio::time::sleep;

/// What an action of the scripted driver does.
pub enum Act {
    /// Takes effect.
    Work,
    /// Takes this long with four reports, then takes effect.
    Last(Duration),
    /// Fails as often as it is asked to: half of the effect has happened.
    Transient,
    Fatal(&'static str),
    Panic,
}

type Script = Box<dyn FnMut(&str) -> Act + Send>;

/// Steps whose effects are words in a set.
pub struct Scripted {
    steps: &'static [StepInfo],
    script: Mutex<Script>,
    /// `run step` and `undo step`, in the order they began.
    pub log: Mutex<Vec<String>>,
    pub effects: Mutex<BTreeSet<String>>,
}

pub const THREE: &[StepInfo] =
    &[StepInfo::new("a", "Doing a", 1), StepInfo::new("b", "Doing b", 2), StepInfo::new("c", "Doing c", 1)];

pub const NO_WAY_BACK: &[StepInfo] = &[
    StepInfo::new("a", "Doing a", 1),
    StepInfo::new("b", "Doing b", 1).irrevocable(),
    StepInfo::new("c", "Doing c", 1),
];

impl Scripted {
    /// `script` is asked with `run step` or `undo step` each time an action is tried.
    pub fn new(steps: &'static [StepInfo], script: impl FnMut(&str) -> Act + Send + 'static) -> Self {
        Self { steps, script: Mutex::new(Box::new(script)), log: Mutex::default(), effects: Mutex::default() }
    }

    pub fn log(&self) -> Vec<String> {
        self.log.lock().expect("a log").clone()
    }

    pub fn effects(&self) -> Vec<String> {
        self.effects.lock().expect("effects").iter().cloned().collect()
    }

    async fn act(
        &self,
        action: &str,
        context: &StepContext,
        effect: impl Fn(&mut BTreeSet<String>) -> bool,
    ) -> Result<(), StepError> {
        self.log.lock().expect("a log").push(action.to_owned());
        let act = (self.script.lock().expect("a script"))(action);
        match act {
            Act::Work => {}
            Act::Last(time) => {
                for quarter in 1..=4 {
                    sleep(time / 4).await;
                    context.report(f64::from(quarter) / 4.0);
                }
            }
            Act::Transient => {
                effect(&mut self.effects.lock().expect("effects"));
                return Err(StepError::transient("out of order"));
            }
            Act::Fatal(why) => return Err(StepError::fatal(why)),
            Act::Panic => panic!("as scripted"),
        }
        effect(&mut self.effects.lock().expect("effects"));
        Ok(())
    }
}

impl Driver for Scripted {
    fn steps(&self, _: JobType) -> &'static [StepInfo] {
        self.steps
    }

    async fn run(&self, step: &str, context: &StepContext) -> Result<(), StepError> {
        let add = |effects: &mut BTreeSet<String>| effects.insert(step.to_owned());
        self.act(&format!("run {step}"), context, add).await
    }

    async fn undo(&self, step: &str, context: &StepContext) -> Result<(), StepError> {
        let remove = |effects: &mut BTreeSet<String>| effects.remove(step);
        self.act(&format!("undo {step}"), context, remove).await
    }

    async fn result(&self, _: &StepContext) -> Result<Option<String>, StepError> {
        Ok(Some("a result".to_owned()))
    }
}

/// Does everything of another driver twice, and fails one step after its work if asked to.
pub struct Wrapped<D> {
    pub inner: D,
    pub times: u32,
    pub fails_after: Option<&'static str>,
}

impl<D: Driver> Driver for Wrapped<D> {
    fn steps(&self, job_type: JobType) -> &'static [StepInfo] {
        self.inner.steps(job_type)
    }

    async fn run(&self, step: &str, context: &StepContext) -> Result<(), StepError> {
        for _ in 0..self.times {
            self.inner.run(step, context).await?;
        }
        if self.fails_after == Some(step) { Err(StepError::fatal("as scripted")) } else { Ok(()) }
    }

    async fn undo(&self, step: &str, context: &StepContext) -> Result<(), StepError> {
        for _ in 0..self.times {
            self.inner.undo(step, context).await?;
        }
        Ok(())
    }

    async fn result(&self, context: &StepContext) -> Result<Option<String>, StepError> {
        self.inner.result(context).await
    }
}
