//! A socket that remembers every event that it heard.

use std::collections::HashSet;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::Result;
use serde_json::Value;
use tokio::task::JoinHandle;

use crate::server::Account;
use crate::socket::{Socket, event_of};

/// See the module.
pub(super) struct Witness {
    pub(super) tenant: String,
    pub(super) user: String,
    heard: Arc<Mutex<HashSet<String>>>,
    listening: JoinHandle<()>,
}

impl Witness {
    pub(super) async fn connect(address: SocketAddr, account: &Account) -> Result<Self> {
        let socket = Socket::connect(address, &account.token).await?;
        let heard = Arc::<Mutex<HashSet<String>>>::default();
        let listening = tokio::spawn(listen(socket, heard.clone()));
        Ok(Self { tenant: account.tenant.clone(), user: account.user.clone(), heard, listening })
    }

    /// Whether it heard the event.
    pub(super) fn has_heard(&self, event_id: &str) -> bool {
        self.heard.lock().unwrap_or_else(PoisonError::into_inner).contains(event_id)
    }

    /// Whether its connection held.
    pub(super) fn is_connected(&self) -> bool {
        !self.listening.is_finished()
    }
}

impl Drop for Witness {
    fn drop(&mut self) {
        self.listening.abort();
    }
}

async fn listen(mut socket: Socket, heard: Arc<Mutex<HashSet<String>>>) {
    while let Ok(packet) = socket.event().await {
        let Ok((_, argument)) = serde_json::from_str::<(String, Value)>(event_of(&packet)) else { return };
        if let Some(id) = argument["event_id"].as_str() {
            heard.lock().unwrap_or_else(PoisonError::into_inner).insert(id.to_owned());
        }
    }
}
