//! One-time passes into sites, by their hash.

use erpmax_types::users::Role;
use erpmax_types::{SessionId, SiteId, SupportAccessId, TenantId, Timestamp, UserId};
use sqlx::FromRow;

use crate::engine::{Conn, StoreError, query};

/// A pass, as it is made.
#[derive(Clone, Debug)]
pub struct NewSsoToken<'a> {
    /// SHA-256 of the token.
    pub token_hash: &'a str,
    /// The tenant it opens.
    pub tenant: TenantId,
    /// The site it opens.
    pub site: SiteId,
    /// For whom.
    pub user: UserId,
    /// In which session.
    pub session: SessionId,
    /// The support access that it is of; none for a member's own pass.
    pub support_access: Option<SupportAccessId>,
    /// When it is made.
    pub created_at: Timestamp,
    /// Until when it is good.
    pub expires_at: Timestamp,
}

/// A pass with what session, membership and site say at this moment.
#[derive(Clone, Debug, FromRow)]
pub struct SsoTokenRow {
    /// The tenant it opens.
    pub tenant_id: TenantId,
    /// The tenant's name.
    pub tenant_name: String,
    /// The tenant's slug.
    pub tenant_slug: String,
    /// Whether the tenant's site came from elsewhere and has no key.
    pub is_legacy: bool,
    /// For whom.
    pub user_id: UserId,
    /// The person's address.
    pub email: String,
    /// The person's name.
    pub full_name: String,
    /// Whether the account is let in.
    pub is_active: bool,
    /// The session that it was made in.
    pub session_id: SessionId,
    /// The role in the tenant; none if the person left, or never was in it.
    pub role: Option<Role>,
    /// The support access that it is of.
    pub support_access_id: Option<SupportAccessId>,
    /// Until when that access is good.
    pub access_expires_at: Option<Timestamp>,
    /// When that access was ended.
    pub access_ended_at: Option<Timestamp>,
    /// Whether the account is an operator's.
    pub is_superuser: bool,
    /// When the session was ended.
    pub ended_at: Option<Timestamp>,
    /// Hash of the key of the site that the pass was made for; none if that site is gone or not ready.
    pub site_key_hash: Option<String>,
    /// When the pass was made.
    pub created_at: Timestamp,
    /// Until when it is good.
    pub expires_at: Timestamp,
    /// When it was spent.
    pub used_at: Option<Timestamp>,
}

/// Adds a pass.
pub async fn insert(conn: &mut Conn, token: &NewSsoToken<'_>) -> Result<(), StoreError> {
    query(
        "INSERT INTO sso_tokens (token_hash, tenant_id, site_id, user_id, session_id, created_at, expires_at,
             support_access_id)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
    )
    .bind(token.token_hash)
    .bind(token.tenant)
    .bind(token.site)
    .bind(token.user)
    .bind(token.session)
    .bind(token.created_at)
    .bind(token.expires_at)
    .bind(token.support_access)
    .execute(conn)
    .await
    .map(drop)
}

/// A pass by its hash.
pub async fn find(conn: &mut Conn, token_hash: &str) -> Result<Option<SsoTokenRow>, StoreError> {
    query(
        "SELECT k.tenant_id, t.name AS tenant_name, t.slug AS tenant_slug, t.is_legacy, k.user_id, u.email, u.full_name,
                u.is_active, u.is_superuser, k.session_id, m.role, s.ended_at, i.key_hash AS site_key_hash, k.created_at,
                k.expires_at, k.used_at, k.support_access_id, a.expires_at AS access_expires_at,
                a.ended_at AS access_ended_at
         FROM sso_tokens k
         JOIN tenants t ON t.id = k.tenant_id
         JOIN users u ON u.id = k.user_id
         JOIN sessions s ON s.id = k.session_id
         LEFT JOIN memberships m ON m.tenant_id = k.tenant_id AND m.user_id = k.user_id
         LEFT JOIN sites i ON i.id = k.site_id AND i.ready_at IS NOT NULL
         LEFT JOIN support_accesses a ON a.id = k.support_access_id
         WHERE k.token_hash = $1",
    )
    .bind(token_hash)
    .optional(conn)
    .await
}

/// Spends a pass; false if somebody else did before.
pub async fn spend(conn: &mut Conn, token_hash: &str, now: Timestamp) -> Result<bool, StoreError> {
    query("UPDATE sso_tokens SET used_at = $2 WHERE token_hash = $1 AND used_at IS NULL")
        .bind(token_hash)
        .bind(now)
        .execute(conn)
        .await
        .map(|rows| rows > 0)
}

/// Forgets up to `limit` passes that expired before `before`.
pub async fn delete_expired(conn: &mut Conn, before: Timestamp, limit: i64) -> Result<u64, StoreError> {
    query(
        "DELETE FROM sso_tokens WHERE token_hash IN (SELECT token_hash FROM sso_tokens WHERE expires_at < $1 LIMIT $2)",
    )
    .bind(before)
    .bind(limit)
    .execute(conn)
    .await
}
