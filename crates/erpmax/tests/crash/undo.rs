//! Kills while a job is cancelled, fails and is undone.

use std::time::Duration;

use futures_util::future::join_all;

use crate::company::{Company, NAME, TRIES, is_over};
use crate::support::is_full_proof;

const STEP_MILLISECONDS: u64 = 200;

/// How long after a job turned round the server is killed, in milliseconds: undoing takes some tens.
fn moments() -> &'static [u64] {
    if is_full_proof() { &[0, 2, 4, 6, 8, 10, 12, 15, 20, 30, 50] } else { &[0, 4, 15] }
}

async fn pause(milliseconds: u64) {
    tokio::time::sleep(Duration::from_millis(milliseconds)).await;
}

/// Begins a job and cancels it at a step, after `disturb`; a busy machine may need more than one try to be in time.
async fn cancel_at(company: &mut Company, job_type: &str, step: &str, disturb: impl AsyncFn(&mut Company)) -> String {
    for _ in 0..TRIES {
        let job = company.begin(job_type).await;
        company.at_step(&job, step).await;
        disturb(company).await;
        let (status, answer) = company.cancel(&job).await;
        if status == 200 {
            assert_eq!(answer["data"]["status"], "running", "a cancelled job ends after its undo: {answer}");
            return job;
        }
        assert_eq!(answer["error"]["code"], "job_not_cancellable", "{answer}");
        company.completes(&job).await;
        company.make_possible(job_type).await;
    }
    panic!("no {job_type} could be cancelled at {step}");
}

/// Cancels a job at a step, kills the server soon after, and sees the job end as if it had never been.
async fn cancel_and_kill(company: &mut Company, job_type: &str, step: &str, moment: u64) {
    let job = cancel_at(company, job_type, step, async |_| ()).await;
    pause(moment).await;
    company.crash().await;
    company.fails(&job, &format!("Cancelled by {NAME} owner.")).await;
    company.note_resumption(Duration::ZERO);
}

async fn cancel_creations(step: &str) {
    let mut company = Company::start(STEP_MILLISECONDS, "").await;
    for moment in moments() {
        cancel_and_kill(&mut company, "create_site", step, *moment).await;
    }
    company.is_at_peace().await;
}

#[tokio::test]
async fn kills_during_the_undo_of_cancelled_creations_leave_nothing() {
    join_all(["reserve", "user", "open"].map(cancel_creations)).await;
}

#[tokio::test]
async fn kills_during_the_undo_of_cancelled_backups_and_deletions_leave_the_site() {
    let mut company = Company::start(STEP_MILLISECONDS, "").await;
    let job = company.begin("create_site").await;
    company.completes(&job).await;
    let steps = [("backup_site", ["dump", "publish"]), ("delete_site", ["close", "archive"])];
    for (job_type, steps) in steps {
        for (step, moment) in steps.into_iter().zip([2, 8]) {
            cancel_and_kill(&mut company, job_type, step, moment).await;
        }
    }
    company.is_at_peace().await;
}

#[tokio::test]
async fn a_cancel_right_after_a_crash_undoes_what_the_crash_cut_off() {
    let mut company = Company::start(STEP_MILLISECONDS, "").await;
    for step in ["database", "open"] {
        let crash = async |company: &mut Company| {
            pause(STEP_MILLISECONDS * 6 / 10).await;
            company.crash().await;
        };
        let job = cancel_at(&mut company, "create_site", step, crash).await;
        company.fails(&job, &format!("Cancelled by {NAME} owner.")).await;
    }
    company.is_at_peace().await;
}

#[tokio::test]
async fn a_deletion_behind_the_point_of_no_return_cannot_be_cancelled_and_is_completed_after_a_crash() {
    let mut company = Company::start(STEP_MILLISECONDS, "").await;
    let job = company.begin("create_site").await;
    company.completes(&job).await;
    let job = company.begin("delete_site").await;
    company.at_step(&job, "remove").await;
    let (status, answer) = company.cancel(&job).await;
    assert_eq!((status, &answer["error"]["code"]), (409, &"job_not_cancellable".into()));
    company.crash().await;
    let (status, answer) = company.cancel(&job).await;
    assert_eq!((status, &answer["error"]["code"]), (409, &"job_not_cancellable".into()));
    company.completes(&job).await;
}

/// Lets a job fail at a step, kills the server while it cleans up, and tries again.
async fn fail_and_kill(job_type: &str, step: &str) {
    let mut company = Company::start(STEP_MILLISECONDS, &format!("{job_type}.{step}")).await;
    if job_type != "create_site" {
        let job = company.begin("create_site").await;
        company.completes(&job).await;
    }
    for moment in &moments()[1..] {
        let job = company.begin(job_type).await;
        company.at_step(&job, step).await;
        // It fails in the middle of the step.
        pause(STEP_MILLISECONDS / 2 + moment).await;
        company.crash().await;
        company.fails(&job, &format!("The sandbox was asked to fail at the step {step}")).await;
        assert_eq!(company.retry(&job).await["attempt"], 2);
        company.completes(&job).await;
        company.make_possible(job_type).await;
    }
    company.is_at_peace().await;
}

#[tokio::test]
async fn kills_after_a_failure_leave_nothing_and_a_retry_succeeds() {
    let cases =
        [("create_site", "apps"), ("create_site", "open"), ("backup_site", "verify"), ("delete_site", "archive")];
    join_all(cases.map(|(job_type, step)| fail_and_kill(job_type, step))).await;
}

#[tokio::test]
async fn a_deletion_that_fails_behind_the_point_of_no_return_is_listed_as_a_leak_and_ends_by_a_retry() {
    let mut company = Company::start(STEP_MILLISECONDS, "delete_site.remove").await;
    let job = company.begin("create_site").await;
    company.completes(&job).await;
    let job = company.begin("delete_site").await;
    company.at_step(&job, "remove").await;
    company.crash().await;
    let ended = company.server.job_until(&company.token, &job, is_over).await;
    assert_eq!(ended["status"], "failed", "{ended}");
    assert_eq!(company.server.count("SELECT count(*) FROM jobs WHERE leak IS NOT NULL").await, 1);
    company.truth.attempts += 1;
    company.retry(&job).await;
    company.completes(&job).await;
}
