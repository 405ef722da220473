//! A server that speaks just enough HTTP to misbehave.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use erpmax_client::{ApiClient, Builder};
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::AbortHandle;

/// A request as it arrived.
#[derive(Clone, Debug)]
pub(crate) struct Seen {
    pub(crate) method: String,
    /// With the query.
    pub(crate) path: String,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl Seen {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(header, _)| header == name).map(|(_, value)| value.as_str())
    }

    /// The name of the access token that came along.
    pub(crate) fn token(&self) -> Option<&str> {
        self.header("authorization")?.strip_prefix("Bearer access-")
    }

    pub(crate) fn is_refresh(&self) -> bool {
        self.path == "/api/v1/auth/refresh"
    }
}

/// What the server does with a request.
pub(crate) enum Play {
    /// An answer with status, more header lines and body.
    Answer(u16, &'static str, String),
    /// These bytes, and the end.
    Raw(String),
    /// One byte of an answer every so often, for ever.
    Drip(Duration),
    /// Nothing for a while, then an empty answer with this status.
    Late(Duration, u16),
    /// The end, without a word.
    Close,
}

/// A success with this `data`.
pub(crate) fn envelope(data: &Value) -> Play {
    Play::Answer(200, "content-type: application/json\r\n", json!({"status": "success", "data": data}).to_string())
}

/// A refusal with this status and code.
pub(crate) fn refusal(status: u16, code: &str) -> Play {
    let body = json!({"status": "error", "error": {"message": code, "code": code}});
    Play::Answer(status, "content-type: application/json\r\n", body.to_string())
}

/// The server. Gone with its last clone.
#[derive(Clone)]
pub(crate) struct Hostile {
    pub(crate) address: SocketAddr,
    seen: Arc<Mutex<Vec<Seen>>>,
    _listening: Arc<Listening>,
}

struct Listening(AbortHandle);

impl Drop for Listening {
    fn drop(&mut self) {
        self.0.abort();
    }
}

impl Hostile {
    /// Starts one that does with each request what `play` says.
    pub(crate) async fn start(play: impl Fn(&Seen) -> Play + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a port is free");
        let address = listener.local_addr().expect("it has an address");
        let (seen, play) = (Arc::<Mutex<Vec<Seen>>>::default(), Arc::new(play));
        let noted = seen.clone();
        let listening = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (noted, play) = (noted.clone(), play.clone());
                tokio::spawn(async move {
                    let mut stream = BufReader::new(stream);
                    let Some(request) = read(&mut stream).await else { return };
                    noted.lock().expect("nobody panics").push(request.clone());
                    carry_out(&mut stream, play(&request)).await;
                });
            }
        });
        Self { address, seen, _listening: Arc::new(Listening(listening.abort_handle())) }
    }

    /// Every request so far.
    pub(crate) fn seen(&self) -> Vec<Seen> {
        self.seen.lock().expect("nobody panics").clone()
    }

    pub(crate) fn refreshes(&self) -> usize {
        self.seen().iter().filter(|seen| seen.is_refresh()).count()
    }

    pub(crate) fn builder(&self) -> Builder {
        ApiClient::builder(&format!("http://{}", self.address))
    }
}

async fn read(stream: &mut BufReader<TcpStream>) -> Option<Seen> {
    let mut lines = Vec::new();
    loop {
        let mut line = String::new();
        if stream.read_line(&mut line).await.ok()? == 0 {
            return None;
        }
        match line.trim_end() {
            "" => break,
            line => lines.push(line.to_owned()),
        }
    }
    let mut words = lines.first()?.split(' ').map(str::to_owned);
    let (method, path) = (words.next()?, words.next()?);
    let headers = lines[1..].iter().filter_map(|line| line.split_once(": "));
    let headers: Vec<_> = headers.map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned())).collect();
    let mut seen = Seen { method, path, headers, body: Vec::new() };
    let length = seen.header("content-length").and_then(|length| length.parse().ok()).unwrap_or(0);
    seen.body = vec![0; length];
    stream.read_exact(&mut seen.body).await.ok()?;
    Some(seen)
}

async fn carry_out(stream: &mut BufReader<TcpStream>, play: Play) {
    match play {
        Play::Answer(status, headers, body) => {
            let length = body.len();
            let head = format!("HTTP/1.1 {status} X\r\n{headers}content-length: {length}\r\nconnection: close\r\n\r\n");
            let _ = stream.write_all((head + &body).as_bytes()).await;
        }
        Play::Raw(bytes) => drop(stream.write_all(bytes.as_bytes()).await),
        Play::Drip(pause) => {
            let head = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 100000\r\n\r\n";
            let mut alive = stream.write_all(head.as_bytes()).await.is_ok();
            while alive {
                alive = stream.write_all(b" ").await.is_ok();
                tokio::time::sleep(pause).await;
            }
        }
        Play::Late(pause, status) => {
            tokio::time::sleep(pause).await;
            let head = format!("HTTP/1.1 {status} X\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
            let _ = stream.write_all(head.as_bytes()).await;
        }
        Play::Close => {}
    }
    let _ = stream.shutdown().await;
}
