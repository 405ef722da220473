//! How long `GET /tenants` takes while sign-ins use up the processors, beside a quiet server.

use anyhow::Result;

use super::logins::{CLIENTS, sign_ins};
use crate::Plan;
use crate::http::Request;
use crate::load::{ClosedLoops, open};
use crate::report::{Figure, Target, digits};
use crate::server::{Server, folder};
use crate::statistics::{Series, percentile};

const PER_SECOND: u32 = 50;

pub(crate) async fn run(plan: Plan) -> Result<Vec<Figure>> {
    let folder = folder()?;
    let server = Server::start(folder.path()).await?;
    let sign_ins = sign_ins(&server).await?;
    let reader = server.register("reader").await?;
    let request = Request::get("/api/v1/tenants", &reader.token);
    let (mut busy, mut quiet) = (Series::default(), Series::default());
    for _ in 0..plan.rounds {
        quiet.push(p99(&server, &request, plan).await?);
        let load = ClosedLoops::start(server.address, &sign_ins, CLIENTS).await?;
        busy.push(p99(&server, &request, plan).await?);
        load.stop().await?;
    }
    let detail = format!("{} ms under sign-ins, {} ms without", digits(busy.median()), digits(quiet.median()));
    Ok(vec![Figure {
        name: "tenants-under-login",
        what: "p99 of `GET /tenants` at 50/s under sign-ins ÷ without",
        unit: "",
        series: busy.divided_by(&quiet),
        target: Target::AtMost(10.0),
        suffers: true,
        detail,
    }])
}

async fn p99(server: &Server, request: &Request, plan: Plan) -> Result<f64> {
    let mut latencies = open(server.address, request, PER_SECOND, plan.duration()).await?;
    Ok(percentile(&mut latencies, 0.99))
}
