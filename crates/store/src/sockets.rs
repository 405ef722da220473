//! What sockets need to know of the sessions behind them, always together with the number of the newest event, so that
//! nobody is let in on the ground of what an event has changed since.

use erpmax_types::{SessionId, TenantId, Timestamp, UserId};
use sqlx::FromRow;

use crate::engine::{Conn, StoreError, query};

/// The session behind a socket, its account and its membership in the current tenant.
#[derive(Clone, Debug, FromRow)]
pub struct SocketSessionRow {
    /// The session.
    pub id: SessionId,
    /// Its account.
    pub user_id: UserId,
    /// Its current tenant.
    pub tenant_id: TenantId,
    /// When it was ended.
    pub ended_at: Option<Timestamp>,
    /// When it ends at the latest.
    pub expires_at: Timestamp,
    /// Whether the account is let in.
    pub is_active: bool,
    /// Whether the person belongs to the current tenant.
    pub is_member: bool,
}

/// Those of the sessions that exist, and the number of the newest event as of the same moment, in one statement.
pub async fn list_sessions(
    conn: &mut Conn,
    sessions: &[SessionId],
) -> Result<(Vec<SocketSessionRow>, i64), StoreError> {
    #[derive(FromRow)]
    struct Row {
        #[sqlx(flatten)]
        session: SocketSessionRow,
        last_event: i64,
    }
    // The ids come as one text of 36 characters each: neither database has a list that the other understands.
    let ids: String = sessions.iter().map(ToString::to_string).collect();
    let rows: Vec<Row> = query(
        "WITH RECURSIVE asked (n, id) AS (
             SELECT 1, SUBSTR(CAST($1 AS TEXT), 1, 36)
             UNION ALL
             SELECT n + 1, SUBSTR(CAST($1 AS TEXT), n * 36 + 1, 36) FROM asked WHERE n * 36 < LENGTH(CAST($1 AS TEXT))
         )
         SELECT s.id, s.user_id, s.tenant_id, s.ended_at, s.expires_at, u.is_active, m.user_id IS NOT NULL AS is_member,
                (SELECT COALESCE(MAX(o.id), 0) FROM outbox o) AS last_event
         FROM asked
         JOIN sessions s ON s.id = asked.id
         JOIN users u ON u.id = s.user_id
         LEFT JOIN memberships m ON m.user_id = s.user_id AND m.tenant_id = s.tenant_id",
    )
    .bind(ids)
    .all(conn)
    .await?;
    let last_event = rows.first().map_or(0, |row| row.last_event);
    Ok((rows.into_iter().map(|row| row.session).collect(), last_event))
}
