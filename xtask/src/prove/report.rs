//! The written outcome of a proof.

use std::fmt::Write as _;
use std::fs;
use std::thread::available_parallelism;
use std::time::Duration;

use anyhow::{Context as _, Result};

use super::capture::Captured;
use crate::command::{program, read_text, root};
use crate::database::Database;

const FOLDER: &str = "docs/proof";

/// A proof, where and when it was made.
pub(crate) struct Report {
    name: &'static str,
    commit: String,
    date: String,
    machine: String,
    /// The runs on each database.
    pub(crate) runs: Vec<Run>,
}

/// One run of a proof.
pub(crate) struct Run {
    pub(crate) database: Database,
    pub(crate) command: String,
    pub(crate) duration: Duration,
    pub(crate) captured: Captured,
}

impl Report {
    /// Notes what may be another thing when the proof ends: commit and date.
    pub(crate) fn begin(name: &'static str) -> Result<Self> {
        let date = read_text(&mut program("date", &["-u", "+%F"]))?;
        Ok(Self { name, commit: commit()?, date, machine: machine(), runs: Vec::new() })
    }

    /// Whether every run passed.
    pub(crate) fn passed(&self) -> bool {
        self.runs.iter().all(|run| run.captured.passed())
    }

    /// Writes the report and returns where it is.
    pub(crate) fn write(&self) -> Result<String> {
        let path = format!("{FOLDER}/{}-{}.md", self.name, self.date);
        fs::create_dir_all(root().join(FOLDER)).with_context(|| format!("Failed to make {FOLDER}"))?;
        fs::write(root().join(&path), self.markdown()).with_context(|| format!("Failed to write {path}"))?;
        Ok(path)
    }

    fn markdown(&self) -> String {
        let outcome = if self.passed() { "passed" } else { "failed" };
        let mut text = format!(
            "# Proof `{}`: {outcome}\n\n* Commit: {}\n* Date: {}\n* Machine: {}\n",
            self.name, self.commit, self.date, self.machine
        );
        for run in &self.runs {
            run.markdown(&mut text);
        }
        text
    }
}

impl Run {
    fn markdown(&self, text: &mut String) {
        let outcome = if self.captured.passed() { "passed" } else { "failed" };
        let seconds = self.duration.as_secs();
        // Writing to a string cannot fail.
        let _ = write!(
            text,
            "\n## {}\n\n```sh\n{}\n```\n\n{outcome} ({}) after {} min {} s\n\n",
            self.database,
            self.command,
            self.captured.ending,
            seconds / 60,
            seconds % 60
        );
        for line in self.captured.proofs.iter().chain(&self.captured.results) {
            let _ = writeln!(text, "* {line}");
        }
    }
}

fn commit() -> Result<String> {
    let hash = read_text(&mut program("git", &["rev-parse", "HEAD"]))?;
    let changes = read_text(&mut program("git", &["status", "--porcelain", "--", ".", ":!docs/proof"]))?;
    Ok(if changes.is_empty() { hash } else { format!("{hash}, with changes not committed") })
}

fn machine() -> String {
    let cores = available_parallelism().map_or(1, usize::from);
    let memory = memory_in_gibibytes().map_or_else(|| "unknown".to_owned(), |size| format!("{size} GiB"));
    format!("{cores} cores, {memory} of memory")
}

fn memory_in_gibibytes() -> Option<u64> {
    let text = fs::read_to_string("/proc/meminfo").ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix("MemTotal:"))?;
    let kibibytes: u64 = line.split_whitespace().next()?.parse().ok()?;
    Some((kibibytes + (1 << 19)) >> 20)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_says_what_was_run_and_what_came_out() {
        let captured = Captured {
            ending: "exit status: 0".to_owned(),
            succeeded: true,
            proofs: vec!["400 kills".to_owned()],
            results: Vec::new(),
        };
        let run = Run {
            database: Database::Sqlite,
            command: "cargo test".to_owned(),
            duration: Duration::from_secs(61),
            captured,
        };
        let mut text = String::new();
        run.markdown(&mut text);
        assert_eq!(
            text,
            "\n## SQLite\n\n```sh\ncargo test\n```\n\npassed (exit status: 0) after 1 min 1 s\n\n* 400 kills\n"
        );
    }
}
