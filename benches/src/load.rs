//! Two ways to put load on a server: a closed loop sends the next request when the last one was answered, an open loop sends
//! at a fixed rate whatever happens.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use tokio::sync::Mutex;
use tokio::task::JoinSet;
use tokio::time::{MissedTickBehavior, interval};

use crate::http::{Connection, Request};
use crate::statistics::as_f64;

/// Requests per second of `clients` connections that each send the requests in turn, for `duration`.
pub(crate) async fn closed(
    address: SocketAddr,
    requests: &[Request],
    clients: usize,
    duration: Duration,
) -> Result<f64> {
    let loops = ClosedLoops::start(address, requests, clients).await?;
    let begun = Instant::now();
    tokio::time::sleep(duration).await;
    let answered = loops.stop().await?;
    Ok(as_f64(answered) / begun.elapsed().as_secs_f64())
}

/// Connections that send requests until they are stopped.
pub(crate) struct ClosedLoops {
    stop: Arc<AtomicBool>,
    clients: JoinSet<Result<usize>>,
}

impl ClosedLoops {
    /// Connects the clients and lets them begin.
    pub(crate) async fn start(address: SocketAddr, requests: &[Request], clients: usize) -> Result<Self> {
        let requests: Arc<[Request]> = requests.into();
        let stop = Arc::new(AtomicBool::new(false));
        let mut tasks = JoinSet::new();
        let mut connections = Vec::new();
        for _ in 0..clients {
            connections.push(Connection::open(address).await?);
        }
        for (number, connection) in connections.into_iter().enumerate() {
            tasks.spawn(send_in_turn(connection, requests.clone(), number, stop.clone()));
        }
        Ok(Self { stop, clients: tasks })
    }

    /// Ends the loops; how many requests were answered.
    pub(crate) async fn stop(mut self) -> Result<usize> {
        self.stop.store(true, Ordering::Relaxed);
        let mut answered = 0;
        while let Some(client) = self.clients.join_next().await {
            answered += client??;
        }
        Ok(answered)
    }
}

async fn send_in_turn(
    mut connection: Connection,
    requests: Arc<[Request]>,
    first: usize,
    stop: Arc<AtomicBool>,
) -> Result<usize> {
    let mut answered = 0;
    while !stop.load(Ordering::Relaxed) {
        let status = connection.send(&requests[(first + answered) % requests.len()]).await?.status;
        ensure!(status == 200, "a request was answered {status}");
        answered += 1;
    }
    Ok(answered)
}

/// Milliseconds that each answer took, counted from the moment its request was due.
pub(crate) async fn open(
    address: SocketAddr,
    request: &Request,
    per_second: u32,
    duration: Duration,
) -> Result<Vec<f64>> {
    let idle = Arc::new(Mutex::new(Vec::new()));
    let mut ticks = interval(Duration::from_secs(1) / per_second);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Burst);
    let mut requests = JoinSet::new();
    let begun = Instant::now();
    while begun.elapsed() < duration {
        let due = ticks.tick().await.into_std();
        requests.spawn(send_at(address, request.clone(), due, idle.clone()));
    }
    let mut latencies = Vec::new();
    while let Some(latency) = requests.join_next().await {
        latencies.push(latency??);
    }
    Ok(latencies)
}

async fn send_at(
    address: SocketAddr,
    request: Request,
    due: Instant,
    idle: Arc<Mutex<Vec<Connection>>>,
) -> Result<f64> {
    let kept = idle.lock().await.pop();
    let mut connection = match kept {
        Some(connection) => connection,
        None => Connection::open(address).await?,
    };
    let status = connection.send(&request).await?.status;
    let latency = due.elapsed();
    ensure!(status == 200, "a request was answered {status}");
    idle.lock().await.push(connection);
    Ok(latency.as_secs_f64() * 1000.0)
}
