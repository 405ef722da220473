//! A kill at each step of each job type.
#![expect(clippy::print_stdout, reason = "a proof tells its numbers")]

use std::time::Duration;

use crate::company::{Company, TRIES, is_over};

pub(crate) const STEPS: &[(&str, &[&str])] = &[
    ("create_site", &["reserve", "database", "apps", "configure", "user", "check", "open"]),
    ("backup_site", &["dump", "verify", "publish"]),
    ("delete_site", &["close", "archive", "remove"]),
];
const STEP_MILLISECONDS: u64 = 400;

/// Kills the server while each of `steps` of the job runs, `into` the step; those that a busy machine let pass unseen.
async fn kill_at_each<'a>(company: &mut Company, job: &str, steps: &[&'a str], into: Duration) -> Vec<&'a str> {
    let (mut progress, mut missed, mut is_resumed) = (0, Vec::new(), false);
    for step in steps {
        let now = company.at_step(job, step).await;
        if is_resumed {
            company.note_resumption(Duration::from_millis(STEP_MILLISECONDS));
        }
        assert!(now["progress"].as_i64() >= Some(progress), "progress went down from {progress}: {now}");
        progress = now["progress"].as_i64().unwrap_or(0);
        is_resumed = !is_over(&now);
        if !is_resumed {
            missed.push(*step);
            continue;
        }
        tokio::time::sleep(into).await;
        company.crash().await;
    }
    missed
}

async fn survive(when: &str, into: Duration) {
    let mut company = Company::start(STEP_MILLISECONDS, "").await;
    for (job_type, steps) in STEPS {
        let mut left = steps.to_vec();
        for number in 0..TRIES {
            if left.is_empty() {
                break;
            }
            if number > 0 {
                company.make_possible(job_type).await;
            }
            let job = company.begin(job_type).await;
            left = kill_at_each(&mut company, &job, &left, into).await;
            let ended = company.completes(&job).await;
            assert_eq!((&ended["attempt"], &ended["job_type"]), (&1.into(), &(*job_type).into()), "a crash resumes");
        }
        assert!(left.is_empty(), "{job_type} was never seen at {left:?}");
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
