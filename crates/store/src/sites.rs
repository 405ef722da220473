//! Sites: one a tenant.

use erpmax_types::site_name::SiteName;
use erpmax_types::{SiteId, TenantId, Timestamp};
use sqlx::FromRow;

use crate::engine::{Conn, StoreError, query};

/// A site as it is kept.
#[derive(Clone, Debug, FromRow)]
pub struct SiteRow {
    /// The site's id.
    pub id: SiteId,
    /// Whose it is.
    pub tenant_id: TenantId,
    /// The label of its address.
    pub name: SiteName,
    /// The site's own key, sealed by the master key.
    pub key_sealed: String,
    /// SHA-256 of the key.
    pub key_hash: String,
    /// `building`, `ready`, `closing` while it is being deleted, or `leaked` where remains could not be removed.
    pub state: String,
    /// When its creation was asked for.
    pub created_at: Timestamp,
    /// When it was first open; none while it is being built.
    pub ready_at: Option<Timestamp>,
    /// Whether it is to be closed until a payment; jobs make it so.
    pub is_suspended: bool,
}

/// The tenant's site, ready or not.
pub async fn find_of_tenant(conn: &mut Conn, tenant: TenantId) -> Result<Option<SiteRow>, StoreError> {
    query(
        "SELECT id, tenant_id, name, state, key_sealed, key_hash, created_at, ready_at, is_suspended FROM sites
         WHERE tenant_id = $1",
    )
    .bind(tenant)
    .optional(conn)
    .await
}

/// Adds a site that is about to be built; a taken name is a violation of `sites.name`.
pub async fn insert(conn: &mut Conn, site: &SiteRow) -> Result<(), StoreError> {
    query(
        "INSERT INTO sites (id, tenant_id, name, state, key_sealed, key_hash, created_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
    )
    .bind(site.id)
    .bind(site.tenant_id)
    .bind(&site.name)
    .bind(&site.state)
    .bind(&site.key_sealed)
    .bind(&site.key_hash)
    .bind(site.created_at)
    .execute(conn)
    .await
    .map(drop)
}

/// Opens a site to its tenant.
pub async fn mark_ready(conn: &mut Conn, id: SiteId, now: Timestamp) -> Result<(), StoreError> {
    query("UPDATE sites SET state = 'ready', ready_at = COALESCE(ready_at, $2) WHERE id = $1")
        .bind(id)
        .bind(now)
        .execute(conn)
        .await
        .map(drop)
}

/// Closes a ready site to sign-in while it is being deleted, or opens one again that was closed so; any other stays as it is.
pub async fn set_closing(conn: &mut Conn, id: SiteId, closing: bool, now: Timestamp) -> Result<(), StoreError> {
    let (from, to, ready_at) = if closing { ("ready", "closing", None) } else { ("closing", "ready", Some(now)) };
    query("UPDATE sites SET state = $3, ready_at = $4 WHERE id = $1 AND state = $2")
        .bind(id)
        .bind(from)
        .bind(to)
        .bind(ready_at)
        .execute(conn)
        .await
        .map(drop)
}

/// Notes that a site is to be closed until a payment, or to be open again.
pub async fn set_suspended(conn: &mut Conn, id: SiteId, suspended: bool) -> Result<(), StoreError> {
    query("UPDATE sites SET is_suspended = $2 WHERE id = $1").bind(id).bind(suspended).execute(conn).await.map(drop)
}

/// Marks a site whose remains could not be removed: its name stays taken until an operator has seen to it.
pub async fn mark_leaked(conn: &mut Conn, id: SiteId) -> Result<(), StoreError> {
    query("UPDATE sites SET state = 'leaked', ready_at = NULL WHERE id = $1").bind(id).execute(conn).await.map(drop)
}

/// Forgets a site of which nothing is left.
pub async fn delete(conn: &mut Conn, id: SiteId) -> Result<(), StoreError> {
    query("DELETE FROM sites WHERE id = $1").bind(id).execute(conn).await.map(drop)
}
