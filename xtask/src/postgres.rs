//! A PostgreSQL of our own: a scratch folder, a free port, another user than root, and nothing left afterwards.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::TcpListener;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::{env, fs};

use anyhow::{Context as _, Result, bail};

use crate::command::{find, is_root, program};

/// Names a PostgreSQL whose user may create databases; then none is started.
const URL_VARIABLE: &str = "ERPMAX_TEST_POSTGRES_URL";
const GUARDIAN: &str = include_str!("guardian.sh");
const INSTALLATIONS: &str = "/usr/lib/postgresql";
const ATTEMPTS: u32 = 3;

/// The server that the tests use, for as long as this value lives.
pub(crate) struct Postgres {
    url: String,
    _guardian: Option<Guardian>,
}

impl Postgres {
    /// The server that the environment names, or a scratch one.
    pub(crate) fn start() -> Result<Self> {
        if let Some(url) = given_url() {
            return Ok(Self { url, _guardian: None });
        }
        let (guardian, port) = Guardian::start().context("Failed to start a scratch PostgreSQL")?;
        println!("PostgreSQL listens on port {port} of 127.0.0.1");
        let url = format!("postgres://postgres@127.0.0.1:{port}/postgres");
        Ok(Self { url, _guardian: Some(guardian) })
    }

    /// The address, as a user who may create databases.
    pub(crate) fn url(&self) -> &str {
        &self.url
    }
}

/// The server named by the environment.
pub(crate) fn given_url() -> Option<String> {
    env::var(URL_VARIABLE).ok().filter(|url| !url.is_empty())
}

/// The folder with `initdb` and `pg_ctl` of the newest PostgreSQL here.
pub(crate) fn installation() -> Option<PathBuf> {
    newest_in(Path::new(INSTALLATIONS)).or_else(|| Some(find("initdb")?.parent()?.to_owned()))
}

fn newest_in(installations: &Path) -> Option<PathBuf> {
    let versions = fs::read_dir(installations).ok()?.flatten().filter_map(|entry| {
        let version: u32 = entry.file_name().to_str()?.parse().ok()?;
        let folder = entry.path().join("bin");
        folder.join("initdb").is_file().then_some((version, folder))
    });
    versions.max_by_key(|(version, _)| *version).map(|(_, folder)| folder)
}

/// A shell that stops the server and removes its folder when the pipe to it closes, which it does however we end.
struct Guardian {
    process: Child,
    input: Option<ChildStdin>,
    output: BufReader<ChildStdout>,
}

impl Guardian {
    /// Starts the guardian and its server; returns the server's port as well.
    fn start() -> Result<(Self, u16)> {
        let folder = installation().context("No PostgreSQL is installed")?;
        let mut guardian = Self::spawn(&folder)?;
        if guardian.answer()? != "initialised" {
            bail!("`initdb` failed");
        }
        for _ in 0..ATTEMPTS {
            let port = free_port()?;
            guardian.tell(port)?;
            if guardian.answer()? == "ready" {
                return Ok((guardian, port));
            }
        }
        bail!("it did not start in {ATTEMPTS} attempts")
    }

    fn spawn(folder: &Path) -> Result<Self> {
        let mut process = shell()?
            .args(["-c", GUARDIAN, "guardian"])
            .arg(folder)
            .current_dir("/")
            // Ctrl-C ends us and the tests; the guardian has to see our end, and not to end with us.
            .process_group(0)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let input = process.stdin.take();
        let output = process.stdout.take().context("The guardian has no output")?;
        Ok(Self { process, input, output: BufReader::new(output) })
    }

    fn tell(&mut self, port: u16) -> Result<()> {
        let input = self.input.as_mut().context("The guardian has no input")?;
        writeln!(input, "{port}").context("The guardian ended")
    }

    fn answer(&mut self) -> Result<String> {
        let mut line = String::new();
        self.output.read_line(&mut line)?;
        Ok(line.trim().to_owned())
    }
}

impl Drop for Guardian {
    fn drop(&mut self) {
        drop(self.input.take());
        if let Err(error) = self.process.wait() {
            eprintln!("The scratch PostgreSQL may still run: {error}");
        }
    }
}

/// A shell as the user that PostgreSQL may run as: it refuses root.
fn shell() -> Result<Command> {
    if !is_root()? {
        return Ok(Command::new("sh"));
    }
    let user = ["postgres", "nobody"].into_iter().find(|name| group_of(name).is_some());
    let user = user.context("PostgreSQL needs the user `postgres` or `nobody`")?;
    let group = group_of(user).context("The user has no group")?;
    let mut command = Command::new("setpriv");
    command.arg(format!("--reuid={user}")).arg(format!("--regid={group}")).args(["--init-groups", "sh"]);
    Ok(command)
}

fn group_of(user: &str) -> Option<String> {
    let output = program("id", &["-g", user]).output().ok().filter(|output| output.status.success())?;
    Some(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

fn free_port() -> Result<u16> {
    let listener = TcpListener::bind(("127.0.0.1", 0)).context("Failed to find a free port")?;
    Ok(listener.local_addr()?.port())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_free_ports_are_never_zero() {
        assert!(free_port().is_ok_and(|port| port > 0));
    }

    #[test]
    fn a_folder_without_versions_has_no_installation() {
        assert_eq!(newest_in(Path::new(env!("CARGO_MANIFEST_DIR"))), None);
    }
}
