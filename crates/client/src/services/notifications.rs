//! Messages to the person.

use erpmax_types::NotificationId;
use erpmax_types::notifications::{MarkedRead, Notification, Notifications as NotificationPage};

use super::service;
use crate::{Pages, Result, endpoints};

service! {
    /// Messages to the person.
    ///
    /// ```no_run
    /// # async fn example(client: erpmax_client::ApiClient) -> erpmax_client::Result<()> {
    /// let notifications = client.notifications();
    /// println!("{} unread", notifications.unread().await?);
    /// for notification in notifications.list().await?.items {
    ///     println!("{}", notification.title);
    /// }
    /// notifications.read_all().await?;
    /// # Ok(())
    /// # }
    /// ```
    Notifications
}

impl Notifications {
    /// The messages, newest first.
    pub fn list(&self) -> Pages<NotificationPage> {
        Pages::of(self.client.call(&endpoints::NOTIFICATIONS))
    }

    /// How many are unread.
    pub async fn unread(&self) -> Result<u64> {
        Ok(self.list().size(1).send().await?.0.unread)
    }

    /// Marks one as read.
    pub async fn read(&self, notification: NotificationId) -> Result<Notification> {
        self.client.call(&endpoints::READ_NOTIFICATION).at(notification).send().await
    }

    /// Marks all as read.
    pub async fn read_all(&self) -> Result<MarkedRead> {
        self.client.call(&endpoints::READ_ALL_NOTIFICATIONS).send().await
    }
}
