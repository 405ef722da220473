//! A mixed load, bounded in time, with what has to be true in the end: no request failed on our side, no event was lost, the
//! queue is empty and the memory did not grow.

mod checks;
mod tally;
mod witness;
mod workers;

use std::time::Duration;

use anyhow::{Result, bail};

use crate::printer::{note, print};
use crate::server::{Account, Server, build, database, folder};
use crate::{machine, process::Process};
use checks::{Check, Outbox};
use witness::Witness;
use workers::Workers;

/// Companies that have sockets and ask for jobs.
const COMPANIES: usize = 10;
/// Sockets of each of them.
const SOCKETS: usize = 20;
/// Steps are quick, so that there are many jobs; several run at a time.
const SETTINGS: &[(&str, &str)] = &[("ERPMAX_SANDBOX__STEP_MILLISECONDS", "100"), ("ERPMAX_SITES__SLOTS", "4")];
/// How long the last events may take.
const SETTLING: Duration = Duration::from_secs(2);

/// Loads a server for `duration` and checks what has to be true.
pub(crate) async fn run(duration: Duration) -> Result<()> {
    build()?;
    print(&format!("{}; {} s of load", machine::describe(), duration.as_secs()));
    let folder = folder()?;
    let server = Server::start_with(folder.path(), SETTINGS).await?;
    let companies = register(&server).await?;
    let witnesses = witnesses(&server, &companies).await?;
    let mut outbox = Outbox::open(&database(folder.path())).await?;
    let first = outbox.last_number().await?;

    note("loading");
    let workers = Workers::start(server.address, &companies);
    let memory = watch_memory(&server.process, duration).await?;
    let tally = workers.stop().await;
    let drained = outbox.is_drained().await?;
    tokio::time::sleep(SETTLING).await;

    let mut checks = vec![tally.check(), Check::of("the queue is empty", drained, String::new()), flat(&memory)];
    checks.push(outbox.compare(&witnesses, first).await?);
    print(&tally.describe());
    conclude(&checks)
}

async fn register(server: &Server) -> Result<Vec<Account>> {
    let mut companies = Vec::new();
    for number in 0..COMPANIES {
        companies.push(server.register(&format!("company-{number}")).await?);
    }
    Ok(companies)
}

async fn witnesses(server: &Server, companies: &[Account]) -> Result<Vec<Witness>> {
    let mut witnesses = Vec::new();
    for company in companies {
        for _ in 0..SOCKETS {
            witnesses.push(Witness::connect(server.address, company).await?);
        }
    }
    Ok(witnesses)
}

/// The resident memory in megabytes, each second.
async fn watch_memory(process: &Process, duration: Duration) -> Result<Vec<f64>> {
    let mut memory = Vec::new();
    for _ in 0..duration.as_secs() {
        tokio::time::sleep(Duration::from_secs(1)).await;
        memory.push(process.memory()? / 1e6);
    }
    Ok(memory)
}

/// Between the second and the last quarter of the time the memory grows by a tenth at most.
fn flat(memory: &[f64]) -> Check {
    let quarter = memory.len() / 4;
    let highest = |part: &[f64]| part.iter().copied().fold(0.0, f64::max);
    let early = highest(&memory[quarter..quarter * 2]);
    let late = highest(&memory[memory.len() - quarter..]);
    Check::of("the memory is flat", late <= early * 1.1, format!("{early:.1} MB early, {late:.1} MB late"))
}

fn conclude(checks: &[Check]) -> Result<()> {
    for check in checks {
        print(&check.line());
    }
    if checks.iter().all(Check::holds) { Ok(()) } else { bail!("something that has to be true is not") }
}
