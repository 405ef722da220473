//! PostgreSQL's own programs, of Debian's package postgresql-client. What they need to know goes by variables.

use std::fs::File;
use std::io::{ErrorKind, Read, Write};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use erpmax_store::backup::environment;

use crate::failure::Failure;

/// Dumps what a snapshot sees to `to`.
pub(super) fn dump(
    url: &str,
    snapshot: &str,
    notes: &Path,
    copy: impl FnOnce(&mut dyn Read) -> std::io::Result<()>,
) -> Result<(), Failure> {
    let mut command = program("pg_dump", url)?;
    command.args(["--format=custom", "--no-password", "--exclude-schema=erpmax_before_*", "--snapshot", snapshot]);
    let mut child = start(command.stdout(Stdio::piped()), "pg_dump", notes)?;
    let mut stdout =
        child.stdout.take().ok_or_else(|| Failure::unexpected(anyhow::anyhow!("pg_dump has no output")))?;
    let copied = copy(&mut stdout);
    if let Err(error) = copied {
        let _ = child.kill();
        let _ = child.wait();
        return Err(Failure::wrong(format!("the backup cannot be written: {error}")));
    }
    end(child, "pg_dump", notes)
}

/// Restores a dump, as one transaction.
pub(super) fn restore(
    url: &str,
    notes: &Path,
    feed: impl FnOnce(&mut dyn Write) -> Result<(), Failure>,
) -> Result<(), Failure> {
    let mut command = program("pg_restore", url)?;
    command.args(["--single-transaction", "--exit-on-error", "--no-owner", "--no-privileges", "--no-password"]);
    command.arg("--dbname").arg(database(url)?);
    run_pg_restore(command, notes, feed)
}

/// Reads a whole dump and restores it nowhere.
pub(super) fn read(notes: &Path, feed: impl FnOnce(&mut dyn Write) -> Result<(), Failure>) -> Result<(), Failure> {
    let mut command = Command::new("pg_restore");
    command.args(["--exit-on-error", "--file=/dev/null"]).stdout(Stdio::null());
    run_pg_restore(command, notes, feed)
}

fn run_pg_restore(
    mut command: Command,
    notes: &Path,
    feed: impl FnOnce(&mut dyn Write) -> Result<(), Failure>,
) -> Result<(), Failure> {
    let mut child = start(command.stdin(Stdio::piped()), "pg_restore", notes)?;
    let mut stdin =
        child.stdin.take().ok_or_else(|| Failure::unexpected(anyhow::anyhow!("pg_restore has no input")))?;
    let fed = feed(&mut stdin);
    drop(stdin);
    // When it stops reading, what it says is the cause.
    end(child, "pg_restore", notes).and(fed)
}

/// Refuses programs that are missing or older than the server.
pub(super) fn check_version(name: &str, server: u32) -> Result<(), Failure> {
    let output = Command::new(name).arg("--version").output().map_err(|error| missing(name, &error))?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let version = text.split_whitespace().find_map(|word| word.split(['.', 'b', 'r']).next()?.parse::<u32>().ok());
    match version {
        Some(version) if version >= server => Ok(()),
        Some(version) => Err(Failure::wrong(format!(
            "{name} is of PostgreSQL {version}, and the server of {server}; install Debian's package postgresql-client-{server}"
        ))),
        None => Err(Failure::wrong(format!("{name} does not tell its version: {}", text.trim()))),
    }
}

fn program(name: &str, url: &str) -> Result<Command, Failure> {
    let variables = environment(url).map_err(|error| Failure::wrong(error.to_string()))?;
    let mut command = Command::new(name);
    command.envs(variables).stdin(Stdio::null()).stdout(Stdio::null());
    Ok(command)
}

fn database(url: &str) -> Result<String, Failure> {
    let variables = environment(url).map_err(|error| Failure::wrong(error.to_string()))?;
    Ok(variables.into_iter().find(|(name, _)| *name == "PGDATABASE").map(|(_, value)| value).unwrap_or_default())
}

fn start(command: &mut Command, name: &str, notes: &Path) -> Result<Child, Failure> {
    let notes = File::create(notes).map_err(Failure::unexpected)?;
    command.stderr(notes).spawn().map_err(|error| missing(name, &error))
}

fn missing(name: &str, error: &std::io::Error) -> Failure {
    Failure::wrong(match error.kind() {
        ErrorKind::NotFound => format!("{name} is not installed; install Debian's package postgresql-client"),
        _ => format!("{name} cannot be started: {error}"),
    })
}

fn end(mut child: Child, name: &str, notes: &Path) -> Result<(), Failure> {
    let status = child.wait().map_err(Failure::unexpected)?;
    if status.success() {
        return Ok(());
    }
    let said = std::fs::read_to_string(notes).unwrap_or_default();
    let said = said.lines().map(str::trim).filter(|line| !line.is_empty()).collect::<Vec<_>>().join("; ");
    Err(Failure::wrong(format!("{name} failed: {said}")))
}
