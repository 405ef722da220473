//! No token is in a log or in what `Debug` prints.

use std::io::{self, Write};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tracing_subscriber::fmt::MakeWriter;

use crate::support::{Hostile, Node, PASSWORD, refusal, register, signed_in};

#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().expect("nobody panics").extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Log {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

/// Everything that is logged until the guard is dropped, of every crate.
fn listen() -> (Log, tracing::subscriber::DefaultGuard) {
    let log = Log::default();
    let subscriber = tracing_subscriber::fmt().with_max_level(tracing::Level::TRACE).with_writer(log.clone());
    (log, tracing::subscriber::set_default(subscriber.finish()))
}

fn text(log: &Log) -> String {
    String::from_utf8_lossy(&log.0.lock().expect("nobody panics")).into_owned()
}

#[tokio::test]
async fn the_log_names_operations_and_holds_no_secret() {
    let node = Node::start().await;
    let (log, guard) = listen();
    let client = node.client();
    register(&client, "acme").await;
    let acme = client.tenants().current().await.expect("a tenant");
    let first = client.auth().switch_tenant(acme.id).await.expect("to the same").tokens;
    node.pass(Duration::from_secs(16 * 60));
    client.auth().me().await.expect("it is refreshed");
    let pass = client.sso().validate("k3VYw0Jm8l9lqJ3Q").await.expect_err("there is no such token");
    client.auth().logout().await.expect("it works");
    drop(guard);
    let text = text(&log);
    for secret in [PASSWORD, &first.access_token, &first.refresh_token, "k3VYw0Jm8l9lqJ3Q", "ert_", "eyJ"] {
        assert!(!text.contains(secret), "{secret} is in the log");
    }
    assert!(text.contains("auth.login") || text.contains("auth.register"), "{text}");
    assert!(!format!("{client:?} {pass:?}").contains("k3VYw0Jm8l9lqJ3Q"));
}

#[tokio::test]
async fn a_hostile_server_gets_no_token_into_the_log() {
    let (log, guard) = listen();
    let hostile =
        Hostile::start(|seen| if seen.is_refresh() { refusal(500, "internal") } else { refusal(401, "token_expired") });
    let hostile = hostile.await;
    let client = hostile.builder().token_store(signed_in("k3VYw0Jm8l9lqJ3Q")).build().expect("a client");
    let error = client.auth().me().await.expect_err("it is refused");
    drop(guard);
    let said = format!("{} {client:?} {error:?} {error}", text(&log));
    assert!(said.contains("auth.refresh"), "{said}");
    assert!(!said.contains("k3VYw0Jm8l9lqJ3Q"), "{said}");
}

#[test]
fn the_challenge_of_a_sign_in_is_not_printed() {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    runtime.block_on(async {
        let body = serde_json::json!({"status": "error", "error": {"message": "A code, please", "code": "second_factor_required",
            "details": {"challenge": ["k3VYw0Jm8l9lqJ3Q"]}}});
        let hostile = Hostile::start(move |_| crate::support::Play::Answer(403, "", body.to_string())).await;
        let client = hostile.builder().build().expect("a client");
        let error = client.auth().login("owner@acme.example", PASSWORD).await.expect_err("a code is asked for");
        assert_eq!(error.challenge(), Some("k3VYw0Jm8l9lqJ3Q"));
        assert!(!format!("{error:?} {error}").contains("k3VYw0Jm8l9lqJ3Q"));
    });
}
