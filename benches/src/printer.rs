//! The one place that writes to the terminal.

use std::io::Write;

/// Results, to standard output.
pub(crate) fn print(text: &str) {
    // A reader that went away is no failure.
    let _ = writeln!(std::io::stdout().lock(), "{text}");
}

/// What is being done, to standard error.
pub(crate) fn note(text: &str) {
    let _ = writeln!(std::io::stderr().lock(), "{text}");
}
