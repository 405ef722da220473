//! A bad line to the control plane: lost calls, lost answers, lost leases.

use std::time::Duration;

use erpmax_types::provisioning::{JobStatus, JobType};
use tokio::time::{Instant, sleep};

use crate::support::control::{Call, FakeControl, Fault};
use crate::support::drivers::{Act, Scripted, THREE};
use crate::support::site::acme;
use crate::support::world::{Running, Tree, World};

#[tokio::test(start_paused = true)]
async fn a_call_without_an_answer_is_repeated_without_a_second_effect() {
    for job_type in JobType::ALL {
        for fault in [Fault::UnreachableBefore, Fault::UnreachableAfter, Fault::Hang] {
            let world = World::ready_for(*job_type).await;
            let before = world.tree();
            let id = world.control.add(*job_type, &world.site);
            let mut last = None;
            world.control.on_call(move |_, call| {
                let is_new = last.as_ref() != Some(call);
                last = Some(call.clone());
                is_new.then_some(fault)
            });
            let job = world.carry_out(id).await;
            world.assert_true(&job, &before, &format!("{job_type} {fault:?}"));
            assert_eq!(job.status, JobStatus::Completed, "{job_type} {fault:?}");
            let repeated = world.control.state().seen.iter().filter(|seen| seen.repeated).count();
            assert_eq!(repeated > 0, fault == Fault::UnreachableAfter, "{job_type} {fault:?}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn work_goes_on_after_an_outage_shorter_than_the_lease() {
    let world = World::new();
    let id = world.control.add(JobType::CreateSite, &world.site);
    let begun = Instant::now();
    let away = Duration::from_millis(1_000)..Duration::from_millis(6_000);
    world.control.on_call(move |_, _| away.contains(&begun.elapsed()).then_some(Fault::UnreachableBefore));
    let job = world.carry_out(id).await;
    world.assert_true(&job, &Tree::new(), "after an outage");
    assert_eq!(job.status, JobStatus::Completed);
    assert!(world.control.state().fired > 2);
}

#[tokio::test(start_paused = true)]
async fn work_stops_before_the_lease_runs_out_and_goes_on_after_the_outage() {
    for fault in [Fault::UnreachableBefore, Fault::Hang] {
        let control = FakeControl::new();
        let driver = std::sync::Arc::new(Scripted::new(THREE, |_| Act::Last(Duration::from_secs(20))));
        let id = control.add(JobType::CreateSite, &acme());
        let begun = Instant::now();
        let away = Duration::from_secs(3)..Duration::from_secs(60);
        control.on_call(move |_, _| away.contains(&begun.elapsed()).then_some(fault));
        let running = Running::start_shared(control.clone(), driver.clone(), 1);
        sleep(Duration::from_secs(25)).await;
        assert_eq!(driver.effects(), [""; 0], "{fault:?}: the step was dropped with the lease");
        assert_eq!(control.ended(id).await.status, JobStatus::Completed, "{fault:?}");
        assert_eq!(control.state().violations, [""; 0], "{fault:?}");
        running.stop().await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_lost_lease_stops_all_work_at_once() {
    for number in 0.. {
        let world = World::new();
        let id = world.control.add(JobType::CreateSite, &world.site);
        world.control.on_call(move |call, _| (call == number).then_some(Fault::LeaseLost));
        let running = world.start();
        sleep(Duration::from_secs(5)).await;
        if world.control.state().fired == 0 {
            running.stop().await;
            break;
        }
        let (tree, calls) = (world.tree(), world.control.state().seen.len());
        sleep(Duration::from_secs(60)).await;
        assert_eq!(world.tree(), tree, "after call {number}");
        assert_eq!(world.control.state().seen.len(), calls, "after call {number}");
        assert_eq!(calls as u64, number + 1, "nothing is reported after call {number}");
        world.control.open();
        let job = world.control.ended(id).await;
        running.stop().await;
        world.assert_true(&job, &Tree::new(), &format!("lost at call {number}"));
    }
}

#[tokio::test(start_paused = true)]
async fn no_step_begins_after_a_lost_lease() {
    for number in 0..6 {
        let control = FakeControl::new();
        let driver = std::sync::Arc::new(Scripted::new(THREE, |_| Act::Work));
        control.add(JobType::CreateSite, &acme());
        control.on_call(move |call, _| (call == number).then_some(Fault::LeaseLost));
        let running = Running::start_shared(control.clone(), driver.clone(), 1);
        sleep(Duration::from_secs(60)).await;
        // Calls are begun a, done a, begun b, …: a step runs only after its own begun was answered.
        assert_eq!(driver.log().len() as u64, number.div_ceil(2), "at call {number}");
        running.stop().await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_shutdown_does_not_wait_for_a_control_plane_that_is_away() {
    let world = World::new();
    world.control.add(JobType::CreateSite, &world.site);
    let running = world.start();
    sleep(Duration::from_secs(1)).await;
    world.control.on_call(|_, _| Some(Fault::UnreachableBefore));
    let asked = Instant::now();
    running.stop().await;
    assert!(asked.elapsed() < Duration::from_secs(3), "{:?}", asked.elapsed());
}

#[tokio::test(start_paused = true)]
async fn an_idle_runner_stops_at_once() {
    let world = World::new();
    let running = world.start();
    sleep(Duration::from_secs(50)).await;
    let asked = Instant::now();
    running.stop().await;
    assert_eq!(asked.elapsed(), Duration::ZERO);
    assert!(!world.control.state().seen.iter().any(|seen| seen.call != Call::Heartbeat));
}
