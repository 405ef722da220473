//! `cargo xtask test`: every test, on both databases.

use std::collections::BTreeSet;
use std::process::Command;

use anyhow::Result;
use clap::{Args, ValueEnum};

use crate::command::{build_erpmax, cargo, erpmax, find, program, root, run as run_command};
use crate::database::Database;
use crate::packages::{self, BROWSER, Needs, SEED_CLIENT};
use crate::postgres::{Postgres, given_url};
use crate::steps::Steps;

/// The packages whose tests use a database.
const PACKAGES_WITH_DATABASE: [&str; 5] = ["erpmax-store", "erpmax-core", "erpmax-server", "erpmax-client", "erpmax"];

/// What to run of the tests.
#[derive(Args)]
pub(crate) struct Options {
    /// Runs this step alone; may be given several times.
    #[arg(long, value_enum)]
    only: Vec<Suite>,
    /// How much the long tests do.
    #[arg(long, value_enum, default_value = "ci")]
    lane: Lane,
    /// Runs only tests whose name contains one of these; with `--only seed-…` or `--only browser`, arguments of the suite's runner.
    #[arg(last = true)]
    filters: Vec<String>,
}

/// How much the long tests do.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Lane {
    /// As much as each change has to pass.
    Ci,
    /// The full numbers, as `cargo xtask prove` does.
    Full,
}

/// A part of the tests that is run at once.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, ValueEnum)]
enum Suite {
    Sqlite,
    Postgres,
    SeedSqlite,
    SeedPostgres,
    Browser,
}

impl Suite {
    fn name(self) -> &'static str {
        match self {
            Self::Sqlite => "sqlite",
            Self::Postgres => "postgres",
            Self::SeedSqlite => "seed-sqlite",
            Self::SeedPostgres => "seed-postgres",
            Self::Browser => "browser",
        }
    }

    fn database(self) -> Database {
        match self {
            Self::Sqlite | Self::SeedSqlite | Self::Browser => Database::Sqlite,
            Self::Postgres | Self::SeedPostgres => Database::Postgres,
        }
    }

    /// Whether Node runs it.
    fn is_script(self) -> bool {
        matches!(self, Self::SeedSqlite | Self::SeedPostgres | Self::Browser)
    }

    fn commands(self, filters: &[String]) -> Vec<Command> {
        match self {
            Self::Sqlite => workspace_tests(filters),
            Self::Postgres => vec![database_tests(filters)],
            Self::SeedSqlite | Self::SeedPostgres => vec![script(SEED_CLIENT, filters)],
            Self::Browser => vec![script(BROWSER, filters)],
        }
    }
}

/// Prepares the machine, runs what is asked for and sums it up.
pub(crate) fn run(options: &Options) -> Result<()> {
    let mut steps = Steps::default();
    if let Err(error) = run_steps(options, &mut steps) {
        eprintln!("{error:#}");
    }
    steps.finish()
}

/// The suites to run: those asked for, or all; names of Rust's tests say nothing to the scripts' runner.
fn chosen(options: &Options) -> BTreeSet<Suite> {
    if !options.only.is_empty() {
        return options.only.iter().copied().collect();
    }
    let all = Suite::value_variants().iter().copied();
    all.filter(|suite| options.filters.is_empty() || !suite.is_script()).collect()
}

fn run_steps(options: &Options, steps: &mut Steps) -> Result<()> {
    let suites = &chosen(options);
    let with_postgres = suites.iter().any(|suite| suite.database() == Database::Postgres);
    steps.require("packages", || packages::prepare(needs(suites, with_postgres)))?;
    steps.require("build", build_erpmax)?;
    let server = with_postgres.then(|| steps.require("start", Postgres::start)).transpose()?;
    let url = server.as_ref().map(Postgres::url);
    for suite in suites {
        steps.attempt(suite.name(), || run_suite(*suite, options, url));
    }
    Ok(())
}

fn needs(suites: &BTreeSet<Suite>, with_postgres: bool) -> Needs {
    Needs {
        server: with_postgres && given_url().is_none(),
        client: suites.contains(&Suite::SeedPostgres),
        node: suites.contains(&Suite::SeedSqlite) || suites.contains(&Suite::SeedPostgres),
        browser: suites.contains(&Suite::Browser),
        python: suites.iter().any(|suite| !suite.is_script()),
        bare_machine: false,
    }
}

fn run_suite(suite: Suite, options: &Options, postgres: Option<&str>) -> Result<()> {
    for mut command in suite.commands(&options.filters) {
        suite.database().choose(&mut command, postgres);
        if options.lane == Lane::Full {
            command.env("ERPMAX_PROVE", "full");
        }
        run_command(&mut command)?;
    }
    Ok(())
}

/// Every test of the workspace, and the examples in its documentation.
fn workspace_tests(filters: &[String]) -> Vec<Command> {
    if find("cargo-nextest").is_none() {
        return vec![filtered(cargo(&["test", "--workspace", "--no-fail-fast"]), filters)];
    }
    vec![
        filtered(cargo(&["nextest", "run", "--workspace", "--no-fail-fast"]), filters),
        filtered(cargo(&["test", "--doc", "--workspace", "--no-fail-fast"]), filters),
    ]
}

/// The tests that use a database.
fn database_tests(filters: &[String]) -> Command {
    if find("cargo-nextest").is_some() {
        // With the whole workspace chosen, as for SQLite, nothing is built a second time.
        let packages = PACKAGES_WITH_DATABASE.map(|name| format!("package(={name})")).join(" + ");
        let mut command = cargo(&["nextest", "run", "--workspace", "--no-fail-fast", "--filterset", &packages]);
        if !filters.is_empty() {
            command.arg("--no-tests=pass");
        }
        return filtered(command, filters);
    }
    let mut command = cargo(&["test", "--no-fail-fast"]);
    for name in PACKAGES_WITH_DATABASE {
        command.args(["--package", name]);
    }
    filtered(command, filters)
}

fn script(suite: &str, filters: &[String]) -> Command {
    let mut command = program("npm", &["test"]);
    command.current_dir(root().join(suite)).env("ERPMAX_BIN", erpmax());
    filtered(command, filters)
}

fn filtered(mut command: Command, filters: &[String]) -> Command {
    if !filters.is_empty() {
        command.arg("--").args(filters);
    }
    command
}

#[cfg(test)]
mod tests {
    use super::*;

    fn options(only: &[Suite], filters: &[&str]) -> Options {
        let filters = filters.iter().map(ToString::to_string).collect();
        Options { only: only.to_vec(), lane: Lane::Ci, filters }
    }

    #[test]
    fn without_a_choice_every_suite_is_run() {
        assert_eq!(chosen(&options(&[], &[])).len(), 5);
    }

    #[test]
    fn a_choice_is_run_alone_and_with_filters() {
        let only = [Suite::SeedSqlite];
        assert!(chosen(&options(&only, &["test/auth.test.js"])) == BTreeSet::from(only));
    }

    #[test]
    fn filters_alone_leave_scripts_out() {
        assert!(chosen(&options(&[], &["login"])) == BTreeSet::from([Suite::Sqlite, Suite::Postgres]));
    }

    #[test]
    fn filters_follow_the_command() {
        let command = filtered(cargo(&["test"]), &["login".to_owned()]);
        assert_eq!(crate::command::line(&command), "cargo test -- login");
    }
}
