//! A call of the SDK beside the same request by bare reqwest: processor time of the calling process. And the program's size.

use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use erpmax_client::ApiClient;
use erpmax_types::Success;
use erpmax_types::users::Me;

use crate::Plan;
use crate::process::processor_time;
use crate::report::{Figure, Target, digits};
use crate::server::{PASSWORD, Server, folder, program};
use crate::statistics::Series;

pub(crate) async fn run(plan: Plan) -> Result<Vec<Figure>> {
    let folder = folder()?;
    let server = Server::start(folder.path()).await?;
    let account = server.register("acme").await?;
    let base = format!("http://{}", server.address);
    let sdk = ApiClient::new(&base)?;
    sdk.auth().login(&account.email, PASSWORD).await?;
    let (bare, url) = (reqwest::Client::builder().no_proxy().build()?, format!("{base}/api/v1/auth/me"));

    let (mut ours, mut theirs) = (Series::default(), Series::default());
    for _ in 0..plan.rounds {
        ours.push(cost(plan.duration(), async || Ok(sdk.auth().me().await?)).await?);
        let ask = async || {
            let answer = bare.get(&url).bearer_auth(&account.token).send().await?.error_for_status()?;
            Ok(answer.json::<Success<Me>>().await?.data)
        };
        theirs.push(cost(plan.duration(), ask).await?);
    }
    server.process.stop().await?;
    let detail = format!("{} µs the SDK, {} µs bare reqwest", digits(ours.median()), digits(theirs.median()));
    Ok(vec![
        Figure {
            name: "sdk",
            what: "CPU of `auth().me()` beyond bare reqwest",
            unit: "µs",
            series: ours.minus(&theirs),
            target: Target::AtMost(50.0),
            suffers: false,
            detail,
        },
        size()?,
    ])
}

/// Processor time of a call in this process, in microseconds, one call after another.
async fn cost(time: Duration, mut call: impl AsyncFnMut() -> Result<Me>) -> Result<f64> {
    let (begun, before, mut calls) = (Instant::now(), processor_time(std::process::id())?, 0_u32);
    while begun.elapsed() < time {
        call().await?;
        calls += 1;
    }
    let used = processor_time(std::process::id())?.saturating_sub(before);
    Ok(used.as_secs_f64() * 1_000_000.0 / f64::from(calls))
}

fn size() -> Result<Figure> {
    let bytes = std::fs::metadata(program()).context("the program is not there")?.len();
    let mut series = Series::default();
    #[expect(clippy::cast_precision_loss, reason = "a file is far below 2^53 bytes")]
    series.push(bytes as f64 / 1_000_000.0);
    let what = "size of the program";
    Ok(Figure { name: "sdk", what, unit: "MB", series, target: Target::None, suffers: false, detail: String::new() })
}
