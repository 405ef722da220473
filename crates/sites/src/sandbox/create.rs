//! `create_site`: builds a site under a name of the job's, then renames it to its address.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use super::record::{Occupant, SiteRecord};
use super::{Desk, files, unknown_step};
use crate::driver::{StepError, StepInfo};

pub(super) const STEPS: &[StepInfo] = &[
    StepInfo::new("reserve", "Reserving the address", 1),
    StepInfo::new("database", "Creating the database", 1),
    StepInfo::new("apps", "Installing the apps", 1),
    StepInfo::new("configure", "Configuring the site", 1),
    StepInfo::new("user", "Creating the first user", 1),
    StepInfo::new("check", "Checking the site", 1),
    StepInfo::new("open", "Opening the site", 1),
];

/// The site's key for the control plane, relative to the site's folder.
pub(super) const KEY: &str = "private/site.key";

pub(super) fn run(desk: &Desk, step: &str) -> Result<(), StepError> {
    let folder = desk.layout.building(desk.job_id);
    match step {
        "reserve" => reserve(desk, &folder),
        "database" => Ok(put(&folder, "database/data.json", &database(desk))?),
        "apps" => Ok(put(&folder, "apps.json", &apps())?),
        "configure" => Ok(put_file(&folder, KEY, desk.site.key.as_bytes())?),
        "user" => Ok(put(&folder, "users.json", &users(desk))?),
        "check" => check(desk, &folder),
        "open" => open(desk, &folder),
        _ => Err(unknown_step(step)),
    }
}

pub(super) fn undo(desk: &Desk, step: &str) -> Result<(), StepError> {
    let folder = desk.layout.building(desk.job_id);
    match step {
        "reserve" => files::remove_folder(&folder)?,
        "database" => files::remove_folder(&folder.join("database"))?,
        "apps" => files::remove_file(&folder.join("apps.json"))?,
        "configure" => files::remove_folder(&folder.join("private"))?,
        "user" => files::remove_file(&folder.join("users.json"))?,
        "check" => {}
        "open" => take_back(desk, &folder)?,
        _ => return Err(unknown_step(step)),
    }
    Ok(())
}

/// The first step of an attempt: whatever bears the job's name is left from an earlier one and dropped.
fn reserve(desk: &Desk, folder: &Path) -> Result<(), StepError> {
    take_back(desk, folder)?;
    if Occupant::of(desk)? != Occupant::Nobody {
        return Err(address_is_taken());
    }
    files::remove_folder(folder)?;
    files::make_folder(folder)?;
    Ok(SiteRecord::new(desk.job_id, &desk.site).write(folder)?)
}

fn database(desk: &Desk) -> Value {
    json!({ "companies": [{ "name": desk.site.company }], "items": [{ "code": "SAMPLE-1", "name": "Sample item" }] })
}

fn apps() -> Value {
    json!({ "sandbox": true, "apps": ["frappe", "erpnext", "erpmax"] })
}

fn users(desk: &Desk) -> Value {
    json!([{ "email": desk.site.owner_email, "full_name": desk.site.owner_name, "role": "owner" }])
}

/// Reads everything back as it will be served. Whose the site is must fit and the rest be whole; names and addresses may have
/// changed since an earlier step wrote them.
fn check(desk: &Desk, folder: &Path) -> Result<(), StepError> {
    let whole = SiteRecord::read(folder)?.is_some_and(|record| record.is_of(desk))
        && fs::read(folder.join(KEY))? == desk.site.key.as_bytes()
        && is_document(folder, "database/data.json")?
        && is_document(folder, "apps.json")?
        && is_document(folder, "users.json")?;
    if whole { Ok(()) } else { Err(StepError::fatal("The site is not whole")) }
}

fn open(desk: &Desk, folder: &Path) -> Result<(), StepError> {
    match (folder.try_exists()?, Occupant::of(desk)?) {
        (true, Occupant::Nobody) => Ok(files::rename(folder, &desk.layout.site(&desk.site.name))?),
        (false, Occupant::ThisJob) => Ok(()),
        (false, Occupant::Nobody) => Err(StepError::fatal("The half-built site is gone")),
        _ => Err(address_is_taken()),
    }
}

/// Moves the site that this job opened back to the job's name.
fn take_back(desk: &Desk, folder: &Path) -> Result<(), StepError> {
    if Occupant::of(desk)? == Occupant::ThisJob {
        files::remove_folder(folder)?;
        files::rename(&desk.layout.site(&desk.site.name), folder)?;
    }
    Ok(())
}

fn address_is_taken() -> StepError {
    StepError::fatal("The site's address is taken by another site")
}

fn put(folder: &Path, path: &str, contents: &Value) -> io::Result<()> {
    put_file(folder, path, &serde_json::to_vec_pretty(contents)?)
}

fn put_file(folder: &Path, path: &str, contents: &[u8]) -> io::Result<()> {
    let path: PathBuf = folder.join(path);
    if let Some(parent) = path.parent().filter(|parent| *parent != folder) {
        files::make_folder(parent)?;
    }
    files::write(&path, contents)
}

fn is_document(folder: &Path, path: &str) -> io::Result<bool> {
    Ok(serde_json::from_slice::<Value>(&fs::read(folder.join(path))?).is_ok())
}
