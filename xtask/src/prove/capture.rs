//! Runs a command, shows what it prints and keeps the lines that prove something.

use std::io::{BufRead as _, BufReader, Read};
use std::process::{Command, Stdio};
use std::thread;

use anyhow::{Context as _, Result};

const MARK: &str = "proof: ";
const TEST_RESULT: &str = "test result: ";

/// What is kept of a command.
#[derive(Default)]
pub(crate) struct Captured {
    /// How it ended, as a word or two.
    pub(crate) ending: String,
    /// Whether it ended well.
    pub(crate) succeeded: bool,
    /// What followed `proof: ` on its lines.
    pub(crate) proofs: Vec<String>,
    /// The test runner's closing lines of programs that had a test to run.
    pub(crate) results: Vec<String>,
}

impl Captured {
    /// Whether the command ended well and showed something: a filter that finds no test proves nothing.
    pub(crate) fn passed(&self) -> bool {
        self.succeeded && !(self.proofs.is_empty() && self.results.is_empty())
    }

    fn take(&mut self, line: &str) {
        if let Some(proof) = proof(line) {
            self.proofs.push(proof.to_owned());
        }
        if let Some(result) = line.strip_prefix(TEST_RESULT).filter(|result| !result.contains(" 0 passed; 0 failed;")) {
            self.results.push(result.to_owned());
        }
    }
}

/// The text after the mark, which begins the line or follows the name that the test runner had begun to print.
fn proof(line: &str) -> Option<&str> {
    let (before, proof) = line.split_once(MARK)?;
    let begins = before.is_empty() || before.starts_with("test ") && before.ends_with("... ");
    begins.then_some(proof)
}

/// Runs the command to its end.
pub(crate) fn capture(command: &mut Command) -> Result<Captured> {
    let mut process = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().context("Failed to start")?;
    let output = process.stdout.take().context("The command has no output")?;
    let errors = process.stderr.take().context("The command has no error output")?;
    let errors = thread::spawn(move || {
        let mut captured = Captured::default();
        read(errors, &mut captured, |line| eprintln!("{line}"));
        captured
    });
    let mut captured = Captured::default();
    read(output, &mut captured, |line| println!("{line}"));
    if let Ok(from_errors) = errors.join() {
        captured.proofs.extend(from_errors.proofs);
    }
    let status = process.wait()?;
    Ok(Captured { ending: status.to_string(), succeeded: status.success(), ..captured })
}

fn read(stream: impl Read, captured: &mut Captured, show: impl Fn(&str)) {
    for line in BufReader::new(stream).split(b'\n').map_while(Result::ok) {
        let line = String::from_utf8_lossy(&line);
        captured.take(&line);
        show(&line);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_proof_begins_a_line_or_follows_the_name_of_a_test() {
        assert_eq!(proof("proof: 400 kills"), Some("400 kills"));
        assert_eq!(proof("test kills ... proof: 400 kills"), Some("400 kills"));
        assert_eq!(proof("there is no proof: none"), None);
    }

    #[test]
    fn a_run_without_any_test_has_not_passed() {
        let mut captured = Captured { succeeded: true, ..Captured::default() };
        captured.take("test result: ok. 0 passed; 0 failed; 0 ignored");
        assert!(!captured.passed());
        captured.take("test result: ok. 1 passed; 0 failed; 0 ignored");
        assert!(captured.passed());
    }

    #[test]
    fn output_and_exit_code_of_a_command_are_kept() {
        let script = "echo proof: one; echo proof: two >&2; exit 3";
        let captured = capture(Command::new("sh").args(["-c", script])).expect("a shell");
        assert_eq!(captured.proofs, ["one", "two"]);
        assert!(!captured.passed());
        assert_eq!(captured.ending, "exit status: 3");
    }
}
