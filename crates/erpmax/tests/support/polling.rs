//! A socket over Engine.IO's polling transport: enough to hear events.

use std::time::{Duration, Instant};

use reqwest::Client;
use serde_json::{Value, json};

/// A socket in the namespace `/ws`.
pub struct Polling {
    client: Client,
    url: String,
    packets: Vec<String>,
}

impl Polling {
    /// Connects with an access token.
    pub async fn connect(port: u16, token: &str) -> Self {
        let client = Client::builder().timeout(Duration::from_secs(40)).build().expect("a client can be made");
        let base = format!("http://127.0.0.1:{port}/socket.io/?EIO=4&transport=polling");
        let opening = client.get(&base).send().await.expect("the server answers").text().await.expect("text");
        let opening: Value = serde_json::from_str(&opening[1..]).expect("an opening packet");
        let url = format!("{base}&sid={}", opening["sid"].as_str().expect("an id"));
        let mut socket = Self { client, url, packets: Vec::new() };
        socket.send(&format!("40/ws,{}", json!({"token": token}))).await;
        socket.wait_for("connected").await;
        socket
    }

    async fn send(&self, packet: &str) {
        let answer = self.client.post(&self.url).body(packet.to_owned()).send().await.expect("the server answers");
        assert!(answer.status().is_success(), "{packet}: {}", answer.status());
    }

    /// The payload of the next event `name`; earlier events are passed over.
    pub async fn wait_for(&mut self, name: &str) -> Value {
        let deadline = Instant::now() + Duration::from_secs(30);
        loop {
            while !self.packets.is_empty() {
                let packet = self.packets.remove(0);
                if packet == "2" {
                    self.send("3").await;
                } else if let Some(event) = packet.strip_prefix("42/ws,") {
                    let event: Value = serde_json::from_str(event).expect("an event");
                    if event[0] == name {
                        return event[1].clone();
                    }
                }
            }
            assert!(Instant::now() < deadline, "there is no {name}");
            let answer = self.client.get(&self.url).send().await.expect("the server answers");
            let text = answer.text().await.expect("text");
            self.packets.extend(text.split('\u{1e}').map(ToOwned::to_owned));
        }
    }
}
