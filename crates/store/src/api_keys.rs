//! API keys of tenants, by their hash; and the one statement that authorises a call with one.

use erpmax_types::users::Role;
use erpmax_types::{ApiKeyId, TenantId, Timestamp, UserId};
use sqlx::FromRow;

use crate::engine::{Conn, StoreError, query};

/// A key as it is kept.
#[derive(Clone, Debug, FromRow)]
pub struct ApiKeyRow {
    /// The key's id.
    pub id: ApiKeyId,
    /// The tenant that it opens.
    pub tenant_id: TenantId,
    /// What people call it.
    pub name: String,
    /// The end of its text.
    pub hint: String,
    /// What it is in the tenant.
    pub role: Role,
    /// What it may be used for, as a JSON list.
    pub scopes: String,
    /// The networks that it may come from, as a JSON list; none: any.
    pub networks: Option<String>,
    /// Who made it; it acts for this person.
    pub created_by: UserId,
    /// When.
    pub created_at: Timestamp,
    /// Until when it is good.
    pub expires_at: Timestamp,
    /// When it was used last, to the minute.
    pub last_used_at: Option<Timestamp>,
    /// From where.
    pub last_used_address: Option<String>,
}

/// A key with what its maker and tenant say at this moment.
#[derive(Clone, Debug, FromRow)]
pub struct ApiKeyAccessRow {
    /// The key.
    #[sqlx(flatten)]
    pub key: ApiKeyRow,
    /// When it was revoked.
    pub revoked_at: Option<Timestamp>,
    /// The maker's address.
    pub email: String,
    /// The maker's name.
    pub full_name: String,
    /// The language of messages to the maker.
    pub language: String,
    /// Whether the maker's account is let in.
    pub is_active: bool,
    /// When the maker's address was proven.
    pub email_proven_at: Option<Timestamp>,
    /// Since when the maker's sign-in asks for a code.
    pub second_factor_at: Option<Timestamp>,
    /// The maker's role in the tenant; none for somebody who left.
    pub creator_role: Option<Role>,
    /// Whether the tenant lets in only members with a second factor.
    pub requires_second_factor: bool,
}

macro_rules! columns {
    () => {
        "k.id, k.tenant_id, k.name, k.hint, k.role, k.scopes, k.networks, k.created_by, k.created_at, k.expires_at,
         k.last_used_at, k.last_used_address"
    };
}

/// Adds a key.
pub async fn insert(conn: &mut Conn, key: &ApiKeyRow, key_hash: &str) -> Result<(), StoreError> {
    query(
        "INSERT INTO api_keys
             (id, tenant_id, name, hint, key_hash, role, scopes, networks, created_by, created_at, expires_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
    )
    .bind(key.id)
    .bind(key.tenant_id)
    .bind(&key.name)
    .bind(&key.hint)
    .bind(key_hash)
    .bind(key.role)
    .bind(&key.scopes)
    .bind(key.networks.as_deref())
    .bind(key.created_by)
    .bind(key.created_at)
    .bind(key.expires_at)
    .execute(conn)
    .await
    .map(drop)
}

/// The key with this hash, its maker, and the maker's membership in its tenant.
pub async fn find_access(conn: &mut Conn, key_hash: &str) -> Result<Option<ApiKeyAccessRow>, StoreError> {
    query(concat!(
        "SELECT ",
        columns!(),
        ", k.revoked_at, u.email, u.full_name, u.language, u.is_active, u.email_proven_at, f.activated_at AS second_factor_at,
           m.role AS creator_role, t.requires_second_factor
         FROM api_keys k
         JOIN users u ON u.id = k.created_by
         JOIN tenants t ON t.id = k.tenant_id
         LEFT JOIN second_factors f ON f.user_id = k.created_by
         LEFT JOIN memberships m ON m.user_id = k.created_by AND m.tenant_id = k.tenant_id
         WHERE k.key_hash = $1"
    ))
    .bind(key_hash)
    .optional(conn)
    .await
}

/// A page of a tenant's keys that were not revoked, newest first.
pub async fn list(conn: &mut Conn, tenant: TenantId, size: u32, offset: i64) -> Result<Vec<ApiKeyRow>, StoreError> {
    query(concat!(
        "SELECT ",
        columns!(),
        " FROM api_keys k WHERE k.tenant_id = $1 AND k.revoked_at IS NULL
         ORDER BY k.created_at DESC, k.id DESC LIMIT $2 OFFSET $3"
    ))
    .bind(tenant)
    .bind(i64::from(size))
    .bind(offset)
    .all(conn)
    .await
}

/// How many keys of a tenant were not revoked.
pub async fn count(conn: &mut Conn, tenant: TenantId) -> Result<u64, StoreError> {
    query("SELECT COUNT(*) FROM api_keys WHERE tenant_id = $1 AND revoked_at IS NULL").bind(tenant).count(conn).await
}

/// Ends a tenant's key, and says what it was called; none if there is none that was not ended before.
pub async fn revoke(
    conn: &mut Conn,
    tenant: TenantId,
    id: ApiKeyId,
    now: Timestamp,
) -> Result<Option<String>, StoreError> {
    let row: Option<(String,)> = query(
        "UPDATE api_keys SET revoked_at = $3 WHERE tenant_id = $1 AND id = $2 AND revoked_at IS NULL RETURNING name",
    )
    .bind(tenant)
    .bind(id)
    .bind(now)
    .optional(conn)
    .await?;
    Ok(row.map(|(name,)| name))
}

/// Ends the keys that a person made in a tenant, with one role or with any. Which ones that were.
pub async fn revoke_of_creator(
    conn: &mut Conn,
    tenant: TenantId,
    creator: UserId,
    role: Option<Role>,
    now: Timestamp,
) -> Result<Vec<ApiKeyId>, StoreError> {
    query(
        "UPDATE api_keys SET revoked_at = $4
         WHERE tenant_id = $1 AND created_by = $2 AND role = COALESCE($3, role) AND revoked_at IS NULL RETURNING id",
    )
    .bind(tenant)
    .bind(creator)
    .bind(role)
    .bind(now)
    .column(conn)
    .await
}

/// Notes that a key was used, unless somebody else noted that after `before`.
pub async fn note_use(
    conn: &mut Conn,
    id: ApiKeyId,
    address: &str,
    now: Timestamp,
    before: Timestamp,
) -> Result<(), StoreError> {
    query(
        "UPDATE api_keys SET last_used_at = $3, last_used_address = $2
         WHERE id = $1 AND (last_used_at IS NULL OR last_used_at <= $4)",
    )
    .bind(id)
    .bind(address)
    .bind(now)
    .bind(before)
    .execute(conn)
    .await
    .map(drop)
}

/// Forgets up to `limit` keys that ran out before `before`.
pub async fn delete_expired(conn: &mut Conn, before: Timestamp, limit: i64) -> Result<u64, StoreError> {
    query("DELETE FROM api_keys WHERE id IN (SELECT id FROM api_keys WHERE expires_at < $1 LIMIT $2)")
        .bind(before)
        .bind(limit)
        .execute(conn)
        .await
}
