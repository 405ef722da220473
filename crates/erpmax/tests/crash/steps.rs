//! A kill at each step of each job type.
#![expect(clippy::print_stdout, reason = "a proof tells its numbers")]

use std::time::Duration;

use crate::company::{Company, is_over};

pub(crate) const STEPS: &[(&str, &[&str])] = &[
    ("create_site", &["reserve", "database", "apps", "configure", "user", "check", "open"]),
    ("backup_site", &["dump", "verify", "publish"]),
    ("delete_site", &["close", "archive", "remove"]),
];
const STEP_MILLISECONDS: u64 = 400;

/// Kills the server while each step of the job runs, `into` the step.
async fn kill_at_each_step(company: &mut Company, job: &str, steps: &[&str], into: Duration) {
    let mut progress = 0;
    for (number, step) in steps.iter().enumerate() {
        let now = company.at_step(job, step).await;
        if number > 0 {
            company.note_resumption(Duration::from_millis(STEP_MILLISECONDS));
        }
        assert!(!is_over(&now) && now["step"] == *step, "the job was not seen at {step}: {now}");
        assert!(now["progress"].as_i64() >= Some(progress), "progress went down from {progress}: {now}");
        progress = now["progress"].as_i64().unwrap_or(0);
        tokio::time::sleep(into).await;
        company.crash().await;
    }
}

async fn survive(when: &str, into: Duration) {
    let mut company = Company::start(STEP_MILLISECONDS, "").await;
    for (job_type, steps) in STEPS {
        let job = company.begin(job_type).await;
        kill_at_each_step(&mut company, &job, steps, into).await;
        let ended = company.completes(&job).await;
        assert_eq!((&ended["attempt"], &ended["job_type"]), (&1.into(), &(*job_type).into()), "a crash resumes");
    }
    company.is_at_peace().await;
    let (kills, slowest) = (company.truth.kills, company.truth.slowest.as_millis());
    println!(
        "proof: {kills} kills {when}, one at each step of each job type: all completed, going on after {slowest} ms at most"
    );
}

#[tokio::test]
async fn a_kill_before_the_work_of_each_step_is_survived() {
    survive("before a step's work", Duration::ZERO).await;
}

/// The sandbox does a step's work in the middle of its time.
#[tokio::test]
async fn a_kill_after_the_work_of_each_step_and_before_its_checkpoint_is_survived() {
    let into = Duration::from_millis(STEP_MILLISECONDS * 6 / 10);
    survive("between a step's work and its checkpoint", into).await;
}
