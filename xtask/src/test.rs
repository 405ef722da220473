//! `cargo xtask test`: every test, on both databases.

use std::collections::BTreeSet;
use std::process::Command;

use anyhow::Result;
use clap::{Args, ValueEnum};

use crate::command::{build_erpmax, cargo, erpmax, find, program, root, run as run_command};
use crate::database::Database;
use crate::packages::{self, Needs, SEED_CLIENT};
use crate::postgres::{Postgres, given_url};
use crate::steps::Steps;

/// The packages whose tests use a database.
const PACKAGES_WITH_DATABASE: [&str; 4] = ["erpmax-store", "erpmax-core", "erpmax-server", "erpmax"];

/// What to run of the tests.
#[derive(Args)]
pub(crate) struct Options {
    /// Runs this step alone; may be given several times.
    #[arg(long, value_enum)]
    only: Vec<Suite>,
}

/// A part of the tests that is run at once.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, ValueEnum)]
enum Suite {
    Sqlite,
    Postgres,
    SeedSqlite,
    SeedPostgres,
}

impl Suite {
    fn name(self) -> &'static str {
        match self {
            Self::Sqlite => "sqlite",
            Self::Postgres => "postgres",
            Self::SeedSqlite => "seed-sqlite",
            Self::SeedPostgres => "seed-postgres",
        }
    }

    fn database(self) -> Database {
        match self {
            Self::Sqlite | Self::SeedSqlite => Database::Sqlite,
            Self::Postgres | Self::SeedPostgres => Database::Postgres,
        }
    }

    fn is_seed_client(self) -> bool {
        matches!(self, Self::SeedSqlite | Self::SeedPostgres)
    }

    fn commands(self) -> Vec<Command> {
        match self {
            Self::Sqlite => workspace_tests(),
            Self::Postgres => vec![database_tests()],
            Self::SeedSqlite | Self::SeedPostgres => vec![seed_client()],
        }
    }
}

/// Prepares the machine, runs what is asked for and sums it up.
pub(crate) fn run(options: &Options) -> Result<()> {
    let mut steps = Steps::default();
    if let Err(error) = run_steps(&chosen(&options.only), &mut steps) {
        eprintln!("{error:#}");
    }
    steps.finish()
}

fn chosen(only: &[Suite]) -> BTreeSet<Suite> {
    let all = if only.is_empty() { Suite::value_variants() } else { only };
    all.iter().copied().collect()
}

fn run_steps(suites: &BTreeSet<Suite>, steps: &mut Steps) -> Result<()> {
    let with_postgres = suites.iter().any(|suite| suite.database() == Database::Postgres);
    steps.require("packages", || packages::prepare(needs(suites, with_postgres)))?;
    steps.require("build", build_erpmax)?;
    let server = with_postgres.then(|| steps.require("start", Postgres::start)).transpose()?;
    let url = server.as_ref().map(Postgres::url);
    for suite in suites {
        steps.attempt(suite.name(), || run_suite(*suite, url));
    }
    Ok(())
}

fn needs(suites: &BTreeSet<Suite>, with_postgres: bool) -> Needs {
    Needs {
        server: with_postgres && given_url().is_none(),
        client: suites.contains(&Suite::SeedPostgres),
        node: suites.iter().any(|suite| suite.is_seed_client()),
    }
}

fn run_suite(suite: Suite, postgres: Option<&str>) -> Result<()> {
    for mut command in suite.commands() {
        suite.database().choose(&mut command, postgres);
        run_command(&mut command)?;
    }
    Ok(())
}

/// Every test of the workspace, and the examples in its documentation.
fn workspace_tests() -> Vec<Command> {
    if find("cargo-nextest").is_none() {
        return vec![cargo(&["test", "--workspace", "--no-fail-fast"])];
    }
    vec![
        cargo(&["nextest", "run", "--workspace", "--no-fail-fast"]),
        cargo(&["test", "--doc", "--workspace", "--no-fail-fast"]),
    ]
}

/// The tests that use a database.
fn database_tests() -> Command {
    if find("cargo-nextest").is_some() {
        // With the whole workspace chosen, as for SQLite, nothing is built a second time.
        let filter = PACKAGES_WITH_DATABASE.map(|name| format!("package(={name})")).join(" + ");
        return cargo(&["nextest", "run", "--workspace", "--no-fail-fast", "--filterset", &filter]);
    }
    let mut command = cargo(&["test", "--no-fail-fast"]);
    for name in PACKAGES_WITH_DATABASE {
        command.args(["--package", name]);
    }
    command
}

fn seed_client() -> Command {
    let mut command = program("npm", &["test"]);
    command.current_dir(root().join(SEED_CLIENT)).env("ERPMAX_BIN", erpmax());
    command
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_a_choice_every_suite_is_run() {
        assert_eq!(chosen(&[]).len(), 4);
        assert!(chosen(&[Suite::Sqlite]) == BTreeSet::from([Suite::Sqlite]));
    }
}
