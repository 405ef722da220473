//! The price list, kept in a file for a while (guide §9, `CacheService`).

use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use erpmax_types::billing::Plan;
use serde::{Deserialize, Serialize};
use tracing::debug;

use crate::whole_file;

/// Plans in a file. A file that cannot be read or written is as good as none.
#[derive(Clone, Debug)]
pub(crate) struct PlanCache {
    file: PathBuf,
    lifetime: Duration,
    server: String,
}

#[derive(Serialize, Deserialize)]
struct Kept {
    server: String,
    /// Seconds since 1970.
    at: u64,
    plans: Vec<Plan>,
}

impl PlanCache {
    /// The prices of one server are not those of another.
    pub(crate) fn new(file: PathBuf, lifetime: Duration, server: &str) -> Self {
        Self { file, lifetime, server: server.to_owned() }
    }

    /// The plans, if they are fresh.
    pub(crate) fn load(&self) -> Option<Vec<Plan>> {
        let kept: Kept = serde_json::from_slice(&std::fs::read(&self.file).ok()?).ok()?;
        let age = now().checked_sub(kept.at)?;
        (kept.server == self.server && age < self.lifetime.as_secs()).then_some(kept.plans)
    }

    pub(crate) fn save(&self, plans: &[Plan]) {
        let kept = Kept { server: self.server.clone(), at: now(), plans: plans.to_owned() };
        if let Err(error) = self.write(&kept) {
            debug!(%error, "The price list cannot be kept");
        }
    }

    fn write(&self, kept: &Kept) -> std::io::Result<()> {
        std::fs::create_dir_all(self.file.parent().unwrap_or(Path::new(".")))?;
        whole_file::write(&self.file, &serde_json::to_vec(kept)?)
    }
}

fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs())
}
