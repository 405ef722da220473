//! Whether the machine was left to a measurement. Where other programs take processor time, a comparison of rates says
//! nothing: it may even come out above what is possible.

use std::fs;
use std::time::Duration;

use anyhow::{Context, Result};

use crate::process::{processor_time_with_children, ticks_to_time};

/// The share of the processors that others may have used, for a verdict to be given.
const TOLERATED: f64 = 0.05;

/// A watch over the processors.
pub(crate) struct Watch {
    before: Usage,
}

/// The share of the processors that other programs, or other machines on the same host, used meanwhile.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Disturbance(f64);

struct Usage {
    all: Duration,
    idle: Duration,
    own: Duration,
}

impl Watch {
    pub(crate) fn begin() -> Result<Self> {
        Ok(Self { before: Usage::now()? })
    }

    /// To be called when all programs that the measurement started have ended: only then their time is known as ours.
    pub(crate) fn end(&self) -> Result<Disturbance> {
        let now = Usage::now()?;
        let passed = |now: Duration, before: Duration| now.saturating_sub(before).as_secs_f64();
        let all = passed(now.all, self.before.all);
        let ours = passed(now.idle, self.before.idle) + passed(now.own, self.before.own);
        Ok(Disturbance(((all - ours) / all.max(f64::MIN_POSITIVE)).max(0.0)))
    }
}

impl Disturbance {
    pub(crate) const fn is_tolerable(self) -> bool {
        self.0 <= TOLERATED
    }

    pub(crate) const fn percent(self) -> f64 {
        self.0 * 100.0
    }
}

impl Usage {
    fn now() -> Result<Self> {
        let stat = fs::read_to_string("/proc/stat")?;
        let line =
            stat.lines().next().and_then(|line| line.strip_prefix("cpu ")).context("unknown form of /proc/stat")?;
        // user, nice, system, idle, iowait, irq, softirq, steal; what follows is part of user and nice.
        let ticks: Vec<u64> = line.split_whitespace().take(8).map(str::parse).collect::<Result<_, _>>()?;
        let idle = ticks.get(3..5).context("unknown form of /proc/stat")?.iter().sum();
        Ok(Self {
            all: ticks_to_time(ticks.iter().sum())?,
            idle: ticks_to_time(idle)?,
            own: processor_time_with_children(std::process::id())?,
        })
    }
}
