//! The runner's way through a job's steps, with a driver that does as it is told.

use std::sync::Arc;
use std::time::Duration;

use erpmax_sites::StepInfo;
use erpmax_types::provisioning::{JobStatus, JobType};
use erpmax_types::runner::{Checkpoint, Outcome};

use crate::support::control::{Call, FakeControl, Fault};
use crate::support::drivers::{Act, NO_WAY_BACK, Scripted, THREE};
use crate::support::job::JobRow;
use crate::support::site::acme;
use crate::support::world::Running;

/// How one job went.
struct Course {
    control: Arc<FakeControl>,
    driver: Arc<Scripted>,
    job: JobRow,
}

async fn course(steps: &'static [StepInfo], script: impl FnMut(&str) -> Act + Send + 'static) -> Course {
    let (control, driver) = (FakeControl::new(), Arc::new(Scripted::new(steps, script)));
    let id = control.add(JobType::CreateSite, &acme());
    let running = Running::start_shared(control.clone(), driver.clone(), 1);
    let job = control.ended(id).await;
    running.stop().await;
    assert_eq!(control.state().violations, [""; 0]);
    Course { control, driver, job }
}

/// Does this to one action and works otherwise.
fn at(action: &'static str, mut act: impl FnMut() -> Act + Send + 'static) -> impl FnMut(&str) -> Act + Send + 'static {
    move |asked| if asked == action { act() } else { Act::Work }
}

fn transient(mut times: u32) -> impl FnMut() -> Act + Send + 'static {
    move || {
        times = times.saturating_sub(1);
        if times > 0 { Act::Transient } else { Act::Work }
    }
}

#[tokio::test(start_paused = true)]
async fn a_job_goes_through_its_steps_and_brings_a_result() {
    let course = course(THREE, |_| Act::Work).await;
    assert_eq!(course.job.status, JobStatus::Completed);
    assert_eq!(course.job.result.as_deref(), Some("a result"));
    assert_eq!(course.job.progress, 100);
    assert_eq!(course.driver.log(), ["run a", "run b", "run c"]);
    assert_eq!(course.driver.effects(), ["a", "b", "c"]);
}

#[tokio::test(start_paused = true)]
async fn each_step_is_checkpointed_before_and_after() {
    let course = course(THREE, |_| Act::Work).await;
    let mut told = Vec::new();
    for seen in &course.control.state().seen {
        match &seen.call {
            Call::Checkpoint(Checkpoint::Begun(begun)) => told.push((format!("begun {}", begun.step), begun.progress)),
            Call::Checkpoint(Checkpoint::Done { step, progress }) => told.push((format!("done {step}"), *progress)),
            _ => {}
        }
    }
    let expected = [("begun a", 0), ("done a", 25), ("begun b", 25), ("done b", 75), ("begun c", 75), ("done c", 100)];
    assert_eq!(told, expected.map(|(what, progress)| (what.to_owned(), progress)));
}

#[tokio::test(start_paused = true)]
async fn a_transient_fault_is_retried_while_the_job_stays_running() {
    let course = course(THREE, at("run b", transient(6))).await;
    assert_eq!(course.job.status, JobStatus::Completed);
    assert_eq!(course.driver.log().iter().filter(|action| *action == "run b").count(), 6);
    assert_eq!(course.driver.log().iter().filter(|action| action.starts_with("undo")).count(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_transient_fault_that_stays_fails_the_job_after_a_while() {
    let course = course(THREE, at("run b", || Act::Transient)).await;
    assert_eq!(course.job.status, JobStatus::Failed);
    assert_eq!(course.job.error.as_deref(), Some("Doing b: gave up after several tries"));
    assert_eq!(course.driver.effects(), [""; 0]);
}

#[tokio::test(start_paused = true)]
async fn a_failure_is_undone_in_reverse_with_the_step_that_failed() {
    let course = course(THREE, at("run c", || Act::Fatal("c is broken"))).await;
    assert_eq!(course.job.error.as_deref(), Some("c is broken"));
    assert_eq!(course.job.leak, None);
    assert_eq!(course.driver.log(), ["run a", "run b", "run c", "undo c", "undo b", "undo a"]);
    assert_eq!(course.driver.effects(), [""; 0]);
}

#[tokio::test(start_paused = true)]
async fn an_undo_that_fails_for_a_while_is_retried() {
    let mut script = (at("run b", || Act::Fatal("b is broken")), at("undo a", transient(4)));
    let course =
        course(THREE, move |asked| if asked == "undo a" { (script.1)(asked) } else { (script.0)(asked) }).await;
    assert_eq!(course.job.leak, None);
    assert_eq!(course.driver.effects(), [""; 0]);
}

#[tokio::test(start_paused = true)]
async fn an_undo_that_fails_for_good_is_told_as_a_leak() {
    let script = |asked: &str| match asked {
        "run c" => Act::Fatal("c is broken"),
        "undo b" => Act::Fatal("b is stuck"),
        _ => Act::Work,
    };
    let course = course(THREE, script).await;
    assert_eq!(course.job.status, JobStatus::Failed);
    assert_eq!(course.job.error.as_deref(), Some("c is broken"));
    let leak = "Step `b` of site `acme` could not be undone: b is stuck; standing before it: a";
    assert_eq!(course.job.leak.as_deref(), Some(leak));
    assert!(!course.driver.log().contains(&"undo a".to_owned()), "what others stand on is not pulled away");
}

#[tokio::test(start_paused = true)]
async fn a_panic_of_the_driver_is_a_failure() {
    let course = course(THREE, at("run b", || Act::Panic)).await;
    assert_eq!(course.job.error.as_deref(), Some("Something unexpected happened"));
    assert_eq!(course.driver.effects(), [""; 0]);
}

#[tokio::test(start_paused = true)]
async fn behind_the_point_of_no_return_nothing_is_undone() {
    for failing in ["run b", "run c"] {
        let course = course(NO_WAY_BACK, at(failing, || Act::Fatal("broken"))).await;
        assert_eq!(course.job.status, JobStatus::Failed);
        assert_eq!(course.job.error.as_deref(), Some("broken"));
        assert!(course.job.leak.is_some_and(|leak| leak.contains("cannot be undone: broken")), "{failing}");
        assert_eq!(course.driver.log().iter().filter(|action| *action == failing).count(), 4, "{failing}");
        assert!(!course.driver.log().iter().any(|action| action.starts_with("undo")), "{failing}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_crash_does_not_bring_the_way_back() {
    let (control, driver) =
        (FakeControl::new(), Arc::new(Scripted::new(NO_WAY_BACK, at("run c", || Act::Fatal("broken")))));
    let id = control.add(JobType::DeleteSite, &acme());
    control.on_call(|number, _| (number == 3).then_some(Fault::KillAfter));
    let running = Running::start_shared(control.clone(), driver.clone(), 1);
    control.killed().await;
    running.kill().await;
    assert_eq!(control.job(id).done, ["a", "b"]);
    let running = Running::start_shared(control.clone(), driver.clone(), 1);
    let job = control.ended(id).await;
    running.stop().await;
    assert!(job.leak.is_some_and(|leak| leak.contains("`c`")));
    assert!(!driver.log().iter().any(|action| action.starts_with("undo")), "{:?}", driver.log());
    assert_eq!(control.state().violations, [""; 0]);
}

#[tokio::test(start_paused = true)]
async fn a_cancel_that_comes_before_the_last_call_still_counts() {
    let (control, driver) = (FakeControl::new(), Arc::new(Scripted::new(THREE, |_| Act::Work)));
    let id = control.add(JobType::CreateSite, &acme());
    control.on_call(|_, call| matches!(call, Call::Finish(Outcome::Completed { .. })).then_some(Fault::CancelBefore));
    let begun = tokio::time::Instant::now();
    let running = Running::start_shared(control.clone(), driver.clone(), 1);
    let job = control.ended(id).await;
    running.stop().await;
    assert_eq!((job.status, job.error.as_deref()), (JobStatus::Failed, Some("Cancelled")));
    assert_eq!(driver.effects(), [""; 0]);
    assert!(begun.elapsed() < Duration::from_secs(1), "without another lease");
}

#[tokio::test(start_paused = true)]
async fn a_failure_before_the_point_of_no_return_is_undone() {
    let course = course(NO_WAY_BACK, at("run a", || Act::Fatal("broken"))).await;
    assert_eq!((course.job.status, course.job.leak), (JobStatus::Failed, None));
    assert_eq!(course.driver.log(), ["run a", "undo a"]);
}

#[tokio::test(start_paused = true)]
async fn progress_within_a_step_is_told_four_times_a_second_at_most() {
    let course = course(THREE, at("run b", || Act::Last(Duration::from_millis(600)))).await;
    let state = course.control.state();
    let told: Vec<_> = state.seen.iter().filter(|seen| matches!(seen.call, Call::Progress(_))).collect();
    assert!(!told.is_empty() && told.len() <= 3, "{told:?}");
    assert!(told.windows(2).all(|two| two[1].at - two[0].at >= Duration::from_millis(250)), "{told:?}");
}

#[tokio::test(start_paused = true)]
async fn a_quiet_step_is_kept_alive_by_a_heartbeat_a_second() {
    const ONE: &[StepInfo] = &[StepInfo::new("a", "Doing a", 1)];
    let course = course(ONE, |_| Act::Last(Duration::from_secs(40))).await;
    let heartbeats = course.control.state().seen.iter().filter(|seen| seen.call == Call::Heartbeat).count();
    assert!((34..=40).contains(&heartbeats), "{heartbeats}");
    assert_eq!(course.job.status, JobStatus::Completed);
}

#[tokio::test(start_paused = true)]
async fn as_many_jobs_run_at_a_time_as_there_are_slots() {
    let driver = Scripted::new(THREE, |_| Act::Last(Duration::from_secs(4)));
    let control = FakeControl::new();
    let ids: Vec<_> = (0..4).map(|_| control.add(JobType::CreateSite, &acme())).collect();
    let begun = tokio::time::Instant::now();
    let running = Running::start(control.clone(), driver, 2);
    for id in ids {
        assert_eq!(control.ended(id).await.status, JobStatus::Completed);
    }
    running.stop().await;
    let seconds = begun.elapsed().as_secs();
    assert!((24..30).contains(&seconds), "{seconds}");
}

#[tokio::test(start_paused = true)]
async fn a_failed_job_can_be_tried_again_from_its_first_step() {
    let mut broken = true;
    let script = at("run c", move || if std::mem::take(&mut broken) { Act::Fatal("c is broken") } else { Act::Work });
    let (control, driver) = (FakeControl::new(), Arc::new(Scripted::new(THREE, script)));
    let id = control.add(JobType::CreateSite, &acme());
    let running = Running::start_shared(control.clone(), driver.clone(), 1);
    assert_eq!(control.ended(id).await.status, JobStatus::Failed);
    control.retry(id);
    let job = control.ended(id).await;
    running.stop().await;
    assert_eq!((job.status, job.attempt), (JobStatus::Completed, 2));
    assert_eq!(driver.log()[6..], ["run a", "run b", "run c"]);
}
