//! A client's socket: Socket.IO over a WebSocket. It comes back with the same token whenever its connection breaks.

use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio::task::JoinHandle;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{WebSocketStream, client_async};

use super::until;

const PATIENCE: Duration = Duration::from_secs(30);
/// The pause before another try to connect.
const PAUSE: Duration = Duration::from_millis(50);

/// An event, and in which connection it was heard.
#[derive(Clone, Debug)]
pub struct Heard {
    pub connection: u32,
    pub name: String,
    pub payload: Value,
}

/// A socket in the namespace `/ws` that remembers all it hears.
pub struct Listener {
    heard: Arc<Mutex<Vec<Heard>>>,
    task: JoinHandle<()>,
}

impl Listener {
    /// Connects with an access token, and is let in.
    pub async fn connect(port: u16, token: &str) -> Self {
        let heard = Arc::new(Mutex::new(Vec::new()));
        let ear = Ear { port, token: token.to_owned(), heard: heard.clone() };
        let listener = Self { heard, task: tokio::spawn(ear.listen()) };
        listener.wait_for("connected", |_| true).await;
        listener
    }

    /// The first event `name` whose payload is as wanted, whether it was heard or is to come.
    pub async fn wait_for(&self, name: &str, wanted: impl Fn(&Value) -> bool) -> Value {
        let wanted = &wanted;
        let look = async || self.events(name).into_iter().map(|heard| heard.payload).find(wanted);
        until(&format!("the event {name}"), PATIENCE, look).await
    }

    /// All events `name` so far.
    pub fn events(&self, name: &str) -> Vec<Heard> {
        lock(&self.heard).iter().filter(|heard| heard.name == name).cloned().collect()
    }

    /// Everything so far.
    pub fn all(&self) -> Vec<Heard> {
        lock(&self.heard).clone()
    }

    /// Forgets what was heard so far.
    pub fn forget(&self) {
        lock(&self.heard).clear();
    }

    /// Whether the server sent this socket away for good: clients do not come back by themselves then.
    pub fn was_sent_away(&self) -> bool {
        !self.events("disconnect").is_empty()
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        self.task.abort();
    }
}

struct Ear {
    port: u16,
    token: String,
    heard: Arc<Mutex<Vec<Heard>>>,
}

impl Ear {
    async fn listen(self) {
        for connection in 1.. {
            if self.hear(connection).await.is_some() {
                return;
            }
            tokio::time::sleep(PAUSE).await;
        }
    }

    /// Hears one connection to its end; `Some` once the server has sent us away.
    async fn hear(&self, connection: u32) -> Option<()> {
        let mut socket = self.open().await?;
        loop {
            let Message::Text(packet) = socket.next().await?.ok()? else { continue };
            match packet.as_str() {
                "2" => socket.send(Message::text("3")).await.ok()?,
                "1" => return None,
                "41/ws," => {
                    self.note(connection, "disconnect", Value::Null);
                    return Some(());
                }
                packet => self.take(connection, packet),
            }
        }
    }

    async fn open(&self) -> Option<WebSocketStream<TcpStream>> {
        let stream = TcpStream::connect(("127.0.0.1", self.port)).await.ok()?;
        let url = format!("ws://127.0.0.1:{}/socket.io/?EIO=4&transport=websocket", self.port);
        let (mut socket, _) = client_async(url, stream).await.ok()?;
        socket.next().await?.ok()?;
        let entry = format!("40/ws,{}", json!({"token": self.token}));
        socket.send(Message::text(entry)).await.ok()?;
        Some(socket)
    }

    fn take(&self, connection: u32, packet: &str) {
        let Some(event) = packet.strip_prefix("42/ws,") else { return };
        let event: Value = serde_json::from_str(event).expect("an event is JSON");
        let name = event[0].as_str().expect("an event has a name");
        self.note(connection, name, event[1].clone());
    }

    fn note(&self, connection: u32, name: &str, payload: Value) {
        lock(&self.heard).push(Heard { connection, name: name.to_owned(), payload });
    }
}

fn lock(heard: &Mutex<Vec<Heard>>) -> MutexGuard<'_, Vec<Heard>> {
    heard.lock().expect("nobody panicked while holding it")
}
