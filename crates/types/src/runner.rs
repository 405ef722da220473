//! The protocol between the control plane and a runner: lease, heartbeat, progress, checkpoint, finish.
//!
//! Every call after `lease` carries a [`Hold`]: lease, fencing number and a sequence that grows by one a call, so that a call
//! can be repeated without effect and a late runner hears `lease_lost` before its next side effect.

use serde::{Deserialize, Serialize};

use crate::provisioning::JobType;
use crate::site_name::SiteName;
use crate::{JobId, LeaseId, SiteId, TenantId};

/// The protocol's number; the server speaks this one and the one before.
pub const PROTOCOL: u32 = 1;

/// Who asks for work. Leases of the same host under another boot id are freed at once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunnerIdentity {
    /// The host's name, stable over restarts.
    pub host: String,
    /// New at each start of the runner.
    pub boot: String,
    /// The protocol that the runner speaks.
    pub protocol: u32,
}

/// Proof of a hold on a job, sent with each call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hold {
    /// The lease.
    pub lease: LeaseId,
    /// Grows with each lease of the job.
    pub fence: i64,
    /// Grows with each call under this lease.
    pub sequence: i64,
}

crate::macros::words! {
    /// Which way a job goes.
    Direction {
        /// The steps are carried out.
        Forward = "forward",
        /// What was done is undone, last step first.
        Undo = "undo",
    }
}

/// A job as leased to a runner.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Lease {
    /// The hold; its `sequence` is 0, that of the lease itself. Calls carry 1, 2, …
    pub hold: Hold,
    /// How long the lease lasts without a heartbeat, in milliseconds.
    pub lasts_milliseconds: u64,
    /// The job.
    pub job_id: JobId,
    /// What it does.
    pub job_type: JobType,
    /// The attempt, from 1.
    pub attempt: i64,
    /// Onwards, or back after a crash during undo or a cancel.
    pub direction: Direction,
    /// Names of the steps whose effects stand, in the order they were done. In the direction `undo`, what is left to undo.
    pub done: Vec<String>,
    /// The step that was begun and not checkpointed, if the last runner died inside one.
    pub begun: Option<String>,
    /// Why the job is being undone, when it is.
    pub reason: Option<String>,
    /// The site that the job is about.
    pub site: LeasedSite,
}

/// What a runner has to know of the site.
#[derive(Clone, Serialize, Deserialize)]
pub struct LeasedSite {
    /// The site.
    pub id: SiteId,
    /// Its tenant.
    pub tenant_id: TenantId,
    /// The company's name, for the site's first page.
    pub company: String,
    /// Its label, final from the start.
    pub name: SiteName,
    /// The site's own key for the control plane (`X-ERPMax-Site-Key`).
    pub key: String,
    /// The owner's address, for the first user.
    pub owner_email: String,
    /// The owner's name.
    pub owner_name: String,
    /// The address that the site will have.
    pub url: String,
    /// Where the site redeems sign-in tokens.
    pub callback_url: String,
}

crate::macros::debug_without_secrets!(LeasedSite { id, name });

/// What the server wants from the runner, in the answer to every call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Wish {
    /// Go on.
    Continue,
    /// Stop the present step and undo.
    Cancel,
    /// The lease is somebody else's: stop before the next side effect, report nothing more.
    LeaseLost,
}

/// A step is about to begin: recorded before its first side effect.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StepBegun {
    /// The step's name.
    pub step: String,
    /// What it does, for a person.
    pub message: String,
    /// Percent of the whole job.
    pub progress: u8,
    /// True where the job cannot be cancelled from here on.
    pub irrevocable: bool,
}

/// Progress inside a step: transient, lost without harm.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StepProgress {
    /// The step's name.
    pub step: String,
    /// What it does, for a person.
    pub message: String,
    /// Percent of the whole job.
    pub progress: u8,
}

/// A checkpoint: what is true from now on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Checkpoint {
    /// A step begins.
    Begun(StepBegun),
    /// The step's effects stand.
    Done {
        /// The step's name.
        step: String,
        /// Percent of the whole job.
        progress: u8,
    },
    /// The job turns round: from here on it is undone.
    TurnedRound {
        /// Why, for a person.
        reason: String,
    },
    /// The step's effects are gone.
    Undone {
        /// The step's name.
        step: String,
    },
}

/// How a job ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// All steps stand.
    Completed {
        /// What there is to say of it, such as a backup's file name and size.
        result: Option<String>,
    },
    /// Everything is undone.
    Failed {
        /// Why, for a person.
        error: String,
        /// What could not be undone, for the operator.
        leak: Option<String>,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_printed_for_a_log_holds_no_key() {
        let text = || "text".to_owned();
        let site = LeasedSite {
            id: uuid::Uuid::from_u128(1).into(),
            tenant_id: uuid::Uuid::from_u128(2).into(),
            company: text(),
            name: "acme".parse().expect("a label"),
            key: "k3VYw0Jm8l9lqJ3Q".to_owned(),
            owner_email: text(),
            owner_name: text(),
            url: text(),
            callback_url: text(),
        };
        assert!(!format!("{site:?}").contains(&site.key), "{site:?}");
    }
}
