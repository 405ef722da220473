//! A thousand sockets that count what they hear and how long it took to reach them.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use futures_util::{StreamExt, TryStreamExt, stream};
use tokio::task::JoinSet;
use tokio::time::sleep;

use crate::server::Server;
use crate::socket::{Socket, event_of};

/// Sockets in a crowd.
pub(crate) const SOCKETS: usize = 1_000;
/// Sockets that one session may have.
const PER_SESSION: usize = 20;
/// Sockets that connect at a time.
const AT_A_TIME: usize = 20;
/// Events that one crowd can hear.
const EVENTS: usize = 20_000;
/// How long the last delivery may take.
const PATIENCE: Duration = Duration::from_secs(10);
/// The events that are counted.
const COUNTED: [&str; 2] = ["[\"job:updated\"", "[\"notification:new\""];

/// Connected sockets.
pub(crate) struct Crowd {
    shared: Arc<Shared>,
    listeners: JoinSet<()>,
}

struct Shared {
    begun: Instant,
    /// Of each event, when its cause was sent, in microseconds since `begun`.
    causes: Vec<AtomicU64>,
    caused: AtomicUsize,
    delivered: AtomicUsize,
    /// Milliseconds from cause to delivery.
    latencies: Mutex<Vec<f64>>,
    /// What the first socket heard.
    heard: Mutex<Vec<String>>,
}

/// The tokens of as many sessions as a crowd needs.
pub(crate) async fn tokens(server: &Server, email: &str) -> Result<Vec<String>> {
    let mut tokens = Vec::new();
    for _ in 0..SOCKETS / PER_SESSION {
        tokens.push(server.login(email).await?.token);
    }
    Ok(tokens)
}

impl Crowd {
    /// Connects a thousand sockets, with the tokens in turn.
    pub(crate) async fn connect(address: SocketAddr, tokens: &[String]) -> Result<Self> {
        let connecting =
            tokens.iter().cycle().take(SOCKETS).map(|token| async move { Socket::connect(address, token).await });
        let sockets: Vec<Socket> = stream::iter(connecting).buffer_unordered(AT_A_TIME).try_collect().await?;
        let shared = Arc::new(Shared::new());
        let mut listeners = JoinSet::new();
        for (number, socket) in sockets.into_iter().enumerate() {
            listeners.spawn(listen(socket, shared.clone(), number == 0));
        }
        Ok(Self { shared, listeners })
    }

    /// Notes that the next `events` events are caused now.
    pub(crate) fn cause(&self, events: usize) {
        let first = self.shared.caused.fetch_add(events, Ordering::Relaxed);
        let now = self.shared.now();
        self.shared.causes[first..first + events].iter().for_each(|cause| cause.store(now, Ordering::Relaxed));
    }

    /// Waits until every socket heard every event; how long each delivery took in milliseconds.
    pub(crate) async fn deliveries(&self) -> Result<Vec<f64>> {
        let wanted = self.shared.caused.load(Ordering::Relaxed) * SOCKETS;
        let begun = Instant::now();
        while self.shared.delivered.load(Ordering::Relaxed) < wanted {
            let delivered = self.shared.delivered.load(Ordering::Relaxed);
            ensure!(begun.elapsed() < PATIENCE, "{} of {wanted} deliveries are missing", wanted - delivered);
            sleep(Duration::from_millis(5)).await;
        }
        Ok(std::mem::take(&mut self.shared.latencies.lock().unwrap_or_else(PoisonError::into_inner)))
    }

    /// The events that the first socket heard, each as a JSON list of name and argument.
    pub(crate) fn heard(&self) -> Vec<String> {
        self.shared.heard.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Hangs up.
    pub(crate) async fn leave(mut self) {
        self.listeners.shutdown().await;
    }
}

impl Shared {
    fn new() -> Self {
        Self {
            begun: Instant::now(),
            causes: (0..EVENTS).map(|_| AtomicU64::new(0)).collect(),
            caused: AtomicUsize::new(0),
            delivered: AtomicUsize::new(0),
            latencies: Mutex::default(),
            heard: Mutex::default(),
        }
    }

    fn now(&self) -> u64 {
        u64::try_from(self.begun.elapsed().as_micros()).unwrap_or(u64::MAX)
    }

    fn note(&self, number: usize) {
        let Some(cause) = self.causes.get(number) else { return };
        let taken = Duration::from_micros(self.now().saturating_sub(cause.load(Ordering::Relaxed)));
        self.latencies.lock().unwrap_or_else(PoisonError::into_inner).push(taken.as_secs_f64() * 1000.0);
        self.delivered.fetch_add(1, Ordering::Relaxed);
    }
}

/// Listens until the connection ends; deliveries that are missing then are noticed by [`Crowd::deliveries`].
async fn listen(mut socket: Socket, shared: Arc<Shared>, is_first: bool) {
    let mut number = 0;
    while let Ok(packet) = socket.event().await {
        let event = event_of(&packet);
        if !COUNTED.iter().any(|name| event.starts_with(name)) {
            continue;
        }
        shared.note(number);
        number += 1;
        if is_first {
            shared.heard.lock().unwrap_or_else(PoisonError::into_inner).push(event.to_owned());
        }
    }
}
