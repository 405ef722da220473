//! Progress inside a step: to sockets from memory, never stored as an event.

use erpmax_types::TenantId;
use erpmax_types::events::Event;
use tokio::sync::broadcast;

/// How many events may wait for a slow reader before the oldest are dropped; they are transient.
const CAPACITY: usize = 1_024;

/// Transient progress on its way to the sockets of this node.
#[derive(Clone, Debug)]
pub struct ProgressFeed {
    sender: broadcast::Sender<StatusProgress>,
}

/// Transient progress of one job.
#[derive(Clone, Debug)]
pub struct StatusProgress {
    /// Whose sockets hear it.
    pub tenant_id: TenantId,
    /// What they hear.
    pub event: Event,
}

impl Default for ProgressFeed {
    fn default() -> Self {
        Self { sender: broadcast::channel(CAPACITY).0 }
    }
}

impl ProgressFeed {
    /// Everything from now on.
    pub fn subscribe(&self) -> broadcast::Receiver<StatusProgress> {
        self.sender.subscribe()
    }

    /// Tells whoever listens; nobody listening is fine.
    pub(super) fn tell(&self, progress: StatusProgress) {
        let _ = self.sender.send(progress);
    }
}
