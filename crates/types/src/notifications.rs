//! Messages to a person.

use serde::{Deserialize, Serialize};

use crate::{NotificationId, Timestamp};

crate::macros::words! {
    /// How a notification is to be shown.
    NotificationType {
        /// Good to know.
        Info = "info",
        /// It worked.
        Success = "success",
        /// Something will need attention.
        Warning = "warning",
        /// It did not work.
        Error = "error",
    }
}

/// A message to a person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Notification {
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
    /// When the person read it.
    pub read_at: Option<Timestamp>,
}

/// A page of notifications with the number of unread ones.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Notifications {
    /// Newest first.
    pub notifications: Vec<Notification>,
    /// Unread ones in all.
    pub unread: u64,
}

/// The answer to marking all as read.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct MarkedRead {
    /// How many were unread before.
    pub marked: u64,
}
