//! One connection: opened, joined, listened to.

use std::time::Duration;

use erpmax_types::events::Connected;
use futures_util::{SinkExt, StreamExt};
use http::StatusCode;
use http::header::{ACCEPT_LANGUAGE, USER_AGENT};
use serde_json::{Value, json};
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::tungstenite::{self, Message};
use tokio_tungstenite::{WebSocketStream, client_async_with_config};

use super::packet::{self, Packet};
use crate::error::Refusal;
use crate::transport::Stream;
use crate::{ApiClient, Error, Result, leniency};

/// Bytes of a message, at most.
const MOST: usize = 1024 * 1024;
/// How long a farewell may take.
const FAREWELL: Duration = Duration::from_secs(1);

/// A connection that has joined.
pub(super) struct Socket {
    stream: WebSocketStream<Stream>,
    patience: Duration,
}

/// What came of joining.
pub(super) enum Entrance {
    /// Let in.
    Open(Box<Socket>, Connected),
    /// Sent away.
    Refused(Refusal),
}

impl Socket {
    /// Connects and shows the token.
    pub(super) async fn open(client: &ApiClient, token: &str) -> Result<Entrance> {
        let time = client.http().receive_timeout();
        let mut socket = Self { stream: connected(client).await?, patience: time };
        match socket.packet().await? {
            Packet::Open(opening) => socket.patience = opening.patience(),
            _ => return Err(Error::connection("the other end does not speak Engine.IO 4")),
        }
        socket.send(packet::join(token)).await?;
        timeout(time, socket.enter()).await.unwrap_or(Err(Error::Timeout))
    }

    /// Waits for the word that lets in.
    async fn enter(mut self) -> Result<Entrance> {
        loop {
            match self.packet().await? {
                Packet::Event(name, payload) if name == "connected" => {
                    let connected = serde_json::from_value(payload).map_err(Error::connection)?;
                    return Ok(Entrance::Open(Box::new(self), connected));
                }
                Packet::Event(name, payload) if name == "error" => return Ok(Entrance::Refused(refusal(&payload))),
                Packet::NotJoined(reason) => return Ok(Entrance::Refused(refusal(&reason))),
                Packet::Closed => return Err(Error::connection("the other end closed the connection")),
                _ => {}
            }
        }
    }

    /// The next event.
    pub(super) async fn next(&mut self) -> Result<(String, Value)> {
        loop {
            match self.packet().await? {
                Packet::Event(name, payload) => return Ok((name, payload)),
                Packet::Closed => return Err(Error::connection("the other end closed the connection")),
                _ => {}
            }
        }
    }

    /// The next packet that is no ping.
    async fn packet(&mut self) -> Result<Packet> {
        loop {
            let message = timeout(self.patience, self.stream.next()).await.map_err(|_| Error::Timeout)?;
            match message.transpose().map_err(Error::connection)? {
                Some(Message::Text(text)) => match Packet::read(&text) {
                    Packet::Ping => self.send(packet::PONG.to_owned()).await?,
                    packet => return Ok(packet),
                },
                Some(Message::Close(_)) | None => return Ok(Packet::Closed),
                Some(_) => {}
            }
        }
    }

    /// Says an event.
    pub(super) async fn say(&mut self, name: &str, argument: &Value) -> Result<()> {
        self.send(packet::event(name, argument)).await
    }

    async fn send(&mut self, text: String) -> Result<()> {
        let sent = timeout(self.patience, self.stream.send(Message::text(text))).await;
        sent.map_err(|_| Error::Timeout)?.map_err(Error::connection)
    }

    /// Leaves, so that the server knows that everything was heard.
    pub(super) async fn leave(mut self) {
        let leaving = async {
            self.send(packet::leave()).await?;
            self.stream.close(None).await.map_err(Error::connection)
        };
        // Whether it is heard or not, the connection ends here.
        let _ = timeout(FAREWELL, leaving).await;
    }
}

async fn connected(client: &ApiClient) -> Result<WebSocketStream<Stream>> {
    let settings = client.settings();
    let stream = client.http().connect(&settings.target).await?;
    let address = format!("{}/socket.io/?EIO=4&transport=websocket", settings.socket);
    let mut request = address.into_client_request().map_err(Error::connection)?;
    request.headers_mut().insert(USER_AGENT, settings.user_agent.clone());
    if let Some(language) = &settings.language {
        request.headers_mut().insert(ACCEPT_LANGUAGE, language.clone());
    }
    let limits = WebSocketConfig::default().max_message_size(Some(MOST)).max_frame_size(Some(MOST));
    let shaking = client_async_with_config(request, stream, Some(limits));
    let shaken = timeout(client.http().receive_timeout(), shaking).await.map_err(|_| Error::Timeout)?;
    let (stream, _) = shaken.map_err(|error| match error {
        tungstenite::Error::Http(response) => Error::unexpected(response.status(), "it is no WebSocket"),
        error => Error::connection(error),
    })?;
    Ok(stream)
}

/// `{message, code}`, as the server says it in an event; its status is the code's, where this SDK knows the code.
pub(super) fn refusal(payload: &Value) -> Refusal {
    let mut refusal = leniency::refusal(StatusCode::UNAUTHORIZED, &json!({"error": payload}));
    if let Some(code) = refusal.code {
        refusal.status = code.status();
    }
    refusal
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_has_the_status_of_its_word() {
        for (word, status) in [("rate_limited", 429), ("forbidden", 403), ("token_expired", 401), ("moon_full", 401)] {
            assert_eq!(refusal(&json!({"message": "No.", "code": word})).status, status, "{word}");
        }
    }
}
