//! One Socket.IO client over WebSocket, in namespace `/ws`.

use std::net::SocketAddr;
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use futures_util::{SinkExt, StreamExt};
use serde_json::json;
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::tungstenite::{Message, Utf8Bytes};
use tokio_tungstenite::{WebSocketStream, client_async_with_config};

const EVENT: &str = "42/ws,";
const PATIENCE: Duration = Duration::from_secs(20);

/// A connected socket.
pub(crate) struct Socket {
    stream: WebSocketStream<TcpStream>,
}

impl Socket {
    /// Connects with an access token and waits for `connected`.
    pub(crate) async fn connect(address: SocketAddr, token: &str) -> Result<Self> {
        timeout(PATIENCE, Self::try_connect(address, token)).await.context("connecting takes too long")?
    }

    async fn try_connect(address: SocketAddr, token: &str) -> Result<Self> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        let url = format!("ws://{address}/socket.io/?EIO=4&transport=websocket");
        let settings = WebSocketConfig::default().read_buffer_size(4096).write_buffer_size(0);
        let (stream, _) = client_async_with_config(url, stream, Some(settings)).await?;
        let mut socket = Self { stream };
        let opening = socket.text().await?;
        ensure!(opening.starts_with("0{"), "the connection is not opened: {opening}");
        socket.send(&format!("40/ws,{}", json!({"token": token}))).await?;
        let answer = socket.text().await?;
        ensure!(answer.starts_with("40/ws,"), "the socket is not let in: {answer}");
        let greeting = socket.event().await?;
        ensure!(event_of(&greeting).starts_with("[\"connected\""), "the socket is not greeted: {greeting}");
        Ok(socket)
    }

    /// The next event, as the whole packet.
    pub(crate) async fn event(&mut self) -> Result<Utf8Bytes> {
        loop {
            let text = self.text().await?;
            if text.starts_with(EVENT) {
                return Ok(text);
            }
        }
    }

    async fn text(&mut self) -> Result<Utf8Bytes> {
        loop {
            match self.stream.next().await.context("the connection ended")?? {
                Message::Text(text) if text.as_str() == "2" => self.send("3").await?,
                Message::Text(text) => return Ok(text),
                Message::Close(_) => bail!("the server closed the connection"),
                _ => {}
            }
        }
    }

    async fn send(&mut self, text: &str) -> Result<()> {
        Ok(self.stream.send(Message::text(text)).await?)
    }
}

/// Name and argument of an event, as a JSON list.
pub(crate) fn event_of(packet: &str) -> &str {
    packet.strip_prefix(EVENT).unwrap_or_default()
}
