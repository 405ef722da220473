//! `erpmax whoami` from its start to its end, beside its one request alone over a new connection.

use std::process::{Command, Stdio};
use std::time::Instant;

use anyhow::{Result, ensure};

use crate::Plan;
use crate::http::{Request, succeed};
use crate::report::{Figure, Target};
use crate::server::{Account, PASSWORD, Server, folder, program};
use crate::statistics::Series;

/// Times in each round, of which the median counts.
const TIMES: usize = 20;

pub(crate) async fn run(plan: Plan) -> Result<Vec<Figure>> {
    let folder = folder()?;
    let server = Server::start(folder.path()).await?;
    let account = server.register("acme").await?;
    let command = |arguments: &[&str]| {
        let mut command = Command::new(program());
        command.args(arguments).env("HOME", folder.path()).env("ERPMAX_PASSWORD", PASSWORD);
        // The sealed file, not a keyring, whose speed is another's.
        command.env("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nowhere").env_remove("XDG_DATA_HOME").stdout(Stdio::null());
        command.env("ERPMAX_API", format!("http://{}", server.address));
        command
    };
    ensure!(command(&["login", &account.email]).status()?.success(), "nobody can sign in");
    let mut beyond = Series::default();
    for _ in 0..plan.rounds {
        let (mut whole, mut request) = (Series::default(), Series::default());
        for _ in 0..TIMES {
            whole.push(process(command(&["whoami"]))?);
            request.push(alone(&server, &account).await?);
        }
        beyond.push(whole.median() - request.median());
    }
    server.process.stop().await?;
    let (what, target) = ("`erpmax whoami` beyond its request", Target::AtMost(30.0));
    Ok(vec![Figure { name: "whoami", what, unit: "ms", series: beyond, target, suffers: true, detail: String::new() }])
}

fn process(mut command: Command) -> Result<f64> {
    let begun = Instant::now();
    ensure!(command.status()?.success(), "nobody is signed in");
    Ok(begun.elapsed().as_secs_f64() * 1000.0)
}

async fn alone(server: &Server, account: &Account) -> Result<f64> {
    let begun = Instant::now();
    succeed(server.address, &Request::get("/api/v1/auth/me", &account.token)).await?;
    Ok(begun.elapsed().as_secs_f64() * 1000.0)
}
