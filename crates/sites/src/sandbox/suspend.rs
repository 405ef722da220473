//! `suspend_site` and `resume_site`: a mark in the site's folder says that it is closed until a payment, and another takes it back.

use std::fs;
use std::io::{self, ErrorKind};
use std::path::Path;

use super::record::Occupant;
use super::{Desk, files, unknown_step};
use crate::driver::{StepError, StepInfo};

pub(super) const SUSPEND: &[StepInfo] = &[StepInfo::new("suspend", "Closing the site until a payment", 1)];
pub(super) const RESUME: &[StepInfo] = &[StepInfo::new("resume", "Opening the site again", 1)];

/// Relative to the site's folder. A line is a word and the job that wrote it; the first counts, the second is what was before.
const MARKS: &str = "suspension";
const SUSPENDED: &str = "suspended";
const OPEN: &str = "open";

pub(super) fn run(desk: &Desk, step: &str) -> Result<(), StepError> {
    match step {
        "suspend" => mark(desk, SUSPENDED),
        "resume" => mark(desk, OPEN),
        _ => Err(unknown_step(step)),
    }
}

pub(super) fn undo(desk: &Desk, step: &str) -> Result<(), StepError> {
    match step {
        "suspend" | "resume" => Ok(take_back(desk)?),
        _ => Err(unknown_step(step)),
    }
}

/// Whether the site in this folder is closed until a payment.
pub(super) fn is_suspended(folder: &Path) -> io::Result<bool> {
    Ok(read(folder)?.starts_with(SUSPENDED))
}

fn mark(desk: &Desk, word: &str) -> Result<(), StepError> {
    if !Occupant::of(desk)?.is_the_site() {
        return Ok(());
    }
    let folder = desk.layout.site(&desk.site.name);
    let marks = read(&folder)?;
    let present = if marks.starts_with(SUSPENDED) { SUSPENDED } else { OPEN };
    if present == word {
        return Ok(());
    }
    let before = marks.lines().next().map(|line| format!("{line}\n")).unwrap_or_default();
    Ok(files::write(&folder.join(MARKS), format!("{word} {}\n{before}", desk.job_id).as_bytes())?)
}

/// Makes it as it was before this job, if this job changed it.
fn take_back(desk: &Desk) -> io::Result<()> {
    if !Occupant::of(desk)?.is_the_site() {
        return Ok(());
    }
    let folder = desk.layout.site(&desk.site.name);
    let marks = read(&folder)?;
    let mut lines = marks.lines();
    let is_ours = lines.next().is_some_and(|line| line.ends_with(&desk.job_id.to_string()));
    match lines.next() {
        _ if !is_ours => Ok(()),
        Some(before) => files::write(&folder.join(MARKS), format!("{before}\n").as_bytes()),
        None => files::remove_file(&folder.join(MARKS)),
    }
}

fn read(folder: &Path) -> io::Result<String> {
    match fs::read_to_string(folder.join(MARKS)) {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(String::new()),
        marks => marks,
    }
}
