//! A program under measurement: started, asked what it uses, and ended whatever happens.

use std::fs::{self, File};
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use rustix::process::{Pid, Signal, kill_process};

/// How long a program may take to end when it is asked to.
const PATIENCE: Duration = Duration::from_secs(40);

/// A running program; dropping it kills it.
pub(crate) struct Process {
    child: Child,
    output: BufReader<ChildStdout>,
}

impl Process {
    /// Starts a program whose errors go to `log`.
    pub(crate) fn start(command: &mut Command, log: &Path) -> Result<Self> {
        let log = File::options().create(true).append(true).open(log)?;
        let mut child = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(log)
            .spawn()
            .with_context(|| format!("Failed to start {}", command.get_program().display()))?;
        let output = child.stdout.take().context("the program has no output")?;
        Ok(Self { child, output: BufReader::new(output) })
    }

    /// What follows `prefix` in the first line of the output that begins with it.
    pub(crate) fn read_after(&mut self, prefix: &str) -> Result<String> {
        let mut line = String::new();
        while self.output.read_line(&mut line)? > 0 {
            if let Some(rest) = line.strip_prefix(prefix) {
                return Ok(rest.trim().to_owned());
            }
            line.clear();
        }
        bail!("the program ended without saying `{prefix}`")
    }

    /// The processor time that it used so far.
    pub(crate) fn processor_time(&self) -> Result<Duration> {
        processor_time(self.child.id())
    }

    /// The resident memory in bytes.
    pub(crate) fn memory(&self) -> Result<f64> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id()))?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).context("the program is gone")?;
        let kibibytes: f64 = line.trim().trim_end_matches(" kB").parse()?;
        Ok(kibibytes * 1024.0)
    }

    /// Asks the program to end, and waits until it did.
    pub(crate) async fn stop(mut self) -> Result<()> {
        let pid = Pid::from_raw(i32::try_from(self.child.id())?).context("a process has a number")?;
        kill_process(pid, Signal::TERM)?;
        let begun = Instant::now();
        while self.child.try_wait()?.is_none() {
            if begun.elapsed() > PATIENCE {
                bail!("the program does not end");
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        Ok(())
    }
}

/// The processor time that a process used so far, all its threads together.
pub(crate) fn processor_time(process: u32) -> Result<Duration> {
    processor_times(process, 2)
}

/// The same with all its children that have ended.
pub(crate) fn processor_time_with_children(process: u32) -> Result<Duration> {
    processor_times(process, 4)
}

/// The first of the fields utime, stime, cutime and cstime together.
fn processor_times(process: u32, fields: usize) -> Result<Duration> {
    let stat = fs::read_to_string(format!("/proc/{process}/stat"))?;
    let (_, rest) = stat.rsplit_once(')').context("unknown form of /proc/PID/stat")?;
    let ticks = rest.split_whitespace().skip(11).take(fields).map(str::parse::<u64>).sum::<Result<u64, _>>()?;
    ticks_to_time(ticks)
}

/// The kernel's unit of processor time.
pub(crate) fn ticks_to_time(ticks: u64) -> Result<Duration> {
    Ok(Duration::from_secs(ticks) / u32::try_from(rustix::param::clock_ticks_per_second())?)
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
