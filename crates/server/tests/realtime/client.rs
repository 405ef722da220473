//! A small Socket.IO client over a WebSocket: Engine.IO 4, Socket.IO 5, text only.

use std::net::SocketAddr;
use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::net::{TcpSocket, TcpStream};
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::{self, Message};
use tokio_tungstenite::{WebSocketStream, client_async};

use crate::support::{Node, Person};

const PATIENCE: Duration = Duration::from_secs(10);

/// What a client hears.
#[derive(Debug, PartialEq)]
pub(crate) enum Heard {
    /// An event with its argument.
    Event(String, Value),
    /// The server disconnected it from the namespace.
    Disconnected,
    /// The connection is gone.
    Closed,
}

/// A connection to a namespace.
pub(crate) struct Client {
    socket: WebSocketStream<TcpStream>,
    namespace: String,
}

impl Client {
    /// Connects to `/ws` and is let in.
    pub(crate) async fn connect(node: &Node, person: &Person) -> Self {
        let mut client = Self::knock(node, "/ws", json!({"token": person.token})).await;
        let connected = client.expect("connected").await;
        assert_eq!(connected["user_id"], json!(person.user));
        client
    }

    /// Connects to a namespace and shows `auth`, whatever comes of it.
    pub(crate) async fn knock(node: &Node, namespace: &str, auth: Value) -> Self {
        Self::knock_in("en", node, namespace, auth).await
    }

    pub(crate) async fn knock_in(language: &str, node: &Node, namespace: &str, auth: Value) -> Self {
        let mut client = Self::open(node.address, language).await.expect("the server takes connections");
        client.namespace = namespace.to_owned();
        let prefix = client.prefix();
        client.send(&format!("40{prefix}{auth}")).await;
        let answer = client.text().await.expect("an answer comes");
        assert!(answer.starts_with(&format!("40{prefix}{{\"sid\":")), "{answer}");
        client
    }

    /// Opens a connection without asking for a namespace. It reads into a small buffer.
    pub(crate) async fn open(address: SocketAddr, language: &str) -> Result<Self, tungstenite::Error> {
        let socket = TcpSocket::new_v4().expect("a socket can be made");
        socket.set_recv_buffer_size(8192).expect("its buffer can be small");
        let stream = socket.connect(address).await.expect("the server listens");
        stream.set_nodelay(true).expect("small packets go at once");
        let url = format!("ws://{address}/socket.io/?EIO=4&transport=websocket");
        let mut request = url.into_client_request().expect("the address is good");
        request.headers_mut().insert("accept-language", language.parse().expect("a header"));
        let (socket, _) = client_async(request, stream).await?;
        let mut client = Self { socket, namespace: "/".to_owned() };
        let opening = client.text().await.expect("the connection is opened");
        assert!(opening.starts_with("0{"), "{opening}");
        Ok(client)
    }

    fn prefix(&self) -> String {
        if self.namespace == "/" { String::new() } else { format!("{},", self.namespace) }
    }

    pub(crate) async fn send(&mut self, text: &str) {
        self.socket.send(Message::text(text)).await.expect("the server reads");
    }

    pub(crate) async fn emit(&mut self, event: &str, argument: &Value) {
        let text = format!("42{}{}", self.prefix(), json!([event, argument]));
        self.send(&text).await;
    }

    /// The next text that is no ping; none once the connection is gone.
    pub(crate) async fn text(&mut self) -> Option<String> {
        loop {
            let message = tokio::time::timeout(PATIENCE, self.socket.next()).await.expect("something comes");
            match message {
                Some(Ok(Message::Text(text))) if text.as_str() == "2" => self.send("3").await,
                Some(Ok(Message::Text(text))) => return Some(text.to_string()),
                Some(Ok(Message::Close(_)) | Err(_)) | None => return None,
                Some(Ok(_)) => {}
            }
        }
    }

    /// What comes next.
    pub(crate) async fn hear(&mut self) -> Heard {
        let Some(text) = self.text().await else { return Heard::Closed };
        let prefix = self.prefix();
        if text == "1" {
            return Heard::Closed;
        }
        if text == format!("41{prefix}") {
            return Heard::Disconnected;
        }
        let event = text.strip_prefix(&format!("42{prefix}")).expect("an event of our namespace");
        let (name, argument): (String, Value) = serde_json::from_str(event).expect("a name and one argument");
        assert!(argument["event_id"].is_string(), "{name} has no event_id: {argument}");
        Heard::Event(name, argument)
    }

    /// The argument of the next event, which has to be this one.
    pub(crate) async fn expect(&mut self, event: &str) -> Value {
        match self.hear().await {
            Heard::Event(name, argument) if name == event => argument,
            other => panic!("{event} was expected, not {other:?}"),
        }
    }

    /// The argument of the next event of this name; others are passed over.
    pub(crate) async fn wait_for(&mut self, event: &str) -> Value {
        loop {
            match self.hear().await {
                Heard::Event(name, argument) if name == event => return argument,
                Heard::Event(..) => {}
                other => panic!("{event} was expected, not {other:?}"),
            }
        }
    }

    /// The events that come until nothing comes for a moment.
    pub(crate) async fn gather(&mut self) -> Vec<(String, Value)> {
        let mut events = Vec::new();
        while let Ok(heard) = tokio::time::timeout(Duration::from_millis(500), self.hear()).await {
            match heard {
                Heard::Event(name, argument) => events.push((name, argument)),
                other => panic!("events were expected, not {other:?}"),
            }
        }
        events
    }

    /// Says goodbye.
    pub(crate) async fn leave(mut self) {
        let text = format!("41{}", self.prefix());
        self.send(&text).await;
        self.socket.close(None).await.expect("the connection closes");
    }

    /// Nothing comes for a moment.
    pub(crate) async fn expect_silence(&mut self) {
        let heard = tokio::time::timeout(Duration::from_millis(300), self.hear()).await;
        assert!(heard.is_err(), "silence was expected, not {heard:?}");
    }
}
