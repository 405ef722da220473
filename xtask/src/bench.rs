//! `cargo xtask bench`: the measurements, which are a package of their own.

use anyhow::Result;
use clap::Args;

use crate::command::{cargo, run as run_command};

/// What is passed on to the measurements.
#[derive(Args)]
pub(crate) struct Options {
    /// Which measurements to make (all without a name), and their options.
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    arguments: Vec<String>,
}

/// Makes the measurements.
pub(crate) fn run(options: &Options) -> Result<()> {
    let mut command = cargo(&["run", "--release", "--package", "erpmax-benches", "--", "bench"]);
    run_command(command.args(&options.arguments))
}
