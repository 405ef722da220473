//! `cargo xtask prove`: one proof with its full numbers, and its outcome in docs/proof/.

mod capture;
mod report;

use std::process::Command;
use std::time::Instant;

use anyhow::{Result, bail};
use clap::{Args, ValueEnum};

use crate::command::{cargo, line};
use crate::database::Database;
use crate::packages::{self, Needs};
use crate::postgres::{Postgres, given_url};
use capture::capture;
use report::{Report, Run};

/// What to prove.
#[derive(Args)]
pub(crate) struct Options {
    #[arg(value_enum)]
    lane: Lane,
}

#[derive(Clone, Copy, ValueEnum)]
enum Lane {
    /// Kills the program at every step, between any two statements and at many instants.
    Crash,
    /// Plays many random histories, and makes requests that nobody thought of.
    Fuzz,
    /// Puts the program under load.
    Load,
    /// Plays docs/production.md on a bare Debian.
    Production,
}

impl Lane {
    fn name(self) -> &'static str {
        match self {
            Self::Crash => "crash",
            Self::Fuzz => "fuzz",
            Self::Load => "load",
            Self::Production => "production",
        }
    }

    fn databases(self) -> &'static [Database] {
        match self {
            Self::Crash | Self::Fuzz | Self::Production => &[Database::Sqlite, Database::Postgres],
            Self::Load => &[Database::Sqlite],
        }
    }

    fn commands(self) -> Vec<Command> {
        let mut commands = match self {
            Self::Crash => vec![binary_test("crash"), cut_off()],
            Self::Fuzz => vec![properties(), binary_test("fuzz")],
            Self::Load => vec![cargo(&["run", "--release", "-p", "erpmax-benches", "--", "load"])],
            Self::Production => vec![cargo(&["xtask", "play"])],
        };
        for command in &mut commands {
            command.env("ERPMAX_PROVE", "full");
        }
        commands
    }

    /// Whether it uses a PostgreSQL of ours; the bare Debian brings its own, on the port that the guide names.
    const fn uses_server(self) -> bool {
        !matches!(self, Self::Production)
    }

    fn needs(self) -> Needs {
        let python = matches!(self, Self::Crash | Self::Fuzz);
        Needs { server: self.uses_server() && given_url().is_none(), python, ..Needs::default() }
    }
}

/// The tests that kill between two statements.
fn cut_off() -> Command {
    cargo(&["test", "--release", "-p", "erpmax-server", "--test", "api", "cut_off", "--", "--nocapture"])
}

/// A test program of the binary.
fn binary_test(name: &str) -> Command {
    cargo(&["test", "--release", "-p", "erpmax", "--test", name, "--", "--nocapture"])
}

fn properties() -> Command {
    let mut command =
        cargo(&["test", "--release", "-p", "erpmax-core", "-p", "erpmax-server", "properties", "--", "--nocapture"]);
    command.env("PROPTEST_CASES", "10000");
    command
}

/// Runs the lane on its databases and writes the report, also when it fails.
pub(crate) fn run(options: &Options) -> Result<()> {
    let lane = options.lane;
    packages::prepare(lane.needs())?;
    let server = lane.uses_server().then(Postgres::start).transpose()?;
    let url = server.as_ref().map(Postgres::url);
    let mut report = Report::begin(lane.name())?;
    for database in lane.databases() {
        for command in lane.commands() {
            report.runs.push(run_on(command, *database, url)?);
        }
    }
    println!("The report is in {}", report.write()?);
    if !report.passed() {
        bail!("The proof `{}` failed.", lane.name());
    }
    Ok(())
}

fn run_on(mut command: Command, database: Database, postgres: Option<&str>) -> Result<Run> {
    database.choose(&mut command, postgres);
    println!("== {database}: {}", line(&command));
    let start = Instant::now();
    let captured = capture(&mut command)?;
    Ok(Run { database, command: line(&command), duration: start.elapsed(), captured })
}
