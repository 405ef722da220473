//! Tenants, read together with their site.

use erpmax_types::site_name::SiteName;
use erpmax_types::tenants::TenantStatus;
use erpmax_types::{TenantId, Timestamp, UserId};
use sqlx::FromRow;

use crate::engine::{Conn, StoreError, query};

/// A tenant as it is kept, with the name of its site once that is ready.
#[derive(Clone, Debug, FromRow)]
pub struct TenantRow {
    /// The tenant's id.
    pub id: TenantId,
    /// The company's name.
    pub name: String,
    /// Unique; names the site.
    pub slug: String,
    /// Where it stands.
    pub status: TenantStatus,
    /// A JSON object.
    pub settings: String,
    /// The ready site's label; the address is made from it and the configuration.
    pub site_name: Option<SiteName>,
    /// Whether it was not used yet and has no subscription.
    pub is_dormant: bool,
    /// When the tenant was made.
    pub created_at: Timestamp,
    /// When it was changed last.
    pub updated_at: Timestamp,
}

macro_rules! select_tenant {
    ($rest:literal) => {
        concat!(
            "SELECT t.id, t.name, t.slug, t.status, t.settings, s.name AS site_name, t.is_dormant,
                    t.created_at, t.updated_at
             FROM tenants t LEFT JOIN sites s ON s.tenant_id = t.id AND s.ready_at IS NOT NULL ",
            $rest
        )
    };
}

/// A tenant by its id.
pub async fn find(conn: &mut Conn, id: TenantId) -> Result<Option<TenantRow>, StoreError> {
    query(select_tenant!("WHERE t.id = $1")).bind(id).optional(conn).await
}

/// A tenant by its slug.
pub async fn find_by_slug(conn: &mut Conn, slug: &str) -> Result<Option<TenantRow>, StoreError> {
    query(select_tenant!("WHERE t.slug = $1")).bind(slug).optional(conn).await
}

/// Whether a slug is taken.
pub async fn slug_is_taken(conn: &mut Conn, slug: &str) -> Result<bool, StoreError> {
    let row: Option<(String,)> = query("SELECT slug FROM tenants WHERE slug = $1").bind(slug).optional(conn).await?;
    Ok(row.is_some())
}

/// A page of the tenants that a person belongs to, in the order of joining.
pub async fn list_of_user(conn: &mut Conn, user: UserId, size: u32, offset: i64) -> Result<Vec<TenantRow>, StoreError> {
    query(select_tenant!(
        "JOIN memberships m ON m.tenant_id = t.id
         WHERE m.user_id = $1 ORDER BY m.joined_at, t.id LIMIT $2 OFFSET $3"
    ))
    .bind(user)
    .bind(i64::from(size))
    .bind(offset)
    .all(conn)
    .await
}

/// How many tenants a person belongs to.
pub async fn count_of_user(conn: &mut Conn, user: UserId) -> Result<u64, StoreError> {
    query("SELECT COUNT(*) FROM memberships WHERE user_id = $1").bind(user).count(conn).await
}

/// Adds a tenant; a taken slug is a violation of `tenants.slug`.
pub async fn insert(conn: &mut Conn, tenant: &TenantRow) -> Result<(), StoreError> {
    query(
        "INSERT INTO tenants (id, name, slug, status, settings, is_legacy, is_dormant, created_at, updated_at, name_key)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
    )
    .bind(tenant.id)
    .bind(&tenant.name)
    .bind(&tenant.slug)
    .bind(tenant.status)
    .bind(&tenant.settings)
    .bind(false)
    .bind(tenant.is_dormant)
    .bind(tenant.created_at)
    .bind(tenant.updated_at)
    .bind(name_key(&tenant.name))
    .execute(conn)
    .await
    .map(drop)
}

/// Changes name and settings; `None` leaves a field as it is.
pub async fn update(
    conn: &mut Conn,
    id: TenantId,
    name: Option<&str>,
    settings: Option<&str>,
    now: Timestamp,
) -> Result<(), StoreError> {
    query(
        "UPDATE tenants SET name = COALESCE($2, name), name_key = COALESCE($5, name_key),
             settings = COALESCE($3, settings), updated_at = $4
         WHERE id = $1",
    )
    .bind(id)
    .bind(name)
    .bind(settings)
    .bind(now)
    .bind(name.map(name_key))
    .execute(conn)
    .await
    .map(drop)
}

/// Marks a tenant as used; false if it was before.
pub async fn wake(conn: &mut Conn, id: TenantId) -> Result<bool, StoreError> {
    query("UPDATE tenants SET is_dormant = FALSE WHERE id = $1 AND is_dormant")
        .bind(id)
        .execute(conn)
        .await
        .map(|rows| rows > 0)
}

/// Whether members of a tenant need a second factor.
pub async fn requires_second_factor(conn: &mut Conn, id: TenantId) -> Result<bool, StoreError> {
    query("SELECT COUNT(*) FROM tenants WHERE id = $1 AND requires_second_factor")
        .bind(id)
        .count(conn)
        .await
        .map(|count| count > 0)
}

/// From now on members of a tenant need a second factor, or no longer.
pub async fn update_requires_second_factor(conn: &mut Conn, id: TenantId, required: bool) -> Result<(), StoreError> {
    query("UPDATE tenants SET requires_second_factor = $2 WHERE id = $1")
        .bind(id)
        .bind(required)
        .execute(conn)
        .await
        .map(drop)
}

/// Whether operators may sign in to a tenant's site.
pub async fn allows_support_access(conn: &mut Conn, id: TenantId) -> Result<bool, StoreError> {
    let row: Option<(bool,)> =
        query("SELECT allows_support_access FROM tenants WHERE id = $1").bind(id).optional(conn).await?;
    Ok(row.is_some_and(|(allowed,)| allowed))
}

/// Lets operators sign in to a tenant's site, or no longer.
pub async fn update_allows_support_access(conn: &mut Conn, id: TenantId, allowed: bool) -> Result<(), StoreError> {
    query("UPDATE tenants SET allows_support_access = $2 WHERE id = $1")
        .bind(id)
        .bind(allowed)
        .execute(conn)
        .await
        .map(drop)
}

/// How names are searched.
pub(crate) fn name_key(name: &str) -> String {
    name.to_lowercase()
}

/// Moves a tenant to another state.
pub async fn update_status(
    conn: &mut Conn,
    id: TenantId,
    status: TenantStatus,
    now: Timestamp,
) -> Result<(), StoreError> {
    query("UPDATE tenants SET status = $2, updated_at = $3 WHERE id = $1")
        .bind(id)
        .bind(status)
        .bind(now)
        .execute(conn)
        .await
        .map(drop)
}

/// Takes the tenant's row until the transaction ends, so that changes of its members, jobs and site come one after another.
pub async fn lock(conn: &mut Conn, id: TenantId) -> Result<(), StoreError> {
    query("UPDATE tenants SET id = id WHERE id = $1").bind(id).execute(conn).await.map(drop)
}
