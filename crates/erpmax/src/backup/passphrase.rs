//! Where the passphrase of backups comes from: never from an argument, which other users of the machine can read.

use std::io::{BufRead as _, IsTerminal as _, Write as _};
use std::path::Path;

use rustix::termios::{LocalModes, OptionalActions, tcgetattr, tcsetattr};

use super::archive;
use crate::args::PassphraseArgs;
use crate::configuration::Configuration;
use crate::failure::Failure;

const VARIABLE: &str = "ERPMAX_BACKUP_PASSPHRASE";
const FILE_VARIABLE: &str = "ERPMAX_BACKUP_PASSPHRASE_FILE";
/// A shorter one would be guessed, however slowly.
const SHORTEST: usize = 12;

/// The passphrase that seals a new backup; asked for where somebody is there to answer.
pub(super) fn for_writing(configuration: &Configuration, args: PassphraseArgs) -> Result<Option<String>, Failure> {
    let given = match given(configuration, args)? {
        Some(given) => Some(given),
        None if is_at_terminal() => ask_twice()?,
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
    let mut line = String::new();
    std::io::stdin().lock().read_line(&mut line).map_err(Failure::unexpected)?;
    match line.trim_end_matches(['\r', '\n']) {
        "" => Err(Failure::wrong("standard input holds no passphrase")),
        passphrase => Ok(Some(passphrase.to_owned())),
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

fn is_at_terminal() -> bool {
    std::io::stdin().is_terminal() && std::io::stderr().is_terminal()
}

fn ask_twice() -> Result<Option<String>, Failure> {
    let Some(first) = ask("Passphrase that seals the backup (empty: do not seal it): ")? else { return Ok(None) };
    if ask("Once more: ")?.as_ref() == Some(&first) {
        Ok(Some(first))
    } else {
        Err(Failure::wrong("the two passphrases differ"))
    }
}

/// Asks at the terminal, which shows nothing of the answer.
fn ask(question: &str) -> Result<Option<String>, Failure> {
    let (stdin, mut stderr, mut line) = (std::io::stdin(), std::io::stderr(), String::new());
    stderr.write_all(question.as_bytes()).map_err(Failure::unexpected)?;
    let shown = tcgetattr(&stdin).map_err(Failure::unexpected)?;
    let mut hidden = shown.clone();
    hidden.local_modes.remove(LocalModes::ECHO);
    tcsetattr(&stdin, OptionalActions::Flush, &hidden).map_err(Failure::unexpected)?;
    let read = stdin.lock().read_line(&mut line);
    tcsetattr(&stdin, OptionalActions::Flush, &shown).map_err(Failure::unexpected)?;
    stderr.write_all(b"\n").and(read).map_err(Failure::unexpected)?;
    Ok(Some(line.trim_end_matches(['\r', '\n']).to_owned()).filter(|line| !line.is_empty()))
}
