//! Into a file: made whole under another name, then given its own.

use std::fs::{self, DirBuilder};
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};

use erpmax_store::backup::{contents_of_sqlite, file_of};
use erpmax_store::schema::{self, Schema};

use super::super::create::explain;
use super::super::verify::{compare, extract_sqlite};
use super::Restoring;
use crate::failure::Failure;
use crate::key_file::sync_folder_of;

/// What SQLite keeps beside a database.
const COMPANIONS: [&str; 3] = ["", "-wal", "-shm"];

pub(super) async fn restore(restoring: &Restoring<'_>) -> Result<Option<String>, Failure> {
    let target = file_of(&restoring.url).map_err(|error| Failure::wrong(error.to_string()))?;
    let is_occupied = is_occupied(restoring, &target).await;
    if is_occupied && restoring.aside.is_none() {
        return Err(Failure::wrong(format!(
            "there is an installation already: {}; choose another folder with --data, or let --replace move it aside",
            target.display()
        )));
    }
    let draft = beside(&target, ".restoring");
    remove(&draft)?;
    let made = make(restoring, &draft).await;
    if made.is_err() {
        remove(&draft)?;
    }
    made?;
    let aside = if is_occupied { Some(move_aside(restoring, &target)?) } else { None };
    restoring.keyring.install(restoring.aside.as_deref())?;
    fs::rename(&draft, &target).and_then(|()| sync_folder_of(&target)).map_err(|error| unwritable(&target, &error))?;
    Ok(aside.map(|aside| aside.display().to_string()))
}

/// What cannot be read is somebody's all the same.
async fn is_occupied(restoring: &Restoring<'_>, target: &Path) -> bool {
    let is_empty = matches!(schema::look(&restoring.url).await, Ok(Schema::Empty));
    !is_empty && target.exists()
}

async fn make(restoring: &Restoring<'_>, draft: &Path) -> Result<(), Failure> {
    extract_sqlite(restoring.file, restoring.passphrase.as_deref(), draft)?;
    let contents = contents_of_sqlite(draft).await.map_err(explain)?;
    compare(restoring.file, restoring.manifest, &contents)?;
    restoring.prove(&format!("sqlite:{}", draft.display())).await
}

fn move_aside(restoring: &Restoring<'_>, target: &Path) -> Result<PathBuf, Failure> {
    let stamp = restoring.aside.as_deref().unwrap_or_default();
    let aside = restoring.folder.path().join(format!("before-restore-{stamp}"));
    DirBuilder::new().recursive(true).mode(0o700).create(&aside).map_err(|error| unwritable(&aside, &error))?;
    for ending in COMPANIONS {
        let old = beside(target, ending);
        if old.exists() {
            let name = old.file_name().unwrap_or_default();
            fs::rename(&old, aside.join(name)).map_err(|error| unwritable(&aside, &error))?;
        }
    }
    Ok(aside)
}

fn remove(draft: &Path) -> Result<(), Failure> {
    for ending in COMPANIONS {
        match fs::remove_file(beside(draft, ending)) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(unwritable(draft, &error)),
            _ => {}
        }
    }
    Ok(())
}

fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(ending);
    PathBuf::from(name)
}

fn unwritable(path: &Path, error: &std::io::Error) -> Failure {
    Failure::wrong(format!("{} cannot be written: {error}", path.display()))
}
