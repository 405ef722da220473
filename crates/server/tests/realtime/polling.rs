//! Long polling, and the way from there to a WebSocket.

use erpmax_core::realtime::Audience;
use futures_util::{SinkExt, StreamExt};
use serde_json::json;
use tokio_tungstenite::tungstenite::Message;

use crate::support::{Node, Person, World};

/// A connection by long polling.
struct Poller {
    http: reqwest::Client,
    url: String,
    sid: String,
}

impl Poller {
    async fn open(node: &Node) -> Self {
        let http = reqwest::Client::new();
        let url = format!("http://{}/socket.io/?EIO=4&transport=polling", node.address);
        let opening = http.get(&url).send().await.expect("the server answers").text().await.expect("with a text");
        let opening: serde_json::Value = serde_json::from_str(&opening[1..]).expect("which is JSON");
        assert_eq!(opening["upgrades"], json!(["websocket"]));
        let sid = opening["sid"].as_str().expect("with a session id").to_owned();
        Self { http, url: format!("{url}&sid={sid}"), sid }
    }

    async fn post(&self, text: String) -> reqwest::StatusCode {
        self.http.post(&self.url).body(text).send().await.expect("the server answers").status()
    }

    /// Packets until one begins with `prefix`.
    async fn poll(&self, prefix: &str) -> String {
        loop {
            let answer = self.http.get(&self.url).send().await.expect("the server answers");
            assert_eq!(answer.status(), 200);
            let text = answer.text().await.expect("with a text");
            if let Some(packet) = text.split('\u{1e}').find(|packet| packet.starts_with(prefix)) {
                return packet.to_owned();
            }
        }
    }

    async fn connect(node: &Node, person: &Person) -> Self {
        let poller = Self::open(node).await;
        let token = json!({"token": person.token});
        assert_eq!(poller.post(format!("40/ws,{token}")).await, 200);
        let connected = poller.poll("42/ws,[\"connected\"").await;
        assert!(connected.contains(&person.user.to_string()), "{connected}");
        poller
    }
}

#[tokio::test]
async fn long_polling_hears_events() {
    let world = World::new().await;
    let node = world.node().await;
    let owner = node.register("acme").await;
    let poller = Poller::connect(&node, &owner).await;
    node.publish(Audience::Tenant(owner.tenant), 3).await;
    assert!(poller.poll("42/ws,[\"subscription:expiring\"").await.contains("\"days_left\":3"));
}

#[tokio::test]
async fn long_polling_goes_over_to_a_websocket() {
    let world = World::new().await;
    let node = world.node().await;
    let owner = node.register("acme").await;
    let poller = Poller::connect(&node, &owner).await;
    let url = format!("ws://{}/socket.io/?EIO=4&transport=websocket&sid={}", node.address, poller.sid);
    let (mut socket, _) = tokio_tungstenite::connect_async(url).await.expect("the server goes over");
    socket.send(Message::text("2probe")).await.expect("the server reads");
    assert_eq!(socket.next().await.expect("an answer").expect("it is good"), Message::text("3probe"));
    socket.send(Message::text("5")).await.expect("the server reads");
    node.publish(Audience::Tenant(owner.tenant), 3).await;
    let event = socket.next().await.expect("an event").expect("it is good").to_string();
    assert!(event.contains("\"days_left\":3"), "{event}");

    erpmax_core::auth::logout(&node.core, &node.signed(&owner).await).await.expect("logout works");
    assert_eq!(socket.next().await.expect("a farewell").expect("it is good"), Message::text("41/ws,"));
    assert!(!matches!(socket.next().await, Some(Ok(Message::Text(_)))), "the line is cut");
}

#[tokio::test]
async fn whoever_polls_on_without_being_let_in_finds_the_connection_gone() {
    let world = World::new().await;
    let node = world.node().await;
    let poller = Poller::open(&node).await;
    assert_eq!(poller.post("40/ws,{}".to_owned()).await, 200);
    assert!(poller.poll("42/ws,[\"error\"").await.contains("unauthorized"));
    tokio::time::sleep(std::time::Duration::from_secs(6)).await;
    assert_eq!(poller.post("3".to_owned()).await, 400);
}
