//! A cancel at any moment stops the job, undoes it and ends it.

use std::time::Duration;

use erpmax_types::provisioning::{JobStatus, JobType};
use rand::rngs::SmallRng;
use rand::{RngExt as _, SeedableRng as _};
use tokio::time::sleep;

use crate::support::control::Fault;
use crate::support::drivers::{Act, NO_WAY_BACK, Scripted};
use crate::support::site::acme;
use crate::support::world::{Running, World};

#[tokio::test(start_paused = true)]
async fn a_cancel_at_any_call_leaves_what_was_before() {
    for job_type in JobType::ALL {
        for fault in [Fault::CancelBefore, Fault::CancelAfter] {
            for number in 0.. {
                let world = World::ready_for(*job_type).await;
                let before = world.tree();
                let id = world.control.add(*job_type, &world.site);
                world.control.on_call(move |call, _| (call == number).then_some(fault));
                let job = world.carry_out(id).await;
                let hint = format!("{job_type} {fault:?} at call {number}");
                world.assert_true(&job, &before, &hint);
                if job.cancel_wished {
                    assert_eq!((job.status, job.error.as_deref()), (JobStatus::Failed, Some("Cancelled")), "{hint}");
                }
                if world.control.state().fired == 0 {
                    break;
                }
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_cancel_at_any_instant_leaves_what_was_before() {
    let seed: u64 = rand::random();
    let mut random = SmallRng::seed_from_u64(seed);
    for job_type in JobType::ALL {
        for _ in 0..20 {
            let world = World::ready_for(*job_type).await;
            let before = world.tree();
            let id = world.control.add(*job_type, &world.site);
            let canceller = world.control.clone();
            let instant = Duration::from_millis(random.random_range(0..3_000));
            tokio::spawn(async move {
                sleep(instant).await;
                canceller.cancel(id);
            });
            let job = world.carry_out(id).await;
            world.assert_true(&job, &before, &format!("{job_type}, {instant:?}, seed {seed}"));
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_long_step_hears_a_cancel_within_two_seconds() {
    let mut world = World::new();
    world.step_time = Duration::from_secs(600);
    let id = world.control.add(JobType::CreateSite, &world.site);
    let running = world.start();
    sleep(Duration::from_secs(30)).await;
    let cancelled = tokio::time::Instant::now();
    world.control.cancel(id);
    let job = world.control.ended(id).await;
    assert!(cancelled.elapsed() < Duration::from_secs(2), "{:?}", cancelled.elapsed());
    assert_eq!(job.error.as_deref(), Some("Cancelled"));
    running.stop().await;
}

#[tokio::test(start_paused = true)]
async fn a_step_that_does_not_listen_is_dropped() {
    let world = World::new();
    let driver = Scripted::new(crate::support::drivers::THREE, |action| match action {
        "run b" => Act::Last(Duration::from_secs(3_600)),
        _ => Act::Work,
    });
    let id = world.control.add(JobType::CreateSite, &world.site);
    let running = Running::start(world.control.clone(), driver, 1);
    sleep(Duration::from_secs(5)).await;
    world.control.cancel(id);
    assert_eq!(world.control.ended(id).await.error.as_deref(), Some("Cancelled"));
    running.stop().await;
}

#[tokio::test(start_paused = true)]
async fn a_job_cancelled_while_no_runner_was_there_is_only_undone() {
    let world = World::new();
    let id = world.control.add(JobType::CreateSite, &world.site);
    world.control.on_call(|call, _| (call == 9).then_some(Fault::KillAfter));
    let running = world.start();
    world.control.killed().await;
    running.kill().await;
    world.control.cancel(id);
    let job = world.carry_out(id).await;
    assert_eq!((job.status, job.error.as_deref()), (JobStatus::Failed, Some("Cancelled")));
    world.assert_true(&job, &crate::support::world::Tree::new(), "undone by the second runner");
}

#[tokio::test(start_paused = true)]
async fn behind_the_point_of_no_return_a_cancel_comes_too_late() {
    let control = crate::support::control::FakeControl::new();
    let driver = Scripted::new(NO_WAY_BACK, |_| Act::Last(Duration::from_secs(4)));
    let id = control.add(JobType::DeleteSite, &acme());
    let running = Running::start(control.clone(), driver, 1);
    sleep(Duration::from_secs(6)).await;
    control.cancel(id);
    assert_eq!(control.ended(id).await.status, JobStatus::Completed);
    running.stop().await;
}
