//! Measures ERPMax beside what it is compared with, and puts it under load. See docs/PERFORMANCE.md.

mod baseline;
mod crowd;
mod http;
mod load;
mod machine;
mod measures;
mod mixed;
mod printer;
mod process;
mod quiet;
mod report;
mod server;
mod socket;
mod statistics;

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Result, bail};
use clap::{Args, Parser, Subcommand};
use tokio::signal::unix::{SignalKind, signal};

use measures::Measure;

/// Measures ERPMax.
#[derive(Parser)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Measure side by side.
    Bench(Bench),
    /// Put a server under mixed load and check that nothing is lost.
    Load(Load),
    /// Serve what `GET /auth/me` is compared with.
    #[command(hide = true)]
    Baseline(Baseline),
}

#[derive(Args)]
struct Bench {
    /// Which measurements to make; all without a name.
    names: Vec<Measure>,
    #[command(flatten)]
    plan: Plan,
}

/// How much is measured.
#[derive(Args, Clone, Copy)]
struct Plan {
    /// Rounds, in each of which both sides are measured once.
    #[arg(long, default_value_t = 5)]
    rounds: usize,
    /// Seconds that one side is measured in one round.
    #[arg(long, default_value_t = 5)]
    seconds: u64,
}

#[derive(Args)]
struct Load {
    /// Seconds of load.
    #[arg(long, default_value_t = 60)]
    seconds: u64,
}

#[derive(Args)]
struct Baseline {
    /// `SQLite` file to read.
    #[arg(long)]
    database: PathBuf,
    /// Secret that tokens are signed with.
    #[arg(long)]
    secret: String,
}

impl Plan {
    const fn duration(self) -> Duration {
        Duration::from_secs(self.seconds)
    }
}

fn main() -> ExitCode {
    match run(Arguments::parse().command) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            printer::note(&format!("error: {error:#}"));
            ExitCode::FAILURE
        }
    }
}

fn run(command: Command) -> Result<()> {
    machine::allow_many_files()?;
    tokio::runtime::Builder::new_multi_thread().enable_all().build()?.block_on(unless_stopped(command))
}

/// Servers are ended and folders removed also when somebody stops us.
async fn unless_stopped(command: Command) -> Result<()> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    tokio::select! {
        result = Box::pin(carry_out(command)) => result,
        _ = terminate.recv() => bail!("stopped"),
        _ = interrupt.recv() => bail!("stopped"),
    }
}

async fn carry_out(command: Command) -> Result<()> {
    match command {
        Command::Bench(bench) => measures::run(&bench.names, bench.plan).await,
        Command::Load(load) => mixed::run(Duration::from_secs(load.seconds)).await,
        Command::Baseline(options) => baseline::serve(&options.database, &options.secret).await,
    }
}
