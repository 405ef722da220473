//! `backup_site`: writes an archive under a temporary name, reads it back whole and gives it its name.

use serde_json::json;

use super::record::Occupant;
use super::{Desk, archive, files, unknown_step};
use crate::driver::{StepError, StepInfo};

pub(super) const STEPS: &[StepInfo] = &[
    StepInfo::new("dump", "Saving the site's data", 1),
    StepInfo::new("verify", "Checking the archive", 1),
    StepInfo::new("publish", "Storing the archive", 1),
];

pub(super) fn run(desk: &Desk, step: &str) -> Result<(), StepError> {
    match step {
        "dump" => dump(desk),
        "verify" => verify(desk),
        "publish" => publish(desk),
        _ => Err(unknown_step(step)),
    }
}

pub(super) fn undo(desk: &Desk, step: &str) -> Result<(), StepError> {
    let (name, job) = (&desk.site.name, desk.job_id);
    match step {
        "dump" => files::remove_file(&desk.layout.archive_part(name, job))?,
        "verify" => {}
        "publish" => withdraw(desk)?,
        _ => return Err(unknown_step(step)),
    }
    Ok(files::remove_if_empty(&desk.layout.backups(name))?)
}

/// Gives a published archive its temporary name back.
fn withdraw(desk: &Desk) -> std::io::Result<()> {
    let archive = desk.layout.archive(&desk.site.name, desk.job_id);
    if archive.try_exists()? {
        files::rename(&archive, &desk.layout.archive_part(&desk.site.name, desk.job_id))?;
    }
    Ok(())
}

pub(super) fn dump(desk: &Desk) -> Result<(), StepError> {
    if !Occupant::of(desk)?.is_the_site() {
        return Err(StepError::fatal("There is no site to save"));
    }
    std::fs::create_dir_all(desk.layout.backups(&desk.site.name))?;
    let part = desk.layout.archive_part(&desk.site.name, desk.job_id);
    Ok(archive::pack(&desk.layout.site(&desk.site.name), &desk.site, &part)?)
}

pub(super) fn verify(desk: &Desk) -> Result<(), StepError> {
    let part = desk.layout.archive_part(&desk.site.name, desk.job_id);
    if part.try_exists()? {
        return Ok(archive::verify(&part)?);
    }
    Ok(archive::verify(&desk.layout.archive(&desk.site.name, desk.job_id))?)
}

pub(super) fn publish(desk: &Desk) -> Result<(), StepError> {
    let part = desk.layout.archive_part(&desk.site.name, desk.job_id);
    let archive = desk.layout.archive(&desk.site.name, desk.job_id);
    if part.try_exists()? {
        return Ok(files::rename(&part, &archive)?);
    }
    if archive.try_exists()? { Ok(()) } else { Err(StepError::fatal("The archive is gone")) }
}

/// What there is to say of the job's archive, if there is one.
pub(super) fn describe(desk: &Desk) -> Result<Option<String>, StepError> {
    let path = desk.layout.archive(&desk.site.name, desk.job_id);
    if !path.try_exists()? {
        return Ok(None);
    }
    let (bytes, sha256) = archive::measure(&path)?;
    Ok(Some(json!({ "file": desk.layout.told(&path), "bytes": bytes, "sha256": sha256 }).to_string()))
}
