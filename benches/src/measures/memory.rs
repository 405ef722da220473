//! Resident memory: after the start, right after a burst of sign-ins and some seconds later, and for each of a thousand
//! sockets.

use std::time::Duration;

use anyhow::Result;
use tokio::time::sleep;

use crate::Plan;
use crate::crowd::{Crowd, SOCKETS, tokens};
use crate::report::{Figure, Target};
use crate::server::{Server, folder};
use crate::statistics::{Series, as_f64};

const MEGABYTE: f64 = 1e6;
const KILOBYTE: f64 = 1e3;
const SETTLING: Duration = Duration::from_secs(2);
/// Longer than the server keeps memory for hashing that nobody needs.
const QUIET: Duration = Duration::from_secs(6);

pub(crate) async fn run(plan: Plan) -> Result<Vec<Figure>> {
    let (mut idle, mut signed_in) = (Series::default(), Series::default());
    let (mut quiet, mut socket) = (Series::default(), Series::default());
    for _ in 0..plan.rounds {
        let folder = folder()?;
        let server = Server::start(folder.path()).await?;
        sleep(SETTLING).await;
        idle.push(server.process.memory()? / MEGABYTE);
        let account = server.register("acme").await?;
        let tokens = tokens(&server, &account.email).await?;
        signed_in.push(server.process.memory()? / MEGABYTE);
        sleep(QUIET).await;
        let before = server.process.memory()?;
        quiet.push(before / MEGABYTE);
        let crowd = Crowd::connect(server.address, &tokens).await?;
        sleep(SETTLING).await;
        socket.push((server.process.memory()? - before) / as_f64(SOCKETS) / KILOBYTE);
        crowd.leave().await;
    }
    let figure = |what, unit, series, target| Figure {
        name: "memory",
        what,
        unit,
        series,
        target,
        suffers: false,
        detail: String::new(),
    };
    Ok(vec![
        figure("idle after the start", "MB", idle, Target::AtMost(40.0)),
        figure("right after fifty sign-ins", "MB", signed_in, Target::None),
        figure("idle some seconds after fifty sign-ins", "MB", quiet, Target::AtMost(40.0)),
        figure("per socket, of 1,000", "kB", socket, Target::AtMost(40.0)),
    ])
}
