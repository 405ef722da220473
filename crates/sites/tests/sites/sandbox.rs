//! The sandbox's steps against the file system.

use std::fs;
use std::io::Read as _;
use std::path::Path;
use std::time::Duration;

use erpmax_sites::sandbox::SandboxDriver;
use erpmax_sites::{Driver, StepContext, StepError};
use erpmax_types::provisioning::{JobStatus, JobType};
use flate2::read::GzDecoder;
use tokio::time::{sleep, timeout};

use crate::support::drivers::Wrapped;
use crate::support::site::{acme, fresh};
use crate::support::world::{Running, Tree, World, sha256};

fn names(driver: &SandboxDriver, job_type: JobType) -> Vec<&'static str> {
    driver.steps(job_type).iter().map(|step| step.name).collect()
}

async fn run_all(driver: &impl Driver, context: &StepContext) {
    for step in driver.steps(context.job_type()) {
        driver.run(step.name, context).await.expect("the step works");
    }
}

async fn undo_all(driver: &impl Driver, context: &StepContext) {
    for step in driver.steps(context.job_type()).iter().rev() {
        driver.undo(step.name, context).await.expect("the undo works");
    }
}

#[tokio::test]
async fn every_action_and_every_undo_can_be_run_twice() {
    for job_type in JobType::ALL {
        let world = World::ready_for(*job_type).await;
        let (driver, context) = (world.quick(), world.context(fresh(), *job_type));
        for step in names(&driver, *job_type) {
            let before = world.tree();
            driver.run(step, &context).await.expect("the step works");
            let after = world.tree();
            driver.run(step, &context).await.expect("the step works twice");
            assert_eq!(world.tree(), after, "{job_type}.{step} run twice");
            let revocable = driver.steps(*job_type).iter().any(|info| info.name == step && !info.irrevocable);
            if revocable {
                for times in 1..=2 {
                    driver.undo(step, &context).await.expect("the undo works");
                    assert_eq!(world.tree(), before, "{job_type}.{step} undone {times} times");
                }
                driver.run(step, &context).await.expect("the step works after its undo");
                assert_eq!(world.tree(), after, "{job_type}.{step} run after its undo");
            }
        }
    }
}

#[tokio::test]
async fn an_undo_of_what_never_began_changes_nothing() {
    for job_type in JobType::ALL {
        let world = World::ready_for(*job_type).await;
        let before = world.tree();
        undo_all(&world.quick(), &world.context(fresh(), *job_type)).await;
        assert_eq!(world.tree(), before, "{job_type}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_failure_at_each_step_leaves_a_clean_slate() {
    for job_type in JobType::ALL {
        for step in names(&World::new().quick(), *job_type) {
            for times in 1..=2 {
                let world = World::ready_for(*job_type).await;
                let before = world.tree();
                let id = world.control.add(*job_type, &world.site);
                let driver = Wrapped { inner: world.quick(), times, fails_after: Some(step) };
                let running = Running::start(world.control.clone(), driver, 1);
                let job = world.control.ended(id).await;
                running.stop().await;
                assert_eq!(job.status, JobStatus::Failed, "{job_type}.{step}");
                if step == "remove" {
                    assert!(job.leak.is_some_and(|leak| leak.contains("`remove`")), "the way back is closed");
                } else {
                    world.assert_true(&job, &before, &format!("{job_type}.{step} {times} times"));
                }
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_failure_can_be_asked_for_and_a_retry_goes_through() {
    for fail_at in ["apps", "create_site.apps"] {
        let mut world = World::new();
        world.fail_at = Some(fail_at.to_owned());
        let id = world.control.add(JobType::CreateSite, &world.site);
        let job = world.carry_out(id).await;
        assert_eq!(job.error.as_deref(), Some("The sandbox was asked to fail at the step apps"));
        world.assert_true(&job, &Tree::new(), fail_at);
        world.control.retry(id);
        assert_eq!(world.carry_out(id).await.status, JobStatus::Completed);
        assert!(world.site_stands());
    }
}

#[tokio::test(start_paused = true)]
async fn a_failure_asked_for_in_another_job_does_not_happen() {
    let mut world = World::new();
    world.fail_at = Some("backup_site.apps".to_owned());
    let id = world.control.add(JobType::CreateSite, &world.site);
    assert_eq!(world.carry_out(id).await.status, JobStatus::Completed);
}

#[tokio::test(start_paused = true)]
async fn a_deletion_that_failed_behind_the_point_of_no_return_can_be_tried_again() {
    let mut world = World::ready_for(JobType::DeleteSite).await;
    world.fail_at = Some("remove".to_owned());
    let id = world.control.add(JobType::DeleteSite, &world.site);
    let job = world.carry_out(id).await;
    assert!(job.leak.is_some_and(|leak| leak.contains("acme")));
    assert!(world.root().join("sites/acme/closed").exists());
    world.control.retry(id);
    let job = world.carry_out(id).await;
    world.assert_true(&job, &Tree::new(), "the second attempt");
    assert_eq!(job.status, JobStatus::Completed);
}

#[tokio::test]
async fn a_finished_site_holds_what_it_was_given() {
    let world = World::ready_for(JobType::BackupSite).await;
    let site = world.root().join("sites/acme");
    let record: serde_json::Value =
        serde_json::from_slice(&fs::read(site.join("site.json")).expect("a file")).expect("JSON");
    assert_eq!(record["id"], world.site.id.to_string());
    assert_eq!(record["company"], world.site.company);
    assert!(record.get("callback_url").is_none(), "where the control plane listens changes with each start");
    assert_eq!(record["owner"]["email"], "owner@acme.example");
    assert_eq!(fs::read_to_string(site.join("private/site.key")).expect("a file"), world.site.key);
    assert_mode(&site.join("private/site.key"), 0o600);
}

#[cfg(unix)]
fn assert_mode(path: &Path, mode: u32) {
    use std::os::unix::fs::PermissionsExt as _;
    assert_eq!(fs::metadata(path).expect("a file").permissions().mode() & 0o777, mode);
}

#[cfg(not(unix))]
fn assert_mode(_: &Path, _: u32) {}

#[tokio::test]
async fn a_half_built_site_is_never_at_its_address() {
    let world = World::new();
    let (driver, context) = (world.quick(), world.context(fresh(), JobType::CreateSite));
    for step in names(&driver, JobType::CreateSite) {
        assert!(!world.root().join("sites/acme").exists(), "before {step}");
        driver.run(step, &context).await.expect("the step works");
    }
    assert!(world.site_stands());
}

#[tokio::test]
async fn a_site_of_somebody_else_is_never_touched() {
    for job_type in JobType::ALL {
        let mut world = World::ready_for(JobType::BackupSite).await;
        let before = world.tree();
        world.site = acme();
        let (driver, context) = (world.quick(), world.context(fresh(), *job_type));
        for step in names(&driver, *job_type) {
            let end = driver.run(step, &context).await;
            if matches!((job_type, step), (JobType::CreateSite, "reserve" | "open") | (JobType::BackupSite, "dump")) {
                assert!(matches!(end, Err(StepError::Fatal(_))), "{job_type}.{step}");
            }
        }
        undo_all(&driver, &context).await;
        assert_eq!(world.tree(), before, "{job_type}");
    }
}

#[tokio::test]
async fn a_folder_at_the_address_that_is_no_site_is_never_touched() {
    let world = World::new();
    fs::create_dir_all(world.root().join("sites/acme")).expect("a folder");
    fs::write(world.root().join("sites/acme/notes.txt"), "mine").expect("a file");
    let before = world.tree();
    let (driver, context) = (world.quick(), world.context(fresh(), JobType::CreateSite));
    assert!(matches!(driver.run("reserve", &context).await, Err(StepError::Fatal(_))));
    undo_all(&driver, &context).await;
    assert_eq!(world.tree(), before);
}

#[tokio::test]
async fn what_an_earlier_attempt_left_is_dropped_by_the_next() {
    let world = World::new();
    let job = fresh();
    let (driver, context) = (world.quick(), world.context(job, JobType::CreateSite));
    run_all(&driver, &context).await;
    let building = world.root().join(format!("sites/j-{job}.building"));
    fs::create_dir_all(building.join("database")).expect("a folder");
    fs::write(building.join("site.json"), "{\"id\":").expect("a torn file");
    run_all(&driver, &context).await;
    assert!(world.site_stands());
    assert_eq!(driver.leftovers().expect("a list").len(), 0);
}

#[tokio::test]
async fn a_damaged_site_does_not_pass_its_check() {
    for file in ["site.json", "private/site.key", "database/data.json", "apps.json", "users.json"] {
        let world = World::new();
        let job = fresh();
        let (driver, context) = (world.quick(), world.context(job, JobType::CreateSite));
        for step in ["reserve", "database", "apps", "configure", "user"] {
            driver.run(step, &context).await.expect("the step works");
        }
        driver.run("check", &context).await.expect("it is whole");
        fs::write(world.root().join(format!("sites/j-{job}.building")).join(file), "torn").expect("a file");
        assert!(matches!(driver.run("check", &context).await, Err(StepError::Fatal(_))), "{file}");
    }
}

#[tokio::test]
async fn a_company_or_owner_renamed_meanwhile_does_not_fail_the_check() {
    let mut world = World::new();
    let job = fresh();
    let (driver, context) = (world.quick(), world.context(job, JobType::CreateSite));
    for step in ["reserve", "database", "apps", "configure", "user"] {
        driver.run(step, &context).await.expect("the step works");
    }
    world.site.company = "Globex".to_owned();
    world.site.owner_email = "chief@globex.example".to_owned();
    world.site.owner_name = "Chief".to_owned();
    world.site.url = "https://acme.sites.example".to_owned();
    driver.run("check", &world.context(job, JobType::CreateSite)).await.expect("it is whole");
    world.site.tenant_id = fresh();
    let foreign = driver.run("check", &world.context(job, JobType::CreateSite)).await;
    assert!(matches!(foreign, Err(StepError::Fatal(_))), "it is another tenant's");
}

#[tokio::test]
async fn an_archive_holds_the_site_and_a_true_manifest_but_not_the_key() {
    let world = World::ready_for(JobType::BackupSite).await;
    let (driver, context) = (world.quick(), world.context(fresh(), JobType::BackupSite));
    run_all(&driver, &context).await;
    let path = world.root().join(format!("backups/acme/{}.tar.gz", context.job_id()));
    let mut contents = Vec::new();
    let mut archive = tar::Archive::new(GzDecoder::new(fs::File::open(&path).expect("an archive")));
    for entry in archive.entries().expect("entries") {
        let mut entry = entry.expect("an entry");
        let name = entry.path().expect("a path").display().to_string();
        let mut bytes = Vec::new();
        entry.read_to_end(&mut bytes).expect("its bytes");
        contents.push((name, bytes));
    }
    let listed: Vec<_> = contents.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(listed, ["manifest.json", "apps.json", "database/data.json", "site.json", "users.json"]);
    let manifest: serde_json::Value = serde_json::from_slice(&contents[0].1).expect("JSON");
    for (number, (name, bytes)) in contents[1..].iter().enumerate() {
        assert_eq!(manifest["files"][number]["path"], *name);
        assert_eq!(manifest["files"][number]["sha256"], sha256(bytes));
        assert_eq!(&fs::read(world.root().join("sites/acme").join(name)).expect("a file"), bytes);
    }
    let whole = fs::read(&path).expect("an archive");
    let result = driver.result(&context).await.expect("a result").expect("there is something to say");
    let result: serde_json::Value = serde_json::from_str(&result).expect("JSON");
    assert_eq!(result["file"], format!("backups/acme/{}.tar.gz", context.job_id()));
    assert_eq!((&result["bytes"], &result["sha256"]), (&whole.len().into(), &sha256(&whole).into()));
    assert_mode(&path, 0o600);
}

#[tokio::test]
async fn an_archive_with_any_damage_is_not_published() {
    let world = World::ready_for(JobType::BackupSite).await;
    let (driver, context) = (world.quick(), world.context(fresh(), JobType::BackupSite));
    driver.run("dump", &context).await.expect("the step works");
    let part = world.root().join(format!("backups/acme/{}.tar.gz.part", context.job_id()));
    let whole = fs::read(&part).expect("an archive");
    driver.run("verify", &context).await.expect("it is whole");
    for length in (0..whole.len()).step_by(7) {
        fs::write(&part, &whole[..length]).expect("a file");
        assert!(matches!(driver.run("verify", &context).await, Err(StepError::Fatal(_))), "cut at {length}");
    }
    // The gzip header is no part of the contents, nor are the bits that fill up the last byte of the compressed stream.
    for at in (10..whole.len()).step_by(5) {
        let mut torn = whole.clone();
        torn[at] ^= 0x10;
        fs::write(&part, &torn).expect("a file");
        let passed = driver.run("verify", &context).await.is_ok();
        assert!(!passed || unpacked(&torn) == unpacked(&whole), "changed at {at}");
    }
}

fn unpacked(archive: &[u8]) -> Vec<u8> {
    let mut contents = Vec::new();
    GzDecoder::new(archive).read_to_end(&mut contents).expect("a whole archive");
    contents
}

#[tokio::test]
async fn a_backup_without_a_site_fails() {
    let world = World::new();
    let (driver, context) = (world.quick(), world.context(fresh(), JobType::BackupSite));
    assert!(matches!(driver.run("dump", &context).await, Err(StepError::Fatal(_))));
}

#[tokio::test]
async fn a_deletion_of_what_is_gone_is_done() {
    let world = World::new();
    let (driver, context) = (world.quick(), world.context(fresh(), JobType::DeleteSite));
    run_all(&driver, &context).await;
    assert_eq!(world.tree(), Tree::new());
    assert_eq!(driver.result(&context).await.expect("a result"), None);
}

#[tokio::test]
async fn the_last_archive_of_a_removed_site_is_not_undone() {
    let world = World::ready_for(JobType::DeleteSite).await;
    let (driver, context) = (world.quick(), world.context(fresh(), JobType::DeleteSite));
    run_all(&driver, &context).await;
    let after = world.tree();
    run_all(&driver, &context).await;
    undo_all(&driver, &context).await;
    assert_eq!(world.tree(), after);
    assert_eq!(world.archives().len(), 1);
}

#[tokio::test]
async fn a_half_removed_site_is_removed_for_good() {
    let world = World::ready_for(JobType::DeleteSite).await;
    let (driver, context) = (world.quick(), world.context(fresh(), JobType::DeleteSite));
    driver.run("close", &context).await.expect("the step works");
    driver.run("archive", &context).await.expect("the step works");
    let removing = world.root().join(format!("sites/j-{}.removing", context.job_id()));
    fs::rename(world.root().join("sites/acme"), &removing).expect("a rename");
    fs::remove_file(removing.join("apps.json")).expect("a file");
    assert_eq!(driver.leftovers().expect("a list"), [removing]);
    driver.run("remove", &context).await.expect("the step works");
    assert_eq!(driver.leftovers().expect("a list").len(), 0);
}

#[tokio::test]
async fn a_dropped_step_does_no_file_work_later() {
    let world = World::new();
    let (driver, context) = (world.quick(), world.context(fresh(), JobType::CreateSite));
    let lock = fs::File::create(world.root().join("lock")).expect("a file");
    lock.lock().expect("the lock");
    let wait = Duration::from_millis(200);
    assert!(timeout(wait, driver.run("reserve", &context)).await.is_err(), "it waits for the lock");
    drop(lock);
    sleep(wait).await;
    assert_eq!(world.tree(), Tree::new());
}

#[tokio::test]
async fn a_site_can_be_suspended_and_resumed_again_and_again() {
    let world = World::ready_for(JobType::SuspendSite).await;
    let driver = world.quick();
    for _ in 0..3 {
        driver.run("suspend", &world.context(fresh(), JobType::SuspendSite)).await.expect("the step works");
        assert!(world.is_suspended());
        let context = world.context(fresh(), JobType::ResumeSite);
        driver.run("resume", &context).await.expect("the step works");
        assert!(!world.is_suspended());
        driver.undo("resume", &context).await.expect("the undo works");
        assert!(world.is_suspended());
        driver.run("resume", &context).await.expect("the step works after its undo");
    }
    let marks = fs::read_to_string(world.root().join("sites/acme/suspension")).expect("a file");
    assert_eq!(marks.lines().count(), 2, "the marks do not grow");
}
