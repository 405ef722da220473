//! From the start of the process until `GET /health/ready` says yes.

use std::path::Path;
use std::time::Instant;

use anyhow::Result;

use crate::Plan;
use crate::report::{Figure, Target};
use crate::server::{Server, folder};
use crate::statistics::Series;

pub(crate) async fn run(plan: Plan) -> Result<Vec<Figure>> {
    let (mut first, mut again) = (Series::default(), Series::default());
    for _ in 0..plan.rounds {
        let folder = folder()?;
        first.push(start(folder.path()).await?);
        again.push(start(folder.path()).await?);
    }
    Ok(vec![figure("first start to ready", first), figure("later start to ready", again)])
}

async fn start(folder: &Path) -> Result<f64> {
    let begun = Instant::now();
    let server = Server::start(folder).await?;
    let taken = begun.elapsed();
    server.process.stop().await?;
    Ok(taken.as_secs_f64() * 1000.0)
}

fn figure(what: &'static str, series: Series) -> Figure {
    Figure { name: "start", what, unit: "ms", series, target: Target::None, suffers: true, detail: String::new() }
}
