//! A runner dies, another goes on: the job ends right and nothing is left over.

use std::time::Duration;

use erpmax_types::provisioning::{JobStatus, JobType};
use rand::rngs::SmallRng;
use rand::{RngExt as _, SeedableRng as _};
use tokio::time::sleep;

use crate::support::control::{Call, Fault};
use crate::support::world::World;

/// Each type of job, going well and failing at each of its steps.
fn courses() -> Vec<(JobType, Option<&'static str>)> {
    let steps = |job_type| match job_type {
        JobType::CreateSite => &["reserve", "database", "apps", "configure", "user", "check", "open"][..],
        JobType::BackupSite => &["dump", "verify", "publish"],
        JobType::DeleteSite => &["close", "archive"],
        JobType::SuspendSite => &["suspend"],
        JobType::ResumeSite => &["resume"],
    };
    let failing = JobType::ALL.iter().flat_map(|job_type| steps(*job_type).iter().map(|step| (*job_type, Some(*step))));
    JobType::ALL.iter().map(|job_type| (*job_type, None)).chain(failing).collect()
}

async fn world_for(job_type: JobType, fail_at: Option<&str>) -> World {
    let mut world = World::ready_for(job_type).await;
    world.fail_at = fail_at.map(str::to_owned);
    world
}

/// Heartbeats and progress carry no state; dying at one is the same as dying at the next call.
fn matters(call: &Call) -> bool {
    !matches!(call, Call::Heartbeat | Call::Progress(_))
}

#[tokio::test(start_paused = true)]
async fn a_job_survives_a_kill_at_each_boundary() {
    for (job_type, fail_at) in courses() {
        for fault in [Fault::KillBefore, Fault::KillAfter] {
            for number in 0.. {
                let world = world_for(job_type, fail_at).await;
                let before = world.tree();
                let id = world.control.add(job_type, &world.site);
                let mut boundaries = 0;
                world.control.on_call(move |_, call| {
                    boundaries += u64::from(matters(call));
                    (matters(call) && boundaries == number + 1).then_some(fault)
                });
                let job = world.carry_out(id).await;
                let hint = format!("{job_type} {fail_at:?} {fault:?} at boundary {number}");
                world.assert_true(&job, &before, &hint);
                let expected = if fail_at.is_some() { JobStatus::Failed } else { JobStatus::Completed };
                assert_eq!(job.status, expected, "{hint}");
                if world.control.state().fired == 0 {
                    break;
                }
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_job_survives_a_kill_at_every_boundary_together() {
    for (job_type, fail_at) in courses() {
        let world = world_for(job_type, fail_at).await;
        let before = world.tree();
        let id = world.control.add(job_type, &world.site);
        let mut last = None;
        world.control.on_call(move |_, call| {
            let is_new = matters(call) && last.as_ref() != Some(call);
            if is_new {
                last = Some(call.clone());
            }
            is_new.then_some(Fault::KillAfter)
        });
        let job = world.carry_out(id).await;
        world.assert_true(&job, &before, &format!("{job_type} {fail_at:?}"));
    }
}

/// In real time, so that runners die in the midst of file work too.
#[tokio::test]
async fn a_job_survives_kills_at_random_instants() {
    let seed: u64 = rand::random();
    let mut random = SmallRng::seed_from_u64(seed);
    for (round, (job_type, fail_at)) in courses().into_iter().cycle().take(60).enumerate() {
        let mut world = world_for(job_type, fail_at).await;
        world.step_time = Duration::from_millis(5);
        let before = world.tree();
        let id = world.control.add(job_type, &world.site);
        let cancelled = random.random_ratio(1, 4);
        for kill in 0..random.random_range(1..5) {
            let running = world.start();
            sleep(Duration::from_micros(random.random_range(0..30_000))).await;
            if cancelled && kill == 1 {
                world.control.cancel(id);
            }
            running.kill().await;
        }
        let job = world.carry_out(id).await;
        world.assert_true(&job, &before, &format!("round {round}: {job_type} {fail_at:?}, seed {seed}"));
    }
}

#[tokio::test(start_paused = true)]
async fn a_shutdown_gives_the_lease_back_and_the_job_goes_on() {
    let seed: u64 = rand::random();
    let mut random = SmallRng::seed_from_u64(seed);
    for (job_type, fail_at) in courses() {
        let world = world_for(job_type, fail_at).await;
        let before = world.tree();
        let id = world.control.add(job_type, &world.site);
        for _ in 0..3 {
            let running = world.start();
            sleep(Duration::from_millis(random.random_range(0..2_000))).await;
            running.stop().await;
            assert!(world.control.job(id).held.is_none(), "the lease was not given back, seed {seed}");
        }
        let job = world.carry_out(id).await;
        world.assert_true(&job, &before, &format!("{job_type} {fail_at:?}, seed {seed}"));
    }
}

#[tokio::test(start_paused = true)]
async fn a_starting_driver_touches_nothing() {
    let world = World::new();
    let id = world.control.add(JobType::CreateSite, &world.site);
    let running = world.start();
    sleep(Duration::from_millis(900)).await;
    running.kill().await;
    let left = world.driver().leftovers().expect("a list");
    assert_eq!(left, [world.root().join(format!("sites/j-{id}.building"))]);
}
