//! The sandbox driver: sites that are folders, built and removed by the same steps and under the same rules as real ones.
//!
//! A site is built as `sites/j-<job>.building` and renamed to `sites/<name>` when it is whole. All file work is done under one
//! lock, and a step that was dropped before its file work began does none any more.

mod archive;
mod backup;
mod create;
mod delete;
mod files;
mod layout;
mod record;
pub mod site;
mod suspend;

use std::io::ErrorKind;
use std::path::PathBuf;
use std::time::Duration;

use erpmax_types::JobId;
use erpmax_types::provisioning::JobType;
use erpmax_types::runner::LeasedSite;
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

use crate::driver::{Driver, StepContext, StepError, StepInfo};
use layout::Layout;

pub use site::{SiteSettings, site_router};

/// Reports of progress in each step.
const TICKS: u32 = 10;

/// How the sandbox behaves.
#[derive(Clone, Debug)]
pub struct SandboxSettings {
    /// The folder with `sites/` and `backups/`; made when first needed.
    pub root: PathBuf,
    /// How long each step takes.
    pub step_time: Duration,
    /// The step that is to fail, as `step` or `job_type.step`.
    pub fail_at: Option<String>,
    /// It fails up to this attempt of a job.
    pub fail_attempts: i64,
}

impl SandboxSettings {
    /// A sandbox in `root` whose steps take 700 ms and do not fail.
    pub fn new(root: impl Into<PathBuf>) -> Self {
        Self { root: root.into(), step_time: Duration::from_millis(700), fail_at: None, fail_attempts: 1 }
    }
}

/// Makes sites that are folders.
#[derive(Clone, Debug)]
pub struct SandboxDriver {
    settings: SandboxSettings,
    layout: Layout,
}

impl SandboxDriver {
    /// A driver; nothing is touched before the first step.
    pub fn new(settings: SandboxSettings) -> Self {
        let layout = Layout::new(&settings.root);
        Self { settings, layout }
    }

    /// Half-built and half-removed sites and unfinished archives. Unless a job is under way there are none.
    pub fn leftovers(&self) -> std::io::Result<Vec<PathBuf>> {
        self.layout.leftovers()
    }

    /// Lets `ticks` of the step's time pass.
    async fn take_time(&self, context: &StepContext, ticks: std::ops::Range<u32>) -> Result<(), StepError> {
        for tick in ticks {
            let pause = sleep(self.settings.step_time / TICKS);
            context.stop().run_until_cancelled(pause).await.ok_or(StepError::Stopped)?;
            context.report(f64::from(tick + 1) / f64::from(TICKS));
        }
        Ok(())
    }

    fn fail_if_asked(&self, step: &str, context: &StepContext) -> Result<(), StepError> {
        let Some(asked) = self.settings.fail_at.as_deref() else { return Ok(()) };
        let here = asked == step || asked.split_once('.') == Some((context.job_type().as_str(), step));
        if here && context.attempt() <= self.settings.fail_attempts {
            return Err(StepError::Fatal(format!("The sandbox was asked to fail at the step {step}")));
        }
        Ok(())
    }

    /// Does file work under the sandbox's lock; none at all if the caller is dropped before it begins.
    async fn exclusively<T: Send + 'static>(
        &self,
        context: &StepContext,
        work: impl FnOnce(&Desk) -> Result<T, StepError> + Send + 'static,
    ) -> Result<T, StepError> {
        let desk = Desk { layout: self.layout.clone(), job_id: context.job_id(), site: context.site().clone() };
        let dropped = CancellationToken::new();
        let _guard = dropped.clone().drop_guard();
        let task = tokio::task::spawn_blocking(move || {
            let _lock = desk.layout.lock()?;
            if dropped.is_cancelled() { Err(StepError::Stopped) } else { work(&desk) }
        });
        task.await.unwrap_or_else(|_| Err(StepError::fatal("Something unexpected happened in the sandbox")))
    }
}

impl Driver for SandboxDriver {
    fn steps(&self, job_type: JobType) -> &'static [StepInfo] {
        match job_type {
            JobType::CreateSite => create::STEPS,
            JobType::DeleteSite => delete::STEPS,
            JobType::BackupSite => backup::STEPS,
            JobType::SuspendSite => suspend::SUSPEND,
            JobType::ResumeSite => suspend::RESUME,
        }
    }

    async fn run(&self, step: &str, context: &StepContext) -> Result<(), StepError> {
        self.take_time(context, 0..TICKS / 2).await?;
        self.fail_if_asked(step, context)?;
        let (job_type, name) = (context.job_type(), step.to_owned());
        self.exclusively(context, move |desk| match job_type {
            JobType::CreateSite => create::run(desk, &name),
            JobType::DeleteSite => delete::run(desk, &name),
            JobType::BackupSite => backup::run(desk, &name),
            JobType::SuspendSite | JobType::ResumeSite => suspend::run(desk, &name),
        })
        .await?;
        self.take_time(context, TICKS / 2..TICKS).await
    }

    async fn undo(&self, step: &str, context: &StepContext) -> Result<(), StepError> {
        let (job_type, name) = (context.job_type(), step.to_owned());
        self.exclusively(context, move |desk| match job_type {
            JobType::CreateSite => create::undo(desk, &name),
            JobType::DeleteSite => delete::undo(desk, &name),
            JobType::BackupSite => backup::undo(desk, &name),
            JobType::SuspendSite | JobType::ResumeSite => suspend::undo(desk, &name),
        })
        .await
    }

    /// Of a backup, and of the last one before a deletion: `{"file","bytes","sha256"}`, the file relative to the sandbox's folder.
    async fn result(&self, context: &StepContext) -> Result<Option<String>, StepError> {
        match context.job_type() {
            JobType::CreateSite | JobType::SuspendSite | JobType::ResumeSite => Ok(None),
            JobType::BackupSite | JobType::DeleteSite => self.exclusively(context, backup::describe).await,
        }
    }
}

/// What file work needs to know.
struct Desk {
    layout: Layout,
    job_id: JobId,
    site: LeasedSite,
}

fn unknown_step(step: &str) -> StepError {
    StepError::Fatal(format!("The sandbox has no step {step}"))
}

impl From<std::io::Error> for StepError {
    /// What another try cannot mend is fatal. The message names the kind of error only, never a path.
    fn from(error: std::io::Error) -> Self {
        match error.kind() {
            ErrorKind::NotFound
            | ErrorKind::PermissionDenied
            | ErrorKind::ReadOnlyFilesystem
            | ErrorKind::NotADirectory
            | ErrorKind::InvalidData
            | ErrorKind::InvalidInput
            | ErrorKind::Other
            | ErrorKind::UnexpectedEof => {
                tracing::warn!(%error, "The sandbox cannot work with its files");
                Self::Fatal(format!("The sandbox cannot work with its files: {}", error.kind()))
            }
            _ => Self::transient(error),
        }
    }
}
