//! The project's own commands: `cargo xtask test`, `lint`, `prove`, `package`, `bench`, `pictures` and `openapi`.

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a command line tool speaks to its caller")]

mod bench;
mod command;
mod database;
mod lint;
mod openapi;
mod package;
mod packages;
mod pictures;
mod play;
mod postgres;
mod prove;
mod security;
mod steps;
mod test;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// The developer's commands of `ERPMax`.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct Arguments {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Installs what the tests need and runs all of them, on both databases.
    Test(test::Options),
    /// Checks formatting, lints, the written OpenAPI document and the tests that docs/security.md names.
    Lint,
    /// Runs one proof in full and writes its outcome to docs/proof/.
    Prove(prove::Options),
    /// Plays docs/production.md on a bare Debian; `prove production` keeps the outcome.
    #[command(hide = true)]
    Play,
    /// Measures, and prints what docs/PERFORMANCE.md holds.
    Bench(bench::Options),
    /// Makes the Debian package, in target/debian.
    Package,
    /// Takes pictures of every mail, in target/letters, for somebody to look at.
    Pictures,
    /// Writes docs/openapi.json from the program's own types.
    Openapi(openapi::Options),
}

fn main() -> ExitCode {
    let outcome = match Arguments::parse().task {
        Task::Test(options) => test::run(&options),
        Task::Lint => lint::run(),
        Task::Prove(options) => prove::run(&options),
        Task::Bench(options) => bench::run(&options),
        Task::Play => play::run(),
        Task::Package => package::run(),
        Task::Pictures => pictures::run(),
        Task::Openapi(options) => openapi::run(&options),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}
