//! `erpmax backup` and what `serve` does of it by itself: one file with everything that the control plane knows.
//!
//! Sites are not in it: their drivers back them up.

mod archive;
mod create;
pub(crate) mod daily;
mod folder;
mod manifest;
mod passphrase;
mod programs;
pub(crate) mod restore;
mod verify;

use std::path::PathBuf;

use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

use crate::args::{BackupArgs, BackupCommand};
use crate::configuration::Configuration;
use crate::data::DataFolder;
use crate::failure::Failure;
use crate::printer::Printer;
use crate::signals::Signals;

pub(crate) use create::{Destination, Made, Order, create};
pub(crate) use folder::{Backup, list};
pub(crate) use manifest::Reason;

/// Makes a backup, or looks at those there are.
pub(crate) fn run(args: &BackupArgs, printer: &Printer) -> Result<(), Failure> {
    let configuration = args.place.load()?;
    match &args.command {
        None => make(args, &configuration, printer),
        Some(BackupCommand::List) => {
            let folder = DataFolder::look(&configuration)?;
            show(&list(&folder_of(&configuration, &folder))?, printer);
            Ok(())
        }
        Some(BackupCommand::Verify { file }) => {
            let passphrase = passphrase::for_reading(&configuration, args.passphrase, file)?;
            verify::run(file, passphrase.as_deref(), printer)
        }
    }
}

/// The folder of backups: the configured one, or one in the data folder.
pub(crate) fn folder_of(configuration: &Configuration, folder: &DataFolder) -> PathBuf {
    match configuration.backup.folder.as_str() {
        "" => folder.path().join("backups"),
        given => PathBuf::from(given),
    }
}

fn make(args: &BackupArgs, configuration: &Configuration, printer: &Printer) -> Result<(), Failure> {
    let folder = DataFolder::look(configuration)?;
    let passphrase = passphrase::for_writing(configuration, args.passphrase)?;
    let to = match &args.to {
        None => Destination::Folder(folder_of(configuration, &folder)),
        Some(path) if path.is_dir() || path.as_os_str().as_encoded_bytes().ends_with(b"/") => {
            Destination::Folder(path.clone())
        }
        Some(path) => Destination::File(path.clone()),
    };
    let made = crate::runtime()?.block_on(async {
        let stop = CancellationToken::new();
        tokio::spawn(stop_when_told(Signals::listen()?, stop.clone()));
        let (url, key_file) = (folder.database_url(configuration), folder.master_key_path(configuration));
        create(Order { url, key_file, to, reason: Reason::Asked, passphrase, stop }).await
    })?;
    printer.result(&as_json(&made), &as_text(&made));
    Ok(())
}

/// A backup that is interrupted leaves nothing behind.
async fn stop_when_told(mut signals: Signals, stop: CancellationToken) {
    signals.wait().await;
    stop.cancel();
}

fn as_json(made: &Made) -> Value {
    json!({"file": made.file, "bytes": made.bytes, "sealed": made.manifest.sealed.is_some(),
        "master_key_included": made.manifest.has_keyring, "manifest": made.manifest})
}

fn as_text(made: &Made) -> String {
    let rows: u64 = made.manifest.tables.values().sum();
    let note = if made.manifest.has_keyring {
        "It is sealed by the passphrase and carries the master key: nothing else is needed to restore it.".to_owned()
    } else {
        format!(
            "Without a passphrase it is NOT SEALED, and the master key is NOT in it: keep a copy of {} elsewhere. Without it a \
             restored installation cannot open its secrets.",
            made.key_file.display()
        )
    };
    let (file, bytes, tables) = (made.file.display(), made.bytes, made.manifest.tables.len());
    format!("Wrote and verified {file} ({bytes} bytes, {rows} rows of {tables} tables).\n{note}")
}

fn show(backups: &[Backup], printer: &Printer) {
    let document: Vec<Value> = backups
        .iter()
        .map(|backup| json!({"file": backup.path, "bytes": backup.bytes, "manifest": backup.manifest, "problem": backup.problem}))
        .collect();
    let lines: Vec<String> = backups.iter().map(line).collect();
    let text = if lines.is_empty() { "There is no backup.".to_owned() } else { lines.join("\n") };
    printer.result(&json!({"backups": document}), &text);
}

fn line(backup: &Backup) -> String {
    let name = backup.name();
    match (&backup.manifest, &backup.problem) {
        (Some(manifest), _) => {
            let seal = if manifest.sealed.is_some() { "sealed" } else { "not sealed" };
            format!("{name}  {:>12}  {}  {}  {seal}", backup.bytes, manifest.created_at, manifest.reason.word())
        }
        (None, problem) => format!("{name}  {:>12}  {}", backup.bytes, problem.as_deref().unwrap_or("cannot be read")),
    }
}
