//! A sandbox in a folder of its own, a control plane in memory and runners between them.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use erpmax_sites::sandbox::{SandboxDriver, SandboxSettings};
use erpmax_sites::{Control, Driver, RunnerSettings, StepContext};
use erpmax_types::JobId;
use erpmax_types::provisioning::{JobStatus, JobType};
use erpmax_types::runner::{LeasedSite, PROTOCOL, RunnerIdentity};
use sha2::{Digest as _, Sha256};
use tempfile::TempDir;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::control::FakeControl;
use super::job::JobRow;
use super::site::{acme, fresh, lease};

/// Paths below a folder with what stands for their contents.
pub type Tree = BTreeMap<PathBuf, String>;

pub struct World {
    pub folder: TempDir,
    pub control: Arc<FakeControl>,
    pub site: LeasedSite,
    pub step_time: Duration,
    pub fail_at: Option<String>,
}

/// A runner as one process has it.
pub struct Running {
    pub handle: JoinHandle<()>,
    pub shutdown: CancellationToken,
}

impl Running {
    pub fn start<C: Control, D: Driver>(control: Arc<C>, driver: D, slots: usize) -> Self {
        Self::start_shared(control, Arc::new(driver), slots)
    }

    pub fn start_shared<C: Control, D: Driver>(control: Arc<C>, driver: Arc<D>, slots: usize) -> Self {
        let boot = Uuid::now_v7().to_string();
        let identity = RunnerIdentity { host: "here".to_owned(), boot, protocol: PROTOCOL };
        let shutdown = CancellationToken::new();
        let run = erpmax_sites::run(control, driver, RunnerSettings { identity, slots }, shutdown.clone());
        Self { handle: tokio::spawn(run), shutdown }
    }

    /// Dies as by SIGKILL.
    pub async fn kill(self) {
        self.handle.abort();
        let _ = self.handle.await;
        tokio::task::yield_now().await;
    }

    /// Ends as by SIGTERM.
    pub async fn stop(self) {
        self.shutdown.cancel();
        self.handle.await.expect("the runner ends well");
    }
}

impl World {
    /// An empty sandbox.
    pub fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let step_time = Duration::from_millis(400);
        Self { folder, control: FakeControl::new(), site: acme(), step_time, fail_at: None }
    }

    /// A sandbox as a job of this type finds it: with the site, unless it is to be created.
    pub async fn ready_for(job_type: JobType) -> Self {
        let world = Self::new();
        if job_type != JobType::CreateSite {
            world.build().await;
        }
        if job_type == JobType::ResumeSite {
            world.quick().run("suspend", &world.context(fresh(), JobType::SuspendSite)).await.expect("the step works");
        }
        world
    }

    pub fn root(&self) -> &Path {
        self.folder.path()
    }

    pub fn driver(&self) -> SandboxDriver {
        let settings = SandboxSettings::new(self.root());
        SandboxDriver::new(SandboxSettings { step_time: self.step_time, fail_at: self.fail_at.clone(), ..settings })
    }

    /// A driver that takes no time and never fails.
    pub fn quick(&self) -> SandboxDriver {
        SandboxDriver::new(SandboxSettings { step_time: Duration::ZERO, ..SandboxSettings::new(self.root()) })
    }

    /// A context for a job about this world's site.
    pub fn context(&self, job_id: JobId, job_type: JobType) -> StepContext {
        StepContext::detached(lease(job_id, job_type, &self.site))
    }

    /// Builds the site without a runner.
    pub async fn build(&self) {
        let (driver, context) = (self.quick(), self.context(fresh(), JobType::CreateSite));
        for step in driver.steps(JobType::CreateSite) {
            driver.run(step.name, &context).await.expect("the step works");
        }
    }

    pub fn start(&self) -> Running {
        Running::start(self.control.clone(), self.driver(), 1)
    }

    /// Lets runners carry out a job, a new one each time the last was killed.
    pub async fn carry_out(&self, id: JobId) -> JobRow {
        loop {
            let running = self.start();
            let ended = tokio::select! {
                job = self.control.ended(id) => Some(job),
                () = self.control.killed() => None,
            };
            match ended {
                Some(job) => {
                    running.stop().await;
                    return job;
                }
                None => running.kill().await,
            }
        }
    }

    /// Everything in the sandbox but its lock.
    pub fn tree(&self) -> Tree {
        let mut tree = Tree::new();
        collect(self.root(), self.root(), &mut tree);
        tree.remove(Path::new("lock"));
        tree
    }

    pub fn site_stands(&self) -> bool {
        self.root().join("sites/acme/site.json").exists() && !self.root().join("sites/acme/closed").exists()
    }

    pub fn is_suspended(&self) -> bool {
        let marks = std::fs::read_to_string(self.root().join("sites/acme/suspension")).unwrap_or_default();
        marks.starts_with("suspended")
    }

    pub fn archives(&self) -> Vec<PathBuf> {
        self.tree().into_keys().filter(|path| path.starts_with("backups") && path.extension().is_some()).collect()
    }

    /// The protocol was kept, and the sandbox is as the job's end says. `before` is what it was before the job.
    pub fn assert_true(&self, job: &JobRow, before: &Tree, hint: &str) {
        assert_eq!(self.control.state().violations, [""; 0], "{hint}");
        assert_eq!(self.driver().leftovers().expect("a list"), [""; 0].map(PathBuf::from), "{hint}");
        if job.status == JobStatus::Failed && job.leak.is_none() {
            assert_eq!(&self.tree(), before, "{hint}");
            return;
        }
        assert_eq!((job.status, &job.error), (JobStatus::Completed, &None), "{hint}");
        let archive = PathBuf::from(format!("backups/acme/{}.tar.gz", job.id));
        let expected = match job.job_type {
            JobType::CreateSite | JobType::SuspendSite | JobType::ResumeSite => (true, vec![]),
            JobType::BackupSite => (true, vec![archive]),
            JobType::DeleteSite => (false, vec![archive]),
        };
        assert_eq!((self.site_stands(), self.archives()), expected, "{hint}");
        assert_eq!(job.result.is_some(), !expected.1.is_empty(), "{hint}");
        assert_eq!(self.is_suspended(), job.job_type == JobType::SuspendSite, "{hint}");
    }
}

fn collect(root: &Path, folder: &Path, tree: &mut Tree) {
    for entry in std::fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        let name = path.strip_prefix(root).expect("below the root").to_owned();
        if path.is_dir() {
            // An empty folder counts, except the two that are always there.
            if folder != root {
                tree.insert(name, "a folder".to_owned());
            }
            collect(root, &path, tree);
        } else {
            let contents = std::fs::read(&path).expect("a file");
            tree.insert(name, sha256(&contents));
        }
    }
}

/// In hexadecimal.
pub fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().fold(String::new(), |text, byte| format!("{text}{byte:02x}"))
}
