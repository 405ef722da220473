//! A bare Debian 12 in a folder, booted as a container with its own systemd. It shares the network of this machine.

use std::fs;
use std::io::{BufRead, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};

use crate::command::{program, read_text, run as run_command};

const SUITE: &str = "bookworm";
/// What a bare machine of a hosting company has beside the smallest Debian.
const INCLUDED: &str = "systemd-sysv,dbus,ca-certificates,procps";
const PATIENCE: Duration = Duration::from_secs(90);
const DAY: Duration = Duration::from_secs(24 * 3_600);
/// Written by the shell after each script.
const DONE: &str = "the script is done: ";

/// A machine. Dropping it switches it off.
pub(super) struct Machine {
    folder: PathBuf,
    log: PathBuf,
    running: Option<Running>,
}

struct Running {
    container: Child,
    shell: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
}

impl Machine {
    /// Builds one from where this machine's own packages come from.
    pub(super) fn build(folder: &Path) -> Result<Self> {
        let (archive, tree) = (folder.join("debian.tar"), folder.join("root"));
        if !is_of_today(&archive) {
            let mut build = program("mmdebstrap", &["--quiet", "--variant=minbase"]);
            build.arg(format!("--include={INCLUDED}")).arg(SUITE).arg(&archive);
            run_command(build.args(own_sources()?))?;
        }
        if tree.exists() {
            fs::remove_dir_all(&tree).context("Failed to remove the machine of before")?;
        }
        fs::create_dir_all(&tree)?;
        run_command(program("tar", &["--extract", "--file"]).arg(&archive).arg("--directory").arg(&tree))?;
        Ok(Self { folder: tree, log: folder.join("boot.log"), running: None })
    }

    /// Where its files are.
    pub(super) fn folder(&self) -> &Path {
        &self.folder
    }

    /// Switches it on, and opens a shell once it is up.
    pub(super) fn boot(&mut self) -> Result<()> {
        let log = fs::File::create(&self.log)?;
        let mut nspawn =
            program("systemd-nspawn", &["--quiet", "--boot", "--register=no", "--keep-unit", "--console=pipe"]);
        nspawn.arg("--machine=erpmax-proof").arg("--directory").arg(&self.folder);
        // As Debian 12 does by itself, whatever this machine has.
        nspawn.env("SYSTEMD_NSPAWN_UNIFIED_HIERARCHY", "1").stdout(log.try_clone()?).stderr(log);
        let container = nspawn.spawn().context("Failed to start systemd-nspawn")?;
        let leader = wait_until_up(container.id())?;
        let mut shell = inside(leader, &["bash", "--login"]);
        let mut shell =
            shell.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().context("Failed to start a shell")?;
        let mut input = shell.stdin.take().context("The shell reads")?;
        let output = BufReader::new(shell.stdout.take().context("The shell writes")?);
        writeln!(input, "exec 2>&1; set -e; export DEBIAN_FRONTEND=noninteractive")?;
        self.running = Some(Running { container, shell, input, output });
        Ok(())
    }

    /// Runs a script in the shell, as if it was typed; what it printed. The first command that fails is an error.
    pub(super) fn run(&mut self, script: &str) -> Result<Vec<String>> {
        let file = self.folder.join("root/script.sh");
        fs::write(&file, script)?;
        let running = self.running.as_mut().context("The machine is off")?;
        writeln!(running.input, ". /root/script.sh < /dev/null; echo \"\n{DONE}$?\"")?;
        let mut lines = Vec::new();
        while let Some(line) = read_line(&mut running.output)? {
            match line.strip_prefix(DONE) {
                Some("0") => return Ok(lines),
                Some(code) => bail!("a command ended with {code}"),
                None => println!("| {line}"),
            }
            lines.push(line);
        }
        bail!("a command failed:\n{script}")
    }

    /// Switches it off in order.
    pub(super) fn halt(&mut self) -> Result<()> {
        let Some(mut running) = self.running.take() else { return Ok(()) };
        drop(running.input);
        running.shell.wait()?;
        run_command(&mut program("kill", &[&running.container.id().to_string()]))?;
        running.container.wait().map(drop).context("The machine does not end")
    }
}

impl Drop for Machine {
    fn drop(&mut self) {
        if let Err(error) = self.halt() {
            eprintln!("The machine cannot be switched off: {error:#}");
        }
    }
}

fn is_of_today(file: &Path) -> bool {
    let age = fs::metadata(file).ok().and_then(|it| it.modified().ok()?.elapsed().ok());
    age.is_some_and(|age| age < DAY)
}

fn read_line(output: &mut impl BufRead) -> Result<Option<String>> {
    let mut line = Vec::new();
    let length = output.read_until(b'\n', &mut line)?;
    Ok((length > 0).then(|| String::from_utf8_lossy(&line).trim_end().to_owned()))
}

/// Debian's own sources in the configuration of apt, a line each.
fn own_sources() -> Result<Vec<String>> {
    let format = "deb $(REPO_URI) $(RELEASE) $(COMPONENT)";
    let targets = ["indextargets", "--format", format, "Created-By: Packages", "Origin: Debian"];
    let lines = read_text(&mut program("apt-get", &targets))?;
    Ok(lines.lines().filter(|line| line.contains(SUITE)).map(ToOwned::to_owned).collect())
}

/// Asks twice a second whether everything is started, for as long as `PATIENCE`; the number of the container's first process.
fn wait_until_up(container: u32) -> Result<u32> {
    let deadline = Instant::now() + PATIENCE;
    while Instant::now() < deadline {
        thread::sleep(Duration::from_millis(500));
        let Some(leader) = leader(container) else { continue };
        let state = inside(leader, &["systemctl", "is-system-running"]).output()?;
        let state = String::from_utf8_lossy(&state.stdout).trim().to_owned();
        if state == "running" || state == "degraded" {
            return Ok(leader);
        }
    }
    bail!("The machine does not start; target/bare/boot.log says why")
}

fn leader(container: u32) -> Option<u32> {
    let children = fs::read_to_string(format!("/proc/{container}/task/{container}/children")).ok()?;
    children.split_whitespace().next()?.parse().ok()
}

/// A command inside, without the variables of this process.
fn inside(leader: u32, command: &[&str]) -> Command {
    let mut nsenter = program("nsenter", &["--all", "--target", &leader.to_string()]);
    nsenter.args([
        "env",
        "--ignore-environment",
        "HOME=/root",
        "TERM=dumb",
        "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
    ]);
    nsenter.args(command);
    nsenter
}
