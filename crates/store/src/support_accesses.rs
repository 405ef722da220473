//! Times in which an operator may sign in to a tenant's site as a temporary user.

use erpmax_types::{SupportAccessId, TenantId, Timestamp, UserId};
use sqlx::FromRow;

use crate::engine::{Conn, StoreError, query};

/// An access, with its operator's and ender's names of today.
#[derive(Clone, Debug, FromRow)]
pub struct SupportAccessRow {
    /// The access, and the temporary user.
    pub id: SupportAccessId,
    /// Whose site it opens.
    pub tenant_id: TenantId,
    /// Whose access it is.
    pub operator_id: UserId,
    /// The operator's name.
    pub operator_name: String,
    /// Why it was opened.
    pub reason: String,
    /// When it began.
    pub created_at: Timestamp,
    /// When it ends at the latest.
    pub expires_at: Timestamp,
    /// When it was ended before that.
    pub ended_at: Option<Timestamp>,
    /// The name of who ended it.
    pub ended_by: Option<String>,
}

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT a.id, a.tenant_id, a.operator_id, u.full_name AS operator_name, a.reason, a.created_at, a.expires_at,
                    a.ended_at, e.full_name AS ended_by
             FROM support_accesses a JOIN users u ON u.id = a.operator_id LEFT JOIN users e ON e.id = a.ended_by ",
            $rest
        )
    };
}

/// Adds an access.
pub async fn insert(conn: &mut Conn, access: &SupportAccessRow) -> Result<(), StoreError> {
    query(
        "INSERT INTO support_accesses (id, tenant_id, operator_id, reason, created_at, expires_at)
         VALUES ($1, $2, $3, $4, $5, $6)",
    )
    .bind(access.id)
    .bind(access.tenant_id)
    .bind(access.operator_id)
    .bind(&access.reason)
    .bind(access.created_at)
    .bind(access.expires_at)
    .execute(conn)
    .await
    .map(drop)
}

/// A tenant's access.
pub async fn find(
    conn: &mut Conn,
    tenant: TenantId,
    id: SupportAccessId,
) -> Result<Option<SupportAccessRow>, StoreError> {
    query(select!("WHERE a.id = $1 AND a.tenant_id = $2")).bind(id).bind(tenant).optional(conn).await
}

/// A page of a tenant's accesses, newest first.
pub async fn list(
    conn: &mut Conn,
    tenant: TenantId,
    limit: u32,
    offset: i64,
) -> Result<Vec<SupportAccessRow>, StoreError> {
    query(select!("WHERE a.tenant_id = $1 ORDER BY a.created_at DESC, a.id DESC LIMIT $2 OFFSET $3"))
        .bind(tenant)
        .bind(i64::from(limit))
        .bind(offset)
        .all(conn)
        .await
}

/// How many accesses a tenant had.
pub async fn count(conn: &mut Conn, tenant: TenantId) -> Result<u64, StoreError> {
    query("SELECT COUNT(*) FROM support_accesses WHERE tenant_id = $1").bind(tenant).count(conn).await
}

/// Ends an access; false if it was over.
pub async fn end(conn: &mut Conn, id: SupportAccessId, by: UserId, now: Timestamp) -> Result<bool, StoreError> {
    query(
        "UPDATE support_accesses SET ended_at = $3, ended_by = $2
         WHERE id = $1 AND ended_at IS NULL AND expires_at > $3",
    )
    .bind(id)
    .bind(by)
    .bind(now)
    .execute(conn)
    .await
    .map(|rows| rows > 0)
}

/// Ends all running accesses to a tenant; which ones.
pub async fn end_of_tenant(
    conn: &mut Conn,
    tenant: TenantId,
    by: UserId,
    now: Timestamp,
) -> Result<Vec<SupportAccessId>, StoreError> {
    query(
        "UPDATE support_accesses SET ended_at = $3, ended_by = $2
         WHERE tenant_id = $1 AND ended_at IS NULL AND expires_at > $3 RETURNING id",
    )
    .bind(tenant)
    .bind(by)
    .bind(now)
    .column(conn)
    .await
}

/// Ends all running accesses of an operator, by nobody in particular; which ones, to whom.
pub async fn end_of_operator(
    conn: &mut Conn,
    operator: UserId,
    now: Timestamp,
) -> Result<Vec<(SupportAccessId, TenantId)>, StoreError> {
    query(
        "UPDATE support_accesses SET ended_at = $2
         WHERE operator_id = $1 AND ended_at IS NULL AND expires_at > $2 RETURNING id, tenant_id",
    )
    .bind(operator)
    .bind(now)
    .all(conn)
    .await
}

/// An access as the site asks for it: with everything that it stands on.
#[derive(Clone, Debug, FromRow)]
pub struct StandingRow {
    /// Until when it is good.
    pub expires_at: Timestamp,
    /// When it was ended.
    pub ended_at: Option<Timestamp>,
    /// Whether its operator still is one and is let in.
    pub operator_stands: bool,
    /// Whether the tenant's site came from elsewhere and has no key.
    pub is_legacy: bool,
    /// Hash of the key of the tenant's ready site.
    pub site_key_hash: Option<String>,
}

/// What an access stands on.
pub async fn find_standing(conn: &mut Conn, id: SupportAccessId) -> Result<Option<StandingRow>, StoreError> {
    query(
        "SELECT a.expires_at, a.ended_at, (u.is_superuser AND u.is_active) AS operator_stands, t.is_legacy,
                i.key_hash AS site_key_hash
         FROM support_accesses a
         JOIN users u ON u.id = a.operator_id
         JOIN tenants t ON t.id = a.tenant_id
         LEFT JOIN sites i ON i.tenant_id = a.tenant_id AND i.ready_at IS NOT NULL
         WHERE a.id = $1",
    )
    .bind(id)
    .optional(conn)
    .await
}

/// Forgets up to `limit` accesses that were over before `before`, once their passes are forgotten.
pub async fn delete_over(conn: &mut Conn, before: Timestamp, limit: i64) -> Result<u64, StoreError> {
    query(
        "DELETE FROM support_accesses WHERE id IN
             (SELECT a.id FROM support_accesses a
              WHERE a.expires_at < $1 AND NOT EXISTS (SELECT 1 FROM sso_tokens k WHERE k.support_access_id = a.id)
              LIMIT $2)",
    )
    .bind(before)
    .bind(limit)
    .execute(conn)
    .await
}
