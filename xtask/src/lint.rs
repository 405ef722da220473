//! `cargo xtask lint`: what can be judged without running a test.

use anyhow::Result;

use crate::command::{cargo, run as run_command};
use crate::openapi;
use crate::security;
use crate::steps::Steps;

/// Runs every check, also after one that failed.
pub(crate) fn run() -> Result<()> {
    let mut steps = Steps::default();
    steps.attempt("format", || run_command(&mut cargo(&["fmt", "--all", "--check"])));
    steps.attempt("clippy", || {
        run_command(&mut cargo(&["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"]))
    });
    steps.attempt("openapi", openapi::check);
    steps.attempt("security", security::check);
    steps.finish()
}
