//! The measurements, one module each.

mod logins;
mod me;
mod memory;
mod million;
mod sdk;
mod sockets;
mod start;
mod tenants_under_login;
mod whoami;

use anyhow::{Context, Result};
use clap::ValueEnum;

use crate::printer::{note, print};
use crate::quiet::Watch;
use crate::report::{self, Figure, Measured};
use crate::{Plan, machine, server};

/// A measurement by its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Measure {
    /// Sign-ins per second, beside bare Argon2id.
    Logins,
    /// `GET /auth/me`, beside a bare route with the same statement.
    Me,
    /// `GET /tenants` while sign-ins saturate, beside without them.
    TenantsUnderLogin,
    /// Processor time and latency of events to a thousand sockets, beside Socket.IO's own server.
    Sockets,
    /// `GET /tenants` with a million users, beside with a hundred.
    TenantsWithAMillionUsers,
    /// Resident memory, idle and per socket.
    Memory,
    /// From the start of the process until it is ready.
    Start,
    /// Processor time of a call of the SDK, beside bare reqwest; the program's size.
    Sdk,
    /// `erpmax whoami` as a whole, beside its request.
    Whoami,
}

impl Measure {
    async fn run(self, plan: Plan) -> Result<Vec<Figure>> {
        match self {
            Self::Logins => logins::run(plan).await,
            Self::Me => me::run(plan).await,
            Self::TenantsUnderLogin => tenants_under_login::run(plan).await,
            Self::Sockets => sockets::run(plan).await,
            Self::TenantsWithAMillionUsers => million::run(plan).await,
            Self::Memory => memory::run(plan).await,
            Self::Start => start::run(plan).await,
            Self::Sdk => sdk::run(plan).await,
            Self::Whoami => whoami::run(plan).await,
        }
    }
}

/// Makes the measurements (all without a name) and prints what came out.
pub(crate) async fn run(names: &[Measure], plan: Plan) -> Result<()> {
    server::build()?;
    print(&format!("{}; {} rounds of {} s a side", machine::describe(), plan.rounds, plan.seconds));
    let mut measured = Vec::new();
    for measure in Measure::value_variants().iter().filter(|it| names.is_empty() || names.contains(it)) {
        note(&format!("== {measure:?}"));
        let watch = Watch::begin()?;
        let figures = measure.run(plan).await.with_context(|| format!("{measure:?} failed"))?;
        measured.push(Measured { figures, disturbance: watch.end()? });
    }
    report::show(&measured);
    Ok(())
}
