//! The audit trail: rows are added and never changed.

use erpmax_types::audit::AuditFilter;
use erpmax_types::{ApiKeyId, AuditId, SessionId, TenantId, Timestamp, UserId};
use sqlx::FromRow;

use crate::engine::{Conn, Query, StoreError, query};

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
    /// With which API key of the actor.
    pub api_key: Option<ApiKeyId>,
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
        "INSERT INTO audit_events (id, at, actor_id, session_id, address, action, tenant_id, target, change, api_key_id)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
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
    .bind(entry.api_key)
    .execute(conn)
    .await
    .map(drop)
}

/// An entry as it is read, with its actor as of today.
#[derive(Clone, Debug, FromRow)]
pub struct AuditEntry {
    /// The entry's id.
    pub id: AuditId,
    /// When it happened.
    pub at: Timestamp,
    /// Who did it.
    pub actor_id: Option<UserId>,
    /// The actor's address.
    pub actor_email: Option<String>,
    /// The actor's name.
    pub actor_name: Option<String>,
    /// In which session.
    pub session_id: Option<SessionId>,
    /// With which API key of the actor.
    pub api_key_id: Option<ApiKeyId>,
    /// What that key is called.
    pub api_key_name: Option<String>,
    /// From which address.
    pub address: Option<String>,
    /// What was done.
    pub action: String,
    /// In which tenant.
    pub tenant_id: Option<TenantId>,
    /// To what.
    pub target: Option<String>,
    /// What changed, as JSON.
    pub change: String,
}

macro_rules! select {
    ($columns:literal, $tenant:literal, $end:literal) => {
        concat!(
            "SELECT ",
            $columns,
            " FROM audit_events a LEFT JOIN users u ON u.id = a.actor_id LEFT JOIN api_keys k ON k.id = a.api_key_id WHERE ",
            $tenant,
            " AND (CAST($2 AS TEXT) IS NULL OR a.action = $2 OR SUBSTR(a.action, 1, LENGTH($2) + 1) = $2 || '.')
              AND (CAST($3 AS TEXT) IS NULL OR a.actor_id = $3)
              AND a.at >= COALESCE($4, 0) AND a.at < COALESCE($5, 9223372036854775807)",
            $end
        )
    };
}

macro_rules! page {
    ($tenant:literal) => {
        select!(
            "a.id, a.at, a.actor_id, u.email AS actor_email, u.full_name AS actor_name, a.session_id, a.api_key_id,
             k.name AS api_key_name, a.address, a.action, a.tenant_id, a.target, a.change",
            $tenant,
            " ORDER BY a.at DESC, a.id DESC LIMIT $6 OFFSET $7"
        )
    };
}

/// Entries of a tenant, or of the whole installation, newest first.
pub async fn list(
    conn: &mut Conn,
    tenant: Option<TenantId>,
    filter: &AuditFilter,
    limit: u32,
    offset: i64,
) -> Result<Vec<AuditEntry>, StoreError> {
    let sql = if tenant.is_some() { page!("a.tenant_id = $1") } else { page!("CAST($1 AS TEXT) IS NULL") };
    narrow(query(sql), tenant, filter).bind(i64::from(limit)).bind(offset).all(conn).await
}

/// How many entries [`list`] has in all.
pub async fn count(conn: &mut Conn, tenant: Option<TenantId>, filter: &AuditFilter) -> Result<u64, StoreError> {
    let sql = if tenant.is_some() {
        select!("COUNT(*)", "a.tenant_id = $1", "")
    } else {
        select!("COUNT(*)", "CAST($1 AS TEXT) IS NULL", "")
    };
    narrow(query(sql), tenant, filter).count(conn).await
}

/// Whether a session did something to a tenant, or to none, since a moment.
pub async fn was_done(
    conn: &mut Conn,
    session: SessionId,
    action: &str,
    tenant: Option<TenantId>,
    since: Timestamp,
) -> Result<bool, StoreError> {
    let sql = if tenant.is_some() {
        "SELECT id FROM audit_events WHERE tenant_id = $1 AND at >= $2 AND action = $3 AND session_id = $4 LIMIT 1"
    } else {
        "SELECT id FROM audit_events
         WHERE tenant_id IS NULL AND CAST($1 AS TEXT) IS NULL AND at >= $2 AND action = $3 AND session_id = $4 LIMIT 1"
    };
    let row: Option<(AuditId,)> = query(sql).bind(tenant).bind(since).bind(action).bind(session).optional(conn).await?;
    Ok(row.is_some())
}

/// Forgets up to `limit` events from before `before`. On `PostgreSQL` the schema's owner does it for whoever asks, and never
/// takes events of the last year away.
pub async fn delete_expired(conn: &mut Conn, before: Timestamp, limit: i64) -> Result<u64, StoreError> {
    if conn.is_postgres() {
        return query("SELECT prune_audit_events($1, $2)").bind(before).bind(limit).count(conn).await;
    }
    query("DELETE FROM audit_events WHERE id IN (SELECT id FROM audit_events WHERE at < $1 ORDER BY at LIMIT $2)")
        .bind(before)
        .bind(limit)
        .execute(conn)
        .await
}

/// Whether whoever is connected may change or delete events; none where the database knows no roles.
pub async fn may_be_changed(conn: &mut Conn) -> Result<Option<bool>, StoreError> {
    if !conn.is_postgres() {
        return Ok(None);
    }
    let asked = query("SELECT HAS_TABLE_PRIVILEGE('audit_events', 'UPDATE, DELETE, TRUNCATE')");
    asked.one::<(bool,)>(conn).await.map(|(may,)| Some(may))
}

fn narrow<'q>(query: Query<'q>, tenant: Option<TenantId>, filter: &'q AuditFilter) -> Query<'q> {
    query.bind(tenant).bind(filter.action.as_deref()).bind(filter.actor).bind(filter.from).bind(filter.until)
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

/// Forgets up to `limit` counts of refused sign-ins from before `before`.
pub async fn delete_refused_logins(conn: &mut Conn, before: Timestamp, limit: i64) -> Result<u64, StoreError> {
    query(
        "DELETE FROM refused_logins WHERE (account, address, minute) IN
             (SELECT account, address, minute FROM refused_logins WHERE minute < $1 LIMIT $2)",
    )
    .bind(before.as_seconds() / 60)
    .bind(limit)
    .execute(conn)
    .await
}
