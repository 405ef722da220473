//! The real binary, as an operator starts and kills it, and clients as customers have them.
#![allow(dead_code, unreachable_pub, unused_imports, reason = "each test binary uses its own part")]

mod database;
mod dns_server;
mod granted;
mod listener;
mod lived_in;
mod mail_server;
mod process;
mod python;
mod requests;
mod sandbox;

use std::future::Future;
use std::time::{Duration, Instant};

use serde_json::Value;

pub use database::{Database, Hold, psql, server as postgres_server};
pub use dns_server::DnsServer;
pub use granted::Granted;
pub use listener::{Heard, Listener};
pub use lived_in::LivedIn;
pub use mail_server::{MailServer, parse};
pub use process::{Server, command, terminate};
pub use python::python_program;
pub use requests::registration;

pub const PASSWORD: &str = "SecurePass123";

/// Ended jobs: `completed` or `failed`.
pub fn has_ended(job: &Value) -> bool {
    job["status"] == "completed" || job["status"] == "failed"
}

/// Whether the full numbers of a proof were asked for.
pub fn is_full_proof() -> bool {
    std::env::var("ERPMAX_PROVE").as_deref() == Ok("full")
}

/// A text in a document.
#[track_caller]
pub fn text<'a>(document: &'a Value, key: &str) -> &'a str {
    document[key].as_str().unwrap_or_else(|| panic!("no text `{key}` in {document}"))
}

/// Looks again and again, for at most `patience`.
pub async fn until<T, F: Future<Output = Option<T>>>(what: &str, patience: Duration, mut look: impl FnMut() -> F) -> T {
    let deadline = Instant::now() + patience;
    loop {
        if let Some(found) = look().await {
            return found;
        }
        assert!(Instant::now() < deadline, "{what} did not come about in {patience:?}");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}
