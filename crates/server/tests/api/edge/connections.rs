//! The loop that serves connections: its limits, and its end.

use std::future;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::extract::Extension;
use axum::routing::get;
use axum::{Router, http};
use erpmax_server::{Listener, Peer, ServeSettings, Tls, serve};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

/// Longer than anything here takes.
const PATIENCE: Duration = Duration::from_secs(10);
/// Shorter than that, and long enough to see that nothing happens.
const MOMENT: Duration = Duration::from_millis(200);

struct Served {
    address: SocketAddr,
    shutdown: CancellationToken,
    /// Lets a request to `/slow` end.
    release: Arc<Notify>,
    end: JoinHandle<()>,
}

async fn served(settings: ServeSettings) -> Served {
    served_with(None, settings).await
}

async fn served_with(tls: Option<Arc<Tls>>, settings: ServeSettings) -> Served {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port is free");
    let address = listener.local_addr().expect("it has an address");
    let (shutdown, release) = (CancellationToken::new(), Arc::new(Notify::new()));
    let waiting = release.clone();
    let router = Router::new()
        .route("/peer", get(async |Extension(peer): Extension<Peer>| peer.address.to_string()))
        .route("/never", get(future::pending::<http::StatusCode>))
        .route("/slow", get(async move || waiting.notified().await));
    let end = tokio::spawn(serve(vec![Listener { tcp: listener, tls }], router, settings, shutdown.clone()));
    Served { address, shutdown, release, end }
}

impl Served {
    async fn connect(&self) -> TcpStream {
        TcpStream::connect(self.address).await.expect("it listens")
    }

    /// A connection that has asked for this.
    async fn ask(&self, path: &str) -> TcpStream {
        let mut stream = self.connect().await;
        let head = format!("GET {path} HTTP/1.1\r\nhost: localhost\r\n\r\n");
        stream.write_all(head.as_bytes()).await.expect("it reads");
        stream
    }
}

/// What comes next, as far as it has arrived; empty at the end.
async fn next(stream: &mut TcpStream) -> String {
    let mut bytes = vec![0; 4096];
    let length = tokio::time::timeout(PATIENCE, stream.read(&mut bytes)).await.expect("something comes");
    String::from_utf8_lossy(&bytes[..length.unwrap_or(0)]).into_owned()
}

async fn is_silent(stream: &mut TcpStream) -> bool {
    tokio::time::timeout(MOMENT, stream.read(&mut [0])).await.is_err()
}

async fn ended(served: Served) {
    tokio::time::timeout(PATIENCE, served.end).await.expect("it ends").expect("it ends well");
}

#[tokio::test]
async fn handlers_know_the_other_end() {
    let served = served(ServeSettings::default()).await;
    let mut stream = served.ask("/peer").await;
    let own = stream.local_addr().expect("it has an address").to_string();
    assert!(next(&mut stream).await.ends_with(&own));
}

#[tokio::test]
async fn at_the_end_running_requests_end_and_idle_connections_close() {
    let served = served(ServeSettings::default()).await;
    let mut idle = served.ask("/peer").await;
    assert!(next(&mut idle).await.starts_with("HTTP/1.1 200"));
    let mut running = served.ask("/slow").await;
    assert!(is_silent(&mut running).await);

    served.shutdown.cancel();
    assert_eq!(next(&mut idle).await, "");
    assert!(is_silent(&mut running).await && !served.end.is_finished());
    assert!(TcpStream::connect(served.address).await.is_err());

    served.release.notify_one();
    let answer = next(&mut running).await;
    assert!(answer.starts_with("HTTP/1.1 200") && answer.contains("connection: close"), "{answer}");
    ended(served).await;
}

#[tokio::test]
async fn what_does_not_end_in_time_is_not_waited_for() {
    let served = served(ServeSettings { drain_timeout: MOMENT, ..ServeSettings::default() }).await;
    let mut running = served.ask("/never").await;
    assert!(is_silent(&mut running).await);
    served.shutdown.cancel();
    ended(served).await;
}

#[tokio::test]
async fn heads_that_do_not_arrive_and_idle_connections_are_given_up() {
    let served = served(ServeSettings { header_timeout: MOMENT, ..ServeSettings::default() }).await;
    let mut half = served.connect().await;
    half.write_all(b"GET /peer HTTP/1.1\r\nhost: lo").await.expect("it reads");
    assert!(!next(&mut half).await.contains("200"));
    let mut idle = served.ask("/peer").await;
    assert!(next(&mut idle).await.starts_with("HTTP/1.1 200"));
    assert_eq!(next(&mut idle).await, "");
}

#[tokio::test]
async fn connections_over_the_limit_wait_for_a_place() {
    let served = served(ServeSettings { max_connections: 1, ..ServeSettings::default() }).await;
    let mut first = served.ask("/peer").await;
    assert!(next(&mut first).await.starts_with("HTTP/1.1 200"));
    let mut second = served.ask("/peer").await;
    assert!(is_silent(&mut second).await);
    drop(first);
    assert!(next(&mut second).await.starts_with("HTTP/1.1 200"));
}

#[tokio::test]
async fn connections_over_the_limit_of_an_address_are_closed() {
    let served = served(ServeSettings { max_per_address: 1, ..ServeSettings::default() }).await;
    let mut first = served.ask("/peer").await;
    assert!(next(&mut first).await.starts_with("HTTP/1.1 200"));
    let mut second = served.connect().await;
    assert_eq!(next(&mut second).await, "");
    drop(first);
    let deadline = Instant::now() + PATIENCE;
    while !next(&mut served.ask("/peer").await).await.starts_with("HTTP/1.1 200") {
        assert!(Instant::now() < deadline, "the place is free again");
    }
}

#[tokio::test]
async fn networks_without_a_limit_have_as_many_as_they_like() {
    let unlimited = vec!["127.0.0.0/8".parse().expect("a network")];
    let served = served(ServeSettings { max_per_address: 1, unlimited, ..ServeSettings::default() }).await;
    let (mut first, mut second) = (served.ask("/peer").await, served.ask("/peer").await);
    assert!(next(&mut first).await.starts_with("HTTP/1.1 200"));
    assert!(next(&mut second).await.starts_with("HTTP/1.1 200"));
}

/// A certificate of its own.
fn tls() -> Arc<Tls> {
    let folder = tempfile::tempdir().expect("a folder can be made");
    let pair = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).expect("a certificate can be made");
    let (certificate, key) = (folder.path().join("certificate.pem"), folder.path().join("key.pem"));
    std::fs::write(&certificate, pair.cert.pem()).expect("a file can be written");
    std::fs::write(&key, pair.signing_key.serialize_pem()).expect("a file can be written");
    Arc::new(Tls::load(&certificate, &key).expect("they are a pair"))
}

#[tokio::test]
async fn handshakes_that_do_not_come_are_given_up_and_hold_a_place_until_then() {
    let settings = ServeSettings { max_connections: 1, handshake_timeout: 3 * MOMENT, ..ServeSettings::default() };
    let served = served_with(Some(tls()), settings).await;
    let mut silent = served.connect().await;
    let mut second = served.ask("/peer").await;
    assert!(is_silent(&mut second).await, "the one place is taken");
    assert_eq!(next(&mut silent).await, "");
    assert!(!next(&mut second).await.is_empty(), "what is no handshake hears so");
}
