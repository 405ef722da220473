//! `GET /auth/me` of the product, beside the bare route in `baseline`, which reads a copy of the same database.

use std::net::SocketAddr;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, ensure};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, EncodingKey, Header};

use crate::Plan;
use crate::baseline::Claims;
use crate::http::{Request, succeed};
use crate::load::closed;
use crate::process::Process;
use crate::report::{Figure, Target, digits};
use crate::server::{Server, database, folder};
use crate::statistics::Series;

const CLIENTS: usize = 16;
const PATH: &str = "/api/v1/auth/me";
const SECRET: &str = "0123456789abcdef0123456789abcdef";

/// One of the two programs.
struct Side<'a> {
    process: &'a Process,
    address: SocketAddr,
    request: Request,
    rate: Series,
    cost: Series,
}

pub(crate) async fn run(plan: Plan) -> Result<Vec<Figure>> {
    let folder = folder()?;
    let server = Server::start(folder.path()).await?;
    let token = server.register("acme").await?.token;
    server.process.stop().await?;
    let copy = folder.path().join("copy.sqlite");
    std::fs::copy(database(folder.path()), &copy)?;
    let server = Server::start(folder.path()).await?;
    let (process, address) = start_baseline(&copy, folder.path())?;

    let mut ours = Side::new(&server.process, server.address, &token);
    let mut theirs = Side::new(&process, address, &resigned(&token)?);
    compare_answers(&ours, &theirs).await?;
    for _ in 0..plan.rounds {
        ours.measure(plan).await?;
        theirs.measure(plan).await?;
    }
    Ok(figures(&ours, &theirs))
}

fn figures(ours: &Side<'_>, theirs: &Side<'_>) -> Vec<Figure> {
    let detail = |ours: &Series, theirs: &Series, unit| {
        format!("{} {unit} ours, {} {unit} bare", digits(ours.median()), digits(theirs.median()))
    };
    vec![
        Figure {
            name: "me",
            what: "`GET /auth/me` per second ÷ bare route",
            unit: "",
            series: ours.rate.divided_by(&theirs.rate),
            target: Target::AtLeast(0.6),
            suffers: true,
            detail: detail(&ours.rate, &theirs.rate, "/s"),
        },
        Figure {
            name: "me",
            what: "server CPU per request ÷ bare route's",
            unit: "",
            series: ours.cost.divided_by(&theirs.cost),
            target: Target::None,
            suffers: true,
            detail: detail(&ours.cost, &theirs.cost, "µs"),
        },
    ]
}

fn start_baseline(database: &Path, folder: &Path) -> Result<(Process, SocketAddr)> {
    let mut command = Command::new(std::env::current_exe()?);
    command.arg("baseline").arg("--database").arg(database).args(["--secret", SECRET]);
    let mut process = Process::start(&mut command, &folder.join("baseline.log"))?;
    let address = process.read_after("baseline ")?.parse()?;
    Ok((process, address))
}

/// The same token, signed with a secret that the bare route knows.
fn resigned(token: &str) -> Result<String> {
    let claims = token.split('.').nth(1).context("a token has three parts")?;
    let claims: Claims = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(claims)?)?;
    let header = Header { kid: Some("0123456789abcdef".to_owned()), ..Header::new(Algorithm::HS256) };
    Ok(jsonwebtoken::encode(&header, &claims, &EncodingKey::from_secret(SECRET.as_bytes()))?)
}

/// Both sides have to answer the same.
async fn compare_answers(ours: &Side<'_>, theirs: &Side<'_>) -> Result<()> {
    let answers = (succeed(ours.address, &ours.request).await?, succeed(theirs.address, &theirs.request).await?);
    ensure!(answers.0 == answers.1, "the bare route answers something else: {} and {}", answers.0, answers.1);
    Ok(())
}

impl<'a> Side<'a> {
    fn new(process: &'a Process, address: SocketAddr, token: &str) -> Self {
        let request = Request::get(PATH, token);
        Self { process, address, request, rate: Series::default(), cost: Series::default() }
    }

    async fn measure(&mut self, plan: Plan) -> Result<()> {
        let before = self.process.processor_time()?;
        let rate = closed(self.address, std::slice::from_ref(&self.request), CLIENTS, plan.duration()).await?;
        let used = self.process.processor_time()?.saturating_sub(before);
        self.rate.push(rate);
        self.cost.push(used.as_secs_f64() * 1e6 / (rate * plan.duration().as_secs_f64()));
        Ok(())
    }
}
