//! Messages to people.

use erpmax_types::notifications::{Notification, NotificationType};
use erpmax_types::{NotificationId, TenantId, Timestamp, UserId};
use sqlx::FromRow;

use crate::engine::{Conn, StoreError, query};

/// A notification as it is kept.
#[derive(Clone, Debug, FromRow)]
pub struct NotificationRow {
    /// The notification's id.
    pub id: NotificationId,
    /// One line.
    pub title: String,
    /// One or two sentences.
    pub message: String,
    /// How to show it.
    pub kind: NotificationType,
    /// When it was written.
    pub created_at: Timestamp,
    /// When the person read it.
    pub read_at: Option<Timestamp>,
}

impl From<NotificationRow> for Notification {
    fn from(row: NotificationRow) -> Self {
        Self {
            id: row.id,
            title: row.title,
            message: row.message,
            kind: row.kind,
            created_at: row.created_at,
            read_at: row.read_at,
        }
    }
}

/// Adds a notification to a person, about a tenant or not.
pub async fn insert(
    conn: &mut Conn,
    user: UserId,
    tenant: Option<TenantId>,
    notification: &NotificationRow,
) -> Result<(), StoreError> {
    query(
        "INSERT INTO notifications (id, user_id, tenant_id, title, message, kind, created_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
    )
    .bind(notification.id)
    .bind(user)
    .bind(tenant)
    .bind(&notification.title)
    .bind(&notification.message)
    .bind(notification.kind)
    .bind(notification.created_at)
    .execute(conn)
    .await
    .map(drop)
}

/// A page of a person's notifications, newest first.
pub async fn list(conn: &mut Conn, user: UserId, size: u32, offset: i64) -> Result<Vec<NotificationRow>, StoreError> {
    query(
        "SELECT id, title, message, kind, created_at, read_at FROM notifications
         WHERE user_id = $1 ORDER BY created_at DESC, id DESC LIMIT $2 OFFSET $3",
    )
    .bind(user)
    .bind(i64::from(size))
    .bind(offset)
    .all(conn)
    .await
}

/// How many notifications a person has, and how many of them are unread.
pub async fn count(conn: &mut Conn, user: UserId) -> Result<(u64, u64), StoreError> {
    let (all, unread): (i64, i64) = query(
        "SELECT (SELECT COUNT(*) FROM notifications WHERE user_id = $1),
                (SELECT COUNT(*) FROM notifications WHERE user_id = $1 AND read_at IS NULL)",
    )
    .bind(user)
    .one(conn)
    .await?;
    Ok((u64::try_from(all).unwrap_or(0), u64::try_from(unread).unwrap_or(0)))
}

/// Marks a person's notification as read and gives it back; the first reading's time stays.
pub async fn mark_read(
    conn: &mut Conn,
    user: UserId,
    id: NotificationId,
    now: Timestamp,
) -> Result<Option<NotificationRow>, StoreError> {
    query(
        "UPDATE notifications SET read_at = COALESCE(read_at, $3) WHERE user_id = $1 AND id = $2
         RETURNING id, title, message, kind, created_at, read_at",
    )
    .bind(user)
    .bind(id)
    .bind(now)
    .optional(conn)
    .await
}

/// Marks all of a person's notifications as read; how many were not.
pub async fn mark_all_read(conn: &mut Conn, user: UserId, now: Timestamp) -> Result<u64, StoreError> {
    query("UPDATE notifications SET read_at = $2 WHERE user_id = $1 AND read_at IS NULL")
        .bind(user)
        .bind(now)
        .execute(conn)
        .await
}

/// Forgets up to `limit` notifications from before `before`.
pub async fn delete_expired(conn: &mut Conn, before: Timestamp, limit: i64) -> Result<u64, StoreError> {
    query("DELETE FROM notifications WHERE id IN (SELECT id FROM notifications WHERE created_at < $1 LIMIT $2)")
        .bind(before)
        .bind(limit)
        .execute(conn)
        .await
}
