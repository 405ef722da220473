//! Live events, from a server that does not keep its connections.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};
use std::time::Duration;

use erpmax_client::transport::{BoxFuture, Stream, Target, Transport};
use erpmax_client::types::provisioning::JobStatus;
use erpmax_client::{ApiClient, Patience, Update};
use futures_util::{SinkExt, StreamExt, TryStreamExt};
use serde_json::{Value, json};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::Instant;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;

use crate::support::{Hostile, Play, Seen, envelope, refusal, signed_in};

const ID: &str = "019ab000-0000-7000-8000-000000000001";
const PATIENCE: Duration = Duration::from_secs(30);

type Socket = WebSocketStream<TcpStream>;

/// A server of sockets that lets everybody in, tells `events` each time, and drops the connection after `lifetime`.
async fn dropping(lifetime: Duration, events: Vec<String>) -> (SocketAddr, Arc<AtomicUsize>) {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a port is free");
    let address = listener.local_addr().expect("it has an address");
    let connections = Arc::<AtomicUsize>::default();
    let count = connections.clone();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            count.fetch_add(1, Ordering::SeqCst);
            let events = events.clone();
            tokio::spawn(async move {
                let Ok(mut socket) = tokio_tungstenite::accept_async(stream).await else { return };
                let _ = tokio::time::timeout(lifetime, welcome(&mut socket, &events)).await;
            });
        }
    });
    (address, connections)
}

async fn welcome(socket: &mut Socket, events: &[String]) {
    say(socket, r#"0{"sid":"x","upgrades":[],"pingInterval":200,"pingTimeout":300,"maxPayload":100000}"#).await;
    let _join = socket.next().await;
    say(socket, r#"40/ws,{"sid":"x"}"#).await;
    say(socket, &format!(r#"42/ws,["connected",{{"message":"hi","user_id":"{ID}","tenant_id":"{ID}"}}]"#)).await;
    for event in events {
        say(socket, event).await;
    }
    loop {
        tokio::time::sleep(Duration::from_millis(150)).await;
        say(socket, "2").await;
    }
}

async fn say(socket: &mut Socket, text: &str) {
    let _ = socket.send(Message::text(text)).await;
}

fn client(address: SocketAddr) -> ApiClient {
    ApiClient::builder(&format!("http://{address}")).token_store(signed_in("old")).build().expect("a client")
}

fn expiring(number: u32) -> String {
    format!(
        r#"42/ws,["subscription:expiring",{{"event_id":"019ab000-0000-7000-8000-{number:012}","days_left":{number}}}]"#
    )
}

/// What is told until `enough` of it was, in a word each.
async fn told(client: &ApiClient, enough: usize) -> Vec<&'static str> {
    let updates = client.realtime().events().take(enough).map_ok(|update| match update {
        Update::Connected(_) => "connected",
        Update::Interrupted { .. } => "interrupted",
        Update::Gap { .. } => "gap",
        Update::Event { .. } => "event",
        Update::Unknown { .. } => "unknown",
        _ => "other",
    });
    tokio::time::timeout(PATIENCE, updates.try_collect()).await.expect("enough is told").expect("no error")
}

#[tokio::test]
async fn sockets_that_drop_are_replaced_gaps_are_told_and_nothing_is_told_twice() {
    let events = vec![expiring(7), expiring(3), expiring(7)];
    let (address, connections) = dropping(Duration::from_secs(1), events).await;
    let told = told(&client(address), 9).await;
    let expected =
        ["connected", "event", "event", "interrupted", "connected", "gap", "interrupted", "connected", "gap"];
    assert_eq!(told, expected);
    assert_eq!(connections.load(Ordering::SeqCst), 3);
}

#[tokio::test]
async fn what_is_not_known_is_handed_on_as_it_came() {
    let strange = r#"42/ws,["moon:full",{"event_id":"019ab000-0000-7000-8000-000000000001"}]"#.to_owned();
    let broken = r#"42/ws,["job:updated",{"job":{"id":1}}]"#.to_owned();
    let (address, _) = dropping(Duration::from_secs(20), vec![strange, broken]).await;
    assert_eq!(told(&client(address), 3).await, ["connected", "unknown", "unknown"]);
}

#[tokio::test]
async fn a_server_that_falls_silent_is_left() {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a port is free");
    let address = listener.local_addr().expect("it has an address");
    tokio::spawn(async move {
        let mut silent = Vec::new();
        while let Ok((stream, _)) = listener.accept().await {
            let mut socket = tokio_tungstenite::accept_async(stream).await.expect("a client");
            // Lets in, and says nothing more: `welcome` is given up before its first ping.
            let _ = tokio::time::timeout(Duration::from_millis(100), welcome(&mut socket, &[])).await;
            silent.push(socket);
        }
    });
    assert_eq!(told(&client(address), 4).await, ["connected", "interrupted", "connected", "gap"]);
}

#[tokio::test]
async fn a_refusal_that_is_not_known_is_not_taken_for_an_old_token() {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a port is free");
    let address = listener.local_addr().expect("it has an address");
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let Ok(mut socket) = tokio_tungstenite::accept_async(stream).await else { continue };
            say(&mut socket, OPENING).await;
            let _join = socket.next().await;
            say(&mut socket, r#"42/ws,["error",{"message":"The moon is full.","code":"moon_full"}]"#).await;
        }
    });
    let mut events = client(address).realtime().events();
    let first = tokio::time::timeout(PATIENCE, events.try_next()).await.expect("it is told").expect("it goes on");
    let Some(Update::Interrupted { reason }) = first else { panic!("{first:?}") };
    assert_eq!(reason.refusal().map(|refusal| refusal.word.as_str()), Some("moon_full"), "{reason:?}");
}

/// Waits long for pings, so that none comes between what a test says.
const OPENING: &str = r#"0{"sid":"x","upgrades":[],"pingInterval":25000,"pingTimeout":20000,"maxPayload":100000}"#;

/// A connection over which writing fails once, after it was told to.
struct Brittle {
    stream: TcpStream,
    breaks: Arc<AtomicBool>,
}

impl AsyncRead for Brittle {
    fn poll_read(mut self: Pin<&mut Self>, context: &mut Context<'_>, to: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(context, to)
    }
}

impl AsyncWrite for Brittle {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        if self.breaks.swap(false, Ordering::SeqCst) {
            return Poll::Ready(Err(io::ErrorKind::BrokenPipe.into()));
        }
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

/// Opens brittle connections.
struct Brittles(Arc<AtomicBool>);

impl Transport for Brittles {
    fn connect(&self, target: &Target) -> BoxFuture<'static, io::Result<Stream>> {
        let (address, breaks) = ((target.host.clone(), target.port), self.0.clone());
        Box::pin(async move { Ok(Stream::new(Brittle { stream: TcpStream::connect(address).await?, breaks })) })
    }
}

/// A server that confirms what is marked as read.
async fn confirming() -> SocketAddr {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a port is free");
    let address = listener.local_addr().expect("it has an address");
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let Ok(mut socket) = tokio_tungstenite::accept_async(stream).await else { continue };
            tokio::spawn(async move {
                say(&mut socket, OPENING).await;
                let _join = socket.next().await;
                let (user, read) =
                    (json!({"message": "hi", "user_id": ID, "tenant_id": ID}), json!({"notification_id": ID}));
                say(&mut socket, &format!(r#"42/ws,["connected",{user}]"#)).await;
                while let Some(Ok(_)) = socket.next().await {
                    say(&mut socket, &format!(r#"42/ws,["notification_read_confirmed",{read}]"#)).await;
                }
            });
        }
    });
    address
}

#[tokio::test]
async fn what_could_not_be_said_is_said_over_the_next_connection() {
    let (address, breaks) = (confirming().await, Arc::<AtomicBool>::default());
    let builder = ApiClient::builder(&format!("http://{address}")).token_store(signed_in("old"));
    let client = builder.transport(Brittles(breaks.clone())).build().expect("a client");
    let mut events = client.realtime().events();
    let marking = async {
        let first = events.try_next().await.expect("no error");
        assert!(matches!(first, Some(Update::Connected(_))), "{first:?}");
        breaks.store(true, Ordering::SeqCst);
        events.mark_read(ID.parse().expect("an id"));
        let mut told = Vec::new();
        while !matches!(told.last(), Some(Update::Read(_))) {
            told.extend(events.try_next().await.expect("no error"));
        }
        told
    };
    let told = tokio::time::timeout(PATIENCE, marking).await.expect("it is confirmed");
    assert!(matches!(told[0], Update::Interrupted { .. }), "the first connection broke: {told:?}");
}

/// Takes longer than a good connection holds, and then comes to nothing.
struct Sluggish(Arc<Mutex<Vec<Instant>>>);

impl Transport for Sluggish {
    fn connect(&self, _target: &Target) -> BoxFuture<'static, io::Result<Stream>> {
        let begun = self.0.clone();
        Box::pin(async move {
            begun.lock().expect("nobody panicked").push(Instant::now());
            tokio::time::sleep(SLUGGISH).await;
            Err(io::ErrorKind::TimedOut.into())
        })
    }
}

const SLUGGISH: Duration = Duration::from_secs(40);

#[tokio::test(start_paused = true)]
async fn connecting_for_long_in_vain_is_no_good_connection() {
    let begun = Arc::<Mutex<Vec<Instant>>>::default();
    let builder = ApiClient::builder("http://localhost:1").token_store(signed_in("old"));
    let builder = builder.transport(Sluggish(begun.clone())).connect_timeout(2 * SLUGGISH);
    let _events = builder.build().expect("a client").realtime().events();
    tokio::time::sleep(6 * SLUGGISH).await;
    let begun = begun.lock().expect("nobody panicked").clone();
    let last = begun[4] - begun[3];
    assert!(last >= SLUGGISH + Duration::from_secs(4), "the pauses grow: {last:?}");
}

#[tokio::test]
async fn a_watcher_leaves_a_server_alone_for_as_long_as_it_asks() {
    let readings = Arc::<Mutex<Vec<Instant>>>::default();
    let noted = readings.clone();
    let hostile = Hostile::start(move |seen: &Seen| {
        if seen.path.starts_with("/socket.io") {
            return Play::Close;
        }
        let mut readings = noted.lock().expect("nobody panicked");
        readings.push(Instant::now());
        match readings.len() {
            1 => Play::Answer(429, "retry-after: 4\r\n", String::new()),
            _ => envelope(&job(100, "completed")),
        }
    });
    let hostile = hostile.await;
    let client = hostile.builder().token_store(signed_in("old")).patience(Patience::NONE).build().expect("a client");
    let watch = client.provisioning().watch(ID.parse().expect("an id")).finished();
    tokio::time::timeout(PATIENCE, watch).await.expect("it ends").expect("no error");
    let readings = readings.lock().expect("nobody panicked");
    assert!(readings[1] - readings[0] >= Duration::from_secs(4), "{:?}", readings[1] - readings[0]);
}

fn job(progress: u64, status: &str) -> Value {
    json!({"id": ID, "tenant_id": ID, "status": status, "job_type": "create_site", "progress": progress, "attempt": 1,
        "created_at": "2026-11-24T09:30:00Z"})
}

/// A server without sockets, whose job gets on each time that it is read.
async fn without_sockets(socket: fn() -> Play) -> Hostile {
    let readings = AtomicUsize::new(0);
    Hostile::start(move |seen: &Seen| {
        if seen.path.starts_with("/socket.io") {
            return socket();
        }
        match readings.fetch_add(1, Ordering::SeqCst) {
            0 => envelope(&job(20, "running")),
            // An answer that was overtaken.
            1 => envelope(&job(10, "running")),
            2 => refusal(500, "internal"),
            _ => envelope(&job(100, "completed")),
        }
    })
    .await
}

#[tokio::test]
async fn a_watcher_ends_though_websockets_are_blocked() {
    let blocked: [fn() -> Play; 3] = [
        || Play::Answer(403, "content-type: text/html\r\n", "<h1>Blocked</h1>".to_owned()),
        || Play::Close,
        || Play::Drip(Duration::from_millis(50)),
    ];
    let watchers = blocked.map(|socket| async move {
        let hostile = without_sockets(socket).await;
        let client = hostile.builder().token_store(signed_in("old")).build().expect("a client");
        let watch = client.provisioning().watch(ID.parse().expect("an id"));
        let watched = tokio::time::timeout(PATIENCE, watch.try_collect::<Vec<_>>()).await;
        let watched = watched.expect("it ends").expect("no error");
        let seen: Vec<_> = watched.iter().map(|job| (job.progress, job.status)).collect();
        assert_eq!(seen, [(20, JobStatus::Running), (100, JobStatus::Completed)]);
    });
    futures_util::future::join_all(watchers).await;
}

#[tokio::test]
async fn a_watcher_ends_when_nobody_is_signed_in_any_more() {
    let hostile = Hostile::start(|_| refusal(401, "unauthorized")).await;
    let client = hostile.builder().token_store(signed_in("old")).build().expect("a client");
    let watch = client.provisioning().watch(ID.parse().expect("an id")).finished();
    tokio::time::timeout(PATIENCE, watch).await.expect("it ends").expect_err("nobody is signed in");
    assert_eq!(hostile.refreshes(), 1);
}
