//! The audit trail: rows are added and never changed.

use erpmax_types::{AuditId, SessionId, TenantId, Timestamp, UserId};

use crate::engine::{Conn, StoreError, query};

/// An entry of the audit trail.
#[derive(Clone, Debug)]
pub struct AuditRow<'a> {
    /// The entry's id.
    pub id: AuditId,
    /// When it happened.
    pub at: Timestamp,
    /// Who did it; none for the system itself.
    pub actor: Option<UserId>,
    /// In which session.
    pub session: Option<SessionId>,
    /// From which address.
    pub address: Option<&'a str>,
    /// What was done: `area.verb`.
    pub action: &'a str,
    /// In which tenant.
    pub tenant: Option<TenantId>,
    /// To what.
    pub target: Option<&'a str>,
    /// What changed, as a JSON object without secrets.
    pub change: &'a str,
}

/// Adds an entry.
pub async fn insert(conn: &mut Conn, entry: &AuditRow<'_>) -> Result<(), StoreError> {
    query(
        "INSERT INTO audit_events (id, at, actor_id, session_id, address, action, tenant_id, target, change)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
    )
    .bind(entry.id)
    .bind(entry.at)
    .bind(entry.actor)
    .bind(entry.session)
    .bind(entry.address)
    .bind(entry.action)
    .bind(entry.tenant)
    .bind(entry.target)
    .bind(entry.change)
    .execute(conn)
    .await
    .map(drop)
}

/// Counts a refused sign-in, by account, address and minute.
pub async fn count_refused_login(
    conn: &mut Conn,
    account: &str,
    address: &str,
    now: Timestamp,
) -> Result<(), StoreError> {
    query(
        "INSERT INTO refused_logins (account, address, minute, count) VALUES ($1, $2, $3, 1)
         ON CONFLICT (account, address, minute) DO UPDATE SET count = refused_logins.count + 1",
    )
    .bind(account)
    .bind(address)
    .bind(now.as_seconds() / 60)
    .execute(conn)
    .await
    .map(drop)
}
