//! Sign-ins per second against a real server, beside the same number of threads that do nothing but hash.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Result, anyhow};
use argon2::password_hash::PasswordHasher;
use argon2::{Algorithm, Argon2, Block, Params, Version};

use crate::Plan;
use crate::http::Request;
use crate::load::closed;
use crate::machine::processors;
use crate::process::processor_time;
use crate::report::{Figure, Target, digits};
use crate::server::{Server, folder, login_request};
use crate::statistics::{Series, as_f64};

/// Clients that sign in, each with an account of its own; the queue of the server holds 64.
pub(crate) const CLIENTS: usize = 8;

pub(crate) async fn run(plan: Plan) -> Result<Vec<Figure>> {
    let folder = folder()?;
    let server = Server::start(folder.path()).await?;
    let requests = sign_ins(&server).await?;
    let (mut ours, mut theirs) = (Series::default(), Series::default());
    let (mut our_cost, mut their_cost) = (Series::default(), Series::default());
    for _ in 0..plan.rounds {
        let before = server.process.processor_time()?;
        let rate = closed(server.address, &requests, CLIENTS, plan.duration()).await?;
        our_cost.push(cost(server.process.processor_time()?.saturating_sub(before), rate, plan));
        ours.push(rate);
        let before = processor_time(std::process::id())?;
        let rate = tokio::task::spawn_blocking(move || bare(plan.duration())).await??;
        their_cost.push(cost(processor_time(std::process::id())?.saturating_sub(before), rate, plan));
        theirs.push(rate);
    }
    Ok(figures([&ours, &theirs], [&our_cost, &their_cost]))
}

fn figures([ours, theirs]: [&Series; 2], [our_cost, their_cost]: [&Series; 2]) -> Vec<Figure> {
    vec![
        Figure {
            name: "logins",
            what: "sign-ins per second ÷ bare Argon2id",
            unit: "",
            series: ours.divided_by(theirs),
            target: Target::AtLeast(0.85),
            suffers: true,
            detail: format!("{} sign-ins/s, {} hashes/s", digits(ours.median()), digits(theirs.median())),
        },
        Figure {
            name: "logins",
            what: "CPU of a bare hash ÷ server CPU of a sign-in",
            unit: "",
            series: their_cost.divided_by(our_cost),
            target: Target::None,
            suffers: true,
            detail: format!("{} ms a sign-in, {} ms a hash", digits(our_cost.median()), digits(their_cost.median())),
        },
    ]
}

/// Milliseconds of processor time for each of `rate` a second.
fn cost(used: Duration, rate: f64, plan: Plan) -> f64 {
    used.as_secs_f64() * 1000.0 / (rate * plan.duration().as_secs_f64())
}

/// Registers as many accounts as there are clients, and gives the requests that sign them in.
pub(crate) async fn sign_ins(server: &Server) -> Result<Vec<Request>> {
    let mut requests = Vec::new();
    for number in 0..CLIENTS {
        let account = server.register(&format!("company-{number}")).await?;
        requests.push(login_request(&account.email));
    }
    Ok(requests)
}

/// Hashes per second with all processors, with the parameters that the server uses. As in the server each thread keeps its
/// memory: taking it anew for each hash would make the comparison easy.
fn bare(duration: Duration) -> Result<f64> {
    let argon2 = argon2()?;
    let (stop, hashed) = (AtomicBool::new(false), AtomicUsize::new(0));
    let begun = Instant::now();
    std::thread::scope(|scope| {
        for _ in 0..processors() {
            scope.spawn(|| hash_until(&stop, &hashed, &argon2));
        }
        std::thread::sleep(duration);
        stop.store(true, Ordering::Relaxed);
    });
    Ok(as_f64(hashed.load(Ordering::Relaxed)) / begun.elapsed().as_secs_f64())
}

fn hash_until(stop: &AtomicBool, hashed: &AtomicUsize, argon2: &Argon2<'_>) {
    let mut memory = vec![Block::default(); argon2.params().block_count()];
    let mut output = [0; Params::DEFAULT_OUTPUT_LEN];
    while !stop.load(Ordering::Relaxed) {
        let (password, salt) = (b"SecurePass123", b"sixteen bytes...");
        if argon2.hash_password_into_with_memory(password, salt, &mut output, &mut memory).is_ok() {
            std::hint::black_box(output);
            hashed.fetch_add(1, Ordering::Relaxed);
        }
    }
}

fn argon2() -> Result<Argon2<'static>> {
    let params = Params::new(19_456, 2, 1, None).map_err(|error| anyhow!("unusable parameters: {error}"))?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

/// The hash of a password as the server keeps it.
pub(crate) fn hash(password: &str) -> Result<String> {
    let hash = argon2()?.hash_password(password.as_bytes()).map_err(|error| anyhow!("hashing failed: {error}"))?;
    Ok(hash.to_string())
}
