//! Live events, from a server that does not keep its connections.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use erpmax_client::types::provisioning::JobStatus;
use erpmax_client::{ApiClient, Update};
use futures_util::{SinkExt, StreamExt, TryStreamExt};
use serde_json::{Value, json};
use tokio::net::{TcpListener, TcpStream};
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
