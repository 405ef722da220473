//! The one place that writes to the terminal.

use std::io::Write;

use serde_json::{Value, json};

use crate::failure::Failure;

/// Writes results to standard output and failures to standard error.
pub(crate) struct Printer {
    json: bool,
    quiet: bool,
}

impl Printer {
    pub(crate) const fn new(json: bool, quiet: bool) -> Self {
        Self { json, quiet }
    }

    /// Whether a program reads along.
    pub(crate) const fn is_json(&self) -> bool {
        self.json
    }

    /// Whether only what was asked for is to be said.
    pub(crate) const fn is_quiet(&self) -> bool {
        self.quiet
    }

    /// A sentence about what was done.
    pub(crate) fn note(&self, sentence: &str) {
        self.done(&json!({"message": sentence}), sentence);
    }

    /// What was done, where being done is what counts: a document for programs, a text for people who want to hear it.
    pub(crate) fn done(&self, document: &Value, text: &str) {
        if self.json || !self.quiet {
            self.result(document, text);
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

    /// What helps a person and is no result.
    pub(crate) fn aside(&self, sentence: &str) {
        if !self.json && !self.quiet {
            let _ = writeln!(std::io::stderr().lock(), "{sentence}");
        }
    }

    /// Why a command failed.
    pub(crate) fn failure(&self, failure: &Failure) {
        let text = match failure {
            failure if self.json => failure.document().to_string(),
            Failure::Interrupted(sentence) => sentence.clone(),
            failure => format!("error: {failure}"),
        };
        let _ = writeln!(std::io::stderr().lock(), "{text}");
    }
}
