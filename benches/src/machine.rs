//! Where and of what a measurement was made.

use std::fs;
use std::process::Command;

use anyhow::Result;
use rustix::process::{Resource, getrlimit, setrlimit};

use crate::server::GIVEN;

/// Thousands of sockets are as many open files, here and in the servers that are started.
pub(crate) fn allow_many_files() -> Result<()> {
    let mut limit = getrlimit(Resource::Nofile);
    limit.current = limit.maximum;
    Ok(setrlimit(Resource::Nofile, limit)?)
}

/// How many processors there are.
pub(crate) fn processors() -> usize {
    std::thread::available_parallelism().map_or(1, std::num::NonZero::get)
}

/// One line on date, commit and machine.
pub(crate) fn describe() -> String {
    let load = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    let load = load.split(' ').next().unwrap_or_default();
    format!(
        "{}, {}, {} processors ({}), Linux {}, load before {load}",
        answer("date", &["-u", "+%Y-%m-%d %H:%M UTC"]),
        program(),
        processors(),
        processor_name(),
        answer("uname", &["-r"]),
    )
}

/// The commit that is measured; of a program that was given nobody knows it.
fn program() -> String {
    if std::env::var_os(GIVEN).is_some() {
        return "a program that was given".to_owned();
    }
    let folder = env!("CARGO_MANIFEST_DIR");
    format!("commit {}", answer("git", &["-C", folder, "describe", "--always", "--dirty", "--exclude", "*"]))
}

fn processor_name() -> String {
    let text = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let line = text.lines().find(|line| line.starts_with("model name"));
    line.and_then(|line| line.split_once(": ")).map_or("unknown", |(_, name)| name).to_owned()
}

fn answer(program: &str, arguments: &[&str]) -> String {
    let output = Command::new(program).args(arguments).output();
    output.map_or_else(|_| "unknown".to_owned(), |output| String::from_utf8_lossy(&output.stdout).trim().to_owned())
}
