//! The one place that writes to the terminal.

use std::io::Write;

use serde_json::{Value, json};

use crate::failure::Failure;

/// Writes results to standard output and failures to standard error.
pub(crate) struct Printer {
    json: bool,
}

impl Printer {
    pub(crate) const fn new(json: bool) -> Self {
        Self { json }
    }

    /// A sentence about what was done.
    pub(crate) fn note(&self, sentence: &str) {
        if self.json {
            self.text(&json!({"message": sentence}).to_string());
        } else {
            self.text(sentence);
        }
    }

    /// What a command found out or did: a document for programs, a text for people.
    pub(crate) fn result(&self, document: &Value, text: &str) {
        if self.json {
            self.text(&document.to_string());
        } else {
            self.text(text);
        }
    }

    /// Text as it is.
    #[expect(clippy::unused_self, reason = "whoever prints has a printer")]
    pub(crate) fn text(&self, text: &str) {
        // A reader that went away, as in `erpmax … | head`, is no failure.
        let _ = writeln!(std::io::stdout().lock(), "{}", text.trim_end());
    }

    /// Why a command failed.
    pub(crate) fn failure(&self, failure: &Failure) {
        let text =
            if self.json { json!({"error": failure.to_string()}).to_string() } else { format!("error: {failure}") };
        let _ = writeln!(std::io::stderr().lock(), "{text}");
    }
}
