//! Where the passphrase of backups comes from: never from an argument, which other users of the machine can read.

use std::path::Path;

use super::archive;
use crate::args::PassphraseArgs;
use crate::configuration::Configuration;
use crate::failure::Failure;
use crate::terminal::{ask, ask_twice, first_line, is_at_terminal};

const QUESTION: &str = "Passphrase that seals the backup (empty: do not seal it): ";
const VARIABLE: &str = "ERPMAX_BACKUP_PASSPHRASE";
const FILE_VARIABLE: &str = "ERPMAX_BACKUP_PASSPHRASE_FILE";
/// A shorter one would be guessed, however slowly.
const SHORTEST: usize = 12;

/// The passphrase that seals a new backup; asked for where somebody is there to answer.
pub(super) fn for_writing(configuration: &Configuration, args: PassphraseArgs) -> Result<Option<String>, Failure> {
    let given = match given(configuration, args)? {
        Some(given) => Some(given),
        None if is_at_terminal() => ask_twice(QUESTION, "passphrases")?,
        None => None,
    };
    given.map(check_length).transpose()
}

/// The passphrase that opens the backup `file`, if it is sealed.
pub(super) fn for_reading(
    configuration: &Configuration,
    args: PassphraseArgs,
    file: &Path,
) -> Result<Option<String>, Failure> {
    if archive::manifest(file)?.sealed.is_none() {
        return Ok(None);
    }
    match given(configuration, args)? {
        None if is_at_terminal() => ask("Passphrase of the backup: "),
        given => Ok(given),
    }
}

/// What variables and configuration say, for `serve`.
pub(crate) fn from_surroundings(configuration: &Configuration) -> Result<Option<String>, Failure> {
    if let Some(value) = variable(VARIABLE)? {
        return check_length(value).map(Some);
    }
    let file = match variable(FILE_VARIABLE)? {
        Some(file) => file,
        None if configuration.backup.passphrase_file.is_empty() => return Ok(None),
        None => configuration.backup.passphrase_file.clone(),
    };
    let text = std::fs::read_to_string(&file).map_err(|error| {
        Failure::wrong(format!("the file of the backups' passphrase {file} cannot be read: {error}"))
    })?;
    check_length(text.lines().next().unwrap_or_default().to_owned()).map(Some)
}

fn given(configuration: &Configuration, args: PassphraseArgs) -> Result<Option<String>, Failure> {
    if !args.passphrase_stdin {
        return from_surroundings(configuration);
    }
    match first_line()? {
        None => Err(Failure::wrong("standard input holds no passphrase")),
        given => Ok(given),
    }
}

fn variable(name: &str) -> Result<Option<String>, Failure> {
    match std::env::var(name) {
        Ok(value) => Ok(Some(value).filter(|value| !value.is_empty())),
        Err(std::env::VarError::NotPresent) => Ok(None),
        Err(std::env::VarError::NotUnicode(_)) => Err(Failure::wrong(format!("{name} is not UTF-8"))),
    }
}

fn check_length(passphrase: String) -> Result<String, Failure> {
    if passphrase.chars().count() < SHORTEST {
        return Err(Failure::wrong(format!("the passphrase of backups needs at least {SHORTEST} characters")));
    }
    Ok(passphrase)
}
