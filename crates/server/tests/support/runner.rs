//! A runner in the hands of the test.

use std::time::Duration;

use erpmax_types::runner::{Checkpoint, Hold, Lease, Outcome, RunnerIdentity, StepBegun, StepProgress, Wish};
use serde_json::json;

use super::{TestApp, eventually};

/// A job that a runner has leased.
pub(crate) struct Work {
    app: TestApp,
    pub(crate) lease: Lease,
    hold: Hold,
}

impl Work {
    /// Leases the next job. A request that was refused may hold its row for an instant longer.
    pub(crate) async fn lease(app: &TestApp) -> Self {
        eventually(async || Self::lease_if_due(app).await).await.expect("a job is due")
    }

    pub(crate) async fn lease_if_due(app: &TestApp) -> Option<Self> {
        let runner = RunnerIdentity { host: "host".to_owned(), boot: "boot".to_owned(), protocol: 1 };
        let lease = app.control().lease(&runner, Duration::ZERO).await.expect("the queue answers")?;
        Some(Self { app: app.clone(), hold: lease.hold, lease })
    }

    fn next(&mut self) -> Hold {
        self.hold.sequence += 1;
        self.hold
    }

    async fn checkpoint(&mut self, checkpoint: Checkpoint) -> Wish {
        let hold = self.next();
        self.app.control().checkpoint(hold, checkpoint).await.expect("the checkpoint is kept")
    }

    pub(crate) async fn begin(&mut self, step: &str, progress: u8) -> Wish {
        self.begin_step(step, progress, false).await
    }

    /// Begins a step after which nothing can be cancelled.
    pub(crate) async fn begin_irrevocable(&mut self, step: &str, progress: u8) -> Wish {
        self.begin_step(step, progress, true).await
    }

    async fn begin_step(&mut self, step: &str, progress: u8, irrevocable: bool) -> Wish {
        let begun = StepBegun { step: step.to_owned(), message: step.to_owned(), progress, irrevocable };
        self.checkpoint(Checkpoint::Begun(begun)).await
    }

    pub(crate) async fn done(&mut self, step: &str, progress: u8) -> Wish {
        self.checkpoint(Checkpoint::Done { step: step.to_owned(), progress }).await
    }

    pub(crate) async fn progress(&mut self, step: &str, progress: u8) -> Wish {
        let hold = self.next();
        let progress = StepProgress { step: step.to_owned(), message: step.to_owned(), progress };
        self.app.control().progress(hold, progress).await.expect("progress is heard")
    }

    pub(crate) async fn turn_round(&mut self, reason: &str) -> Wish {
        self.checkpoint(Checkpoint::TurnedRound { reason: reason.to_owned() }).await
    }

    pub(crate) async fn undone(&mut self, step: &str) -> Wish {
        self.checkpoint(Checkpoint::Undone { step: step.to_owned() }).await
    }

    pub(crate) async fn complete(&mut self) -> Wish {
        self.finish(Outcome::Completed { result: None }).await
    }

    /// Completes with an archive of this name.
    pub(crate) async fn complete_with_archive(&mut self, name: &str) -> Wish {
        let file = format!("backups/{name}.tar.gz");
        let path = self.app.outbox().join(&file);
        std::fs::create_dir_all(path.parent().expect("it has a folder")).expect("a folder");
        std::fs::write(path, name).expect("it can be written");
        let result = json!({"file": file, "bytes": name.len(), "sha256": format!("sha256 {name}")}).to_string();
        self.finish(Outcome::Completed { result: Some(result) }).await
    }

    pub(crate) async fn fail(&mut self, error: &str) -> Wish {
        self.finish(Outcome::Failed { error: error.to_owned(), leak: None }).await
    }

    /// Fails with something left behind.
    pub(crate) async fn leak(&mut self, error: &str, leak: &str) -> Wish {
        self.finish(Outcome::Failed { error: error.to_owned(), leak: Some(leak.to_owned()) }).await
    }

    pub(crate) async fn finish(&mut self, outcome: Outcome) -> Wish {
        let hold = self.next();
        self.app.control().finish(hold, outcome).await.expect("the end is kept")
    }
}
