//! Events to a thousand sockets of one tenant, beside Socket.IO's own server that broadcasts equal events to a room of a
//! thousand at an equal rate.

use std::net::SocketAddr;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};
use tokio::time::{MissedTickBehavior, interval, sleep};

use crate::Plan;
use crate::crowd::{Crowd, SOCKETS, tokens};
use crate::http::{Connection, Request};
use crate::process::Process;
use crate::report::{Figure, Target, digits};
use crate::server::{Account, Server, folder};
use crate::statistics::{Series, as_f64, percentile};

/// Time between two causes.
const PAUSE: Duration = Duration::from_millis(125);
/// Events that follow from asking for a backup, and from cancelling it.
const EVENTS: [usize; 2] = [1, 2];
const JOBS: &str = "/api/v1/provisioning/jobs";

/// One of the two servers, with the crowd that listens to it.
struct Side<'a> {
    process: &'a Process,
    crowd: Crowd,
    connection: Connection,
    cause: Cause,
    cost: Series,
    latency: Series,
}

/// How events are caused.
enum Cause {
    /// By asking for a backup and cancelling it.
    Jobs { token: String, job: String },
    /// By sending the events of each step.
    Emit([Request; 2]),
}

pub(crate) async fn run(plan: Plan) -> Result<Vec<Figure>> {
    let folder = folder()?;
    let (server, account) = prepare(folder.path()).await?;
    let tokens = tokens(&server, &account.email).await?;
    let crowd = Crowd::connect(server.address, &tokens).await?;
    let cause = Cause::Jobs { token: account.token, job: String::new() };
    let mut ours = Side::new(&server.process, server.address, crowd, cause).await?;
    ours.cycle().await?;
    let heard = ours.crowd.heard();

    let (process, address) = start_node(folder.path())?;
    let crowd = Crowd::connect(address, &tokens).await?;
    let cause = Cause::Emit([emit(&heard[..EVENTS[0]])?, emit(&heard[EVENTS[0]..])?]);
    let mut theirs = Side::new(&process, address, crowd, cause).await?;
    theirs.cycle().await?;
    for _ in 0..plan.rounds {
        ours.measure(plan.duration()).await?;
        theirs.measure(plan.duration()).await?;
    }
    Ok(figures(&ours, &theirs))
}

fn figures(ours: &Side<'_>, theirs: &Side<'_>) -> Vec<Figure> {
    let detail = |ours: &Series, theirs: &Series, unit| {
        format!("{} {unit} ours, {} {unit} Node's", digits(ours.median()), digits(theirs.median()))
    };
    vec![
        Figure {
            name: "sockets",
            what: "server CPU per delivered event ÷ Node's",
            unit: "",
            series: ours.cost.divided_by(&theirs.cost),
            target: Target::AtMost(0.5),
            suffers: true,
            detail: detail(&ours.cost, &theirs.cost, "µs"),
        },
        Figure {
            name: "sockets",
            what: "p99 from cause to delivery ÷ Node's",
            unit: "",
            series: ours.latency.divided_by(&theirs.latency),
            target: Target::AtMost(1.2),
            suffers: true,
            detail: detail(&ours.latency, &theirs.latency, "ms"),
        },
    ]
}

/// A server with a tenant that has a site, and whose next job waits: the one place for jobs is taken by another tenant's.
async fn prepare(folder: &Path) -> Result<(Server, Account)> {
    let server = Server::start_with(folder, &[("ERPMAX_SANDBOX__STEP_MILLISECONDS", "1")]).await?;
    let account = server.register("acme").await?;
    let other = server.register("other").await?;
    create_site(&server, &account).await?;
    create_site(&server, &other).await?;
    server.process.stop().await?;
    let slow = [("ERPMAX_SANDBOX__STEP_MILLISECONDS", "3600000"), ("ERPMAX_SITES__SLOTS", "1")];
    let server = Server::start_with(folder, &slow).await?;
    let job = ask(&server, &other, "backup_site").await?;
    wait_for(&server, &other, &job, "running").await?;
    Ok((server, account))
}

async fn create_site(server: &Server, account: &Account) -> Result<()> {
    let job = ask(server, account, "create_site").await?;
    wait_for(server, account, &job, "completed").await
}

async fn ask(server: &Server, account: &Account, job_type: &str) -> Result<String> {
    let request = Request::post(JOBS, &account.token, &json!({"job_type": job_type}));
    id_of(&Connection::open(server.address).await?.succeed(&request).await?)
}

async fn wait_for(server: &Server, account: &Account, job: &str, status: &str) -> Result<()> {
    let mut connection = Connection::open(server.address).await?;
    let request = Request::get(&format!("{JOBS}/{job}"), &account.token);
    for _ in 0..200 {
        if connection.succeed(&request).await?.pointer("/data/status") == Some(&json!(status)) {
            return Ok(());
        }
        sleep(Duration::from_millis(100)).await;
    }
    anyhow::bail!("the job does not become {status}")
}

fn id_of(answer: &Value) -> Result<String> {
    Ok(answer.pointer("/data/id").and_then(Value::as_str).context("a job has an id")?.to_owned())
}

fn start_node(folder: &Path) -> Result<(Process, SocketAddr)> {
    let node = Path::new(env!("CARGO_MANIFEST_DIR")).join("node");
    if !node.join("node_modules").exists() {
        let installed = Command::new("npm").arg("ci").current_dir(&node).output().context("Failed to start npm")?;
        ensure!(installed.status.success(), "npm ci failed: {}", String::from_utf8_lossy(&installed.stderr));
    }
    let mut command = Command::new("node");
    command.arg("server.js").current_dir(&node).env("NODE_ENV", "production");
    let mut process = Process::start(&mut command, &folder.join("node.log"))?;
    let address = process.read_after("http://")?.trim_end_matches('/').parse()?;
    Ok((process, address))
}

/// The request that lets the Node server send these events.
fn emit(events: &[String]) -> Result<Request> {
    let events = events.iter().map(|event| serde_json::from_str(event)).collect::<Result<Vec<Value>, _>>()?;
    Ok(Request::post("/emit", "", &json!(events)))
}

impl<'a> Side<'a> {
    async fn new(process: &'a Process, address: SocketAddr, crowd: Crowd, cause: Cause) -> Result<Self> {
        let connection = Connection::open(address).await?;
        Ok(Self { process, crowd, connection, cause, cost: Series::default(), latency: Series::default() })
    }

    /// Causes the events of both steps once, and waits for them.
    async fn cycle(&mut self) -> Result<()> {
        for step in 0..EVENTS.len() {
            self.step(step).await?;
        }
        self.crowd.deliveries().await.map(drop)
    }

    async fn measure(&mut self, duration: Duration) -> Result<()> {
        let before = self.process.processor_time()?;
        let mut ticks = interval(PAUSE);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let cycles = duration.as_millis() / (PAUSE * 2).as_millis();
        for _ in 0..cycles {
            for step in 0..EVENTS.len() {
                ticks.tick().await;
                self.step(step).await?;
            }
        }
        let mut latencies = self.crowd.deliveries().await?;
        let used = self.process.processor_time()?.saturating_sub(before);
        ensure!(latencies.len() % SOCKETS == 0, "an event was heard twice");
        self.cost.push(used.as_secs_f64() * 1e6 / as_f64(latencies.len()));
        self.latency.push(percentile(&mut latencies, 0.99));
        Ok(())
    }

    async fn step(&mut self, step: usize) -> Result<()> {
        self.crowd.cause(EVENTS[step]);
        match &mut self.cause {
            Cause::Emit(requests) => self.connection.succeed(&requests[step]).await.map(drop),
            Cause::Jobs { token, job } if step == 0 => {
                let request = Request::post(JOBS, token, &json!({"job_type": "backup_site"}));
                *job = id_of(&self.connection.succeed(&request).await?)?;
                Ok(())
            }
            Cause::Jobs { token, job } => {
                let request = Request::post(&format!("{JOBS}/{job}/cancel"), token, &json!({}));
                self.connection.succeed(&request).await.map(drop)
            }
        }
    }
}
