//! `delete_site`: closes the site, takes a last backup and removes the folder. The archive stays.

use std::fs;

use super::record::Occupant;
use super::{Desk, backup, files, unknown_step};
use crate::driver::{StepError, StepInfo};

pub(super) const STEPS: &[StepInfo] = &[
    StepInfo::new("close", "Closing the site", 1),
    StepInfo::new("archive", "Taking a last backup", 1),
    StepInfo::new("remove", "Removing the site", 1).irrevocable(),
];

/// Marks a site as closed, relative to its folder; holds the id of the job that closed it.
pub(super) const CLOSED: &str = "closed";

pub(super) fn run(desk: &Desk, step: &str) -> Result<(), StepError> {
    match step {
        "close" => close(desk),
        "archive" => archive(desk),
        "remove" => remove(desk),
        _ => Err(unknown_step(step)),
    }
}

pub(super) fn undo(desk: &Desk, step: &str) -> Result<(), StepError> {
    match step {
        "close" => reopen(desk),
        "archive" => drop_archive(desk),
        "remove" => Ok(()),
        _ => Err(unknown_step(step)),
    }
}

fn close(desk: &Desk) -> Result<(), StepError> {
    if Occupant::of(desk)?.is_the_site() {
        let mark = desk.layout.site(&desk.site.name).join(CLOSED);
        files::write(&mark, desk.job_id.to_string().as_bytes())?;
    }
    Ok(())
}

fn reopen(desk: &Desk) -> Result<(), StepError> {
    let mark = desk.layout.site(&desk.site.name).join(CLOSED);
    let ours = fs::read_to_string(&mark).is_ok_and(|job| job == desk.job_id.to_string());
    if ours {
        files::remove_file(&mark)?;
    }
    Ok(())
}

fn archive(desk: &Desk) -> Result<(), StepError> {
    if Occupant::of(desk)?.is_the_site() {
        backup::dump(desk)?;
        backup::verify(desk)?;
        backup::publish(desk)?;
    }
    Ok(())
}

/// An archive without its site is the only copy left and stays.
fn drop_archive(desk: &Desk) -> Result<(), StepError> {
    if Occupant::of(desk)?.is_the_site() {
        backup::undo(desk, "publish")?;
        backup::undo(desk, "dump")?;
    }
    Ok(())
}

/// Off its address at once, then away.
fn remove(desk: &Desk) -> Result<(), StepError> {
    let removing = desk.layout.removing(desk.job_id);
    files::remove_folder(&removing)?;
    if Occupant::of(desk)?.is_the_site() {
        files::rename(&desk.layout.site(&desk.site.name), &removing)?;
        files::remove_folder(&removing)?;
    }
    Ok(())
}
