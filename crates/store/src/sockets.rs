//! What sockets need to know of the sessions behind them, always together with the number of the newest event, so that
//! nobody is let in on the ground of what an event has changed since.

use erpmax_types::{JobId, SessionId, TenantId, Timestamp, UserId};
use sqlx::FromRow;

use crate::engine::{Conn, StoreError, query};

/// A statement on the sessions that `$1` lists: one text of 36 characters for each id, since neither database has a list that
/// the other understands. They are in `asked (n, id)`.
macro_rules! on_asked {
    ($statement:literal) => {
        concat!(
            "WITH RECURSIVE asked (n, id) AS (
                 SELECT 1, SUBSTR(CAST($1 AS TEXT), 1, 36)
                 UNION ALL
                 SELECT n + 1, SUBSTR(CAST($1 AS TEXT), n * 36 + 1, 36) FROM asked
                 WHERE n * 36 < LENGTH(CAST($1 AS TEXT))
             ) ",
            $statement
        )
    };
}

fn listed(sessions: &[SessionId]) -> String {
    sessions.iter().map(ToString::to_string).collect()
}

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
    /// Since when the person belongs to the current tenant; none without a second factor that the tenant requires.
    pub member_since: Option<Timestamp>,
    /// The number of an event up to which its sockets certainly heard all; none before its first socket.
    pub heard_event: Option<i64>,
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
    let rows: Vec<Row> = query(on_asked!(
        "SELECT s.id, s.user_id, s.tenant_id, s.ended_at, s.expires_at, s.heard_event, u.is_active,
                CASE WHEN t.requires_second_factor AND f.activated_at IS NULL THEN NULL ELSE m.joined_at END AS member_since, (SELECT COALESCE(MAX(o.id), 0) FROM outbox o) AS last_event
         FROM asked
         JOIN sessions s ON s.id = asked.id
         JOIN users u ON u.id = s.user_id
         LEFT JOIN second_factors f ON f.user_id = s.user_id
         LEFT JOIN memberships m ON m.user_id = s.user_id AND m.tenant_id = s.tenant_id
         LEFT JOIN tenants t ON t.id = m.tenant_id"
    ))
    .bind(listed(sessions))
    .all(conn)
    .await?;
    let last_event = rows.first().map_or(0, |row| row.last_event);
    Ok((rows.into_iter().map(|row| row.session).collect(), last_event))
}

/// Notes that sockets of these sessions certainly heard every event up to number `heard`; what was noted never goes back.
pub async fn note_heard(conn: &mut Conn, sessions: &[SessionId], heard: i64) -> Result<(), StoreError> {
    query(on_asked!(
        "UPDATE sessions SET heard_event = $2
         WHERE id IN (SELECT id FROM asked) AND (heard_event IS NULL OR heard_event < $2)"
    ))
    .bind(listed(sessions))
    .bind(heard)
    .execute(conn)
    .await
    .map(drop)
}

/// Notes that sockets of these sessions were told how `job` ended.
pub async fn note_told_job(
    conn: &mut Conn,
    sessions: &[SessionId],
    job: JobId,
    attempt: i64,
) -> Result<(), StoreError> {
    query(on_asked!("UPDATE sessions SET told_job = $2 WHERE id IN (SELECT id FROM asked)"))
        .bind(listed(sessions))
        .bind(format!("{job}/{attempt}"))
        .execute(conn)
        .await
        .map(drop)
}

/// Those of the sessions of which a socket was told how `job` ended.
pub async fn list_told_job(
    conn: &mut Conn,
    sessions: &[SessionId],
    job: JobId,
    attempt: i64,
) -> Result<Vec<SessionId>, StoreError> {
    query(on_asked!("SELECT s.id FROM asked JOIN sessions s ON s.id = asked.id WHERE s.told_job = $2"))
        .bind(listed(sessions))
        .bind(format!("{job}/{attempt}"))
        .column(conn)
        .await
}
