//! What sockets are told, in namespace `/ws`. Every payload carries an `event_id`; a receiver drops the second.

use serde::{Deserialize, Serialize};

use crate::billing::{Amount, Subscription};
use crate::notifications::NotificationType;
use crate::provisioning::{JobStatus, JobType, ProvisioningJob};
use crate::{JobId, NotificationId, TenantId, Timestamp, UserId};

/// An event and its payload; [`Event::name`] is the Socket.IO event, the serialised payload its one argument.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "event", content = "payload")]
pub enum Event {
    /// Progress of a `create_site` job.
    #[serde(rename = "status:update")]
    StatusUpdate(StatusUpdate),
    /// The site is ready.
    #[serde(rename = "status:completed")]
    StatusCompleted(StatusCompleted),
    /// The site could not be built.
    #[serde(rename = "status:failed")]
    StatusFailed(StatusFailed),
    /// Any job of any type changed.
    #[serde(rename = "job:updated")]
    JobUpdated {
        /// The job as it is now.
        job: ProvisioningJob,
    },
    /// A new notification.
    #[serde(rename = "notification:new")]
    NotificationNew(NotificationNew),
    /// The subscription changed.
    #[serde(rename = "subscription:updated")]
    SubscriptionUpdated {
        /// The subscription as it is now.
        subscription: Subscription,
    },
    /// A period ends soon.
    #[serde(rename = "subscription:expiring")]
    SubscriptionExpiring {
        /// Days until the end.
        days_left: i64,
    },
    /// Money came in.
    #[serde(rename = "payment:received")]
    PaymentReceived {
        /// In major units.
        amount: Amount,
        /// ISO 4217.
        currency: String,
    },
}

impl Event {
    /// The name that the Socket.IO event bears.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::StatusUpdate(_) => "status:update",
            Self::StatusCompleted(_) => "status:completed",
            Self::StatusFailed(_) => "status:failed",
            Self::JobUpdated { .. } => "job:updated",
            Self::NotificationNew(_) => "notification:new",
            Self::SubscriptionUpdated { .. } => "subscription:updated",
            Self::SubscriptionExpiring { .. } => "subscription:expiring",
            Self::PaymentReceived { .. } => "payment:received",
        }
    }
}

/// `status:update`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StatusUpdate {
    /// The job.
    pub job_id: JobId,
    /// Whose it is.
    pub tenant_id: TenantId,
    /// Always `create_site`.
    pub job_type: JobType,
    /// `pending` or `running`.
    pub status: JobStatus,
    /// Percent.
    pub progress: i64,
    /// What is being done; empty before the first step.
    pub message: String,
    /// The step's name; empty before the first step.
    pub step: String,
}

/// `status:completed`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StatusCompleted {
    /// The job.
    pub job_id: JobId,
    /// Whose it is.
    pub tenant_id: TenantId,
    /// Always `create_site`.
    pub job_type: JobType,
    /// The site's address.
    pub erpnext_url: String,
}

/// `status:failed`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StatusFailed {
    /// The job.
    pub job_id: JobId,
    /// Whose it is.
    pub tenant_id: TenantId,
    /// Always `create_site`.
    pub job_type: JobType,
    /// Why, for a person.
    pub error: String,
}

/// `notification:new`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NotificationNew {
    /// The notification's id.
    pub id: NotificationId,
    /// One line.
    pub title: String,
    /// One or two sentences.
    pub message: String,
    /// How to show it.
    #[serde(rename = "type")]
    pub kind: NotificationType,
    /// When it was written.
    pub created_at: Timestamp,
}

/// `connected`, the first event on a socket.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Connected {
    /// A greeting.
    pub message: String,
    /// Who is connected.
    pub user_id: UserId,
    /// Whose events come; null once the person no longer belongs to the session's tenant.
    pub tenant_id: Option<TenantId>,
}

/// `notification_read`, from the client; answered by `notification_read_confirmed` with the same payload.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NotificationRead {
    /// The notification that was read.
    pub notification_id: NotificationId,
}

impl From<&ProvisioningJob> for StatusUpdate {
    fn from(job: &ProvisioningJob) -> Self {
        Self {
            job_id: job.id,
            tenant_id: job.tenant_id,
            job_type: job.job_type,
            status: job.status,
            progress: job.progress,
            message: job.message.clone().unwrap_or_default(),
            step: job.step.clone().unwrap_or_default(),
        }
    }
}
