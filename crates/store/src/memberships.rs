//! Who belongs to which tenant, in which role.

use erpmax_types::users::{Role, UserTenant};
use erpmax_types::{TenantId, Timestamp, UserId};
use sqlx::FromRow;

use crate::engine::{Conn, StoreError, query};

/// A member of a tenant.
#[derive(Clone, Debug, FromRow)]
pub struct MemberRow {
    /// The account.
    pub user_id: UserId,
    /// Its address.
    pub email: String,
    /// The person's name.
    pub full_name: String,
    /// The language of messages to the person.
    pub language: String,
    /// The role.
    pub role: Role,
    /// Whether this is the person's default tenant.
    pub is_default: bool,
    /// When the person joined.
    pub joined_at: Timestamp,
}

#[derive(FromRow)]
struct TenantOfUser {
    tenant_id: TenantId,
    tenant_name: String,
    role: Role,
    is_default: bool,
}

macro_rules! select_member {
    ($rest:literal) => {
        concat!(
            "SELECT m.user_id, u.email, u.full_name, u.language, m.role, m.is_default, m.joined_at
             FROM memberships m JOIN users u ON u.id = m.user_id ",
            $rest
        )
    };
}

/// One member.
pub async fn find(conn: &mut Conn, tenant: TenantId, user: UserId) -> Result<Option<MemberRow>, StoreError> {
    query(select_member!("WHERE m.tenant_id = $1 AND m.user_id = $2")).bind(tenant).bind(user).optional(conn).await
}

/// A page of a tenant's members, in the order of joining.
pub async fn list(conn: &mut Conn, tenant: TenantId, size: u32, offset: i64) -> Result<Vec<MemberRow>, StoreError> {
    query(select_member!("WHERE m.tenant_id = $1 ORDER BY m.joined_at, m.user_id LIMIT $2 OFFSET $3"))
        .bind(tenant)
        .bind(i64::from(size))
        .bind(offset)
        .all(conn)
        .await
}

/// How many members a tenant has.
pub async fn count(conn: &mut Conn, tenant: TenantId) -> Result<u64, StoreError> {
    query("SELECT COUNT(*) FROM memberships WHERE tenant_id = $1").bind(tenant).count(conn).await
}

/// How many owners a tenant has.
pub async fn count_owners(conn: &mut Conn, tenant: TenantId) -> Result<u64, StoreError> {
    query("SELECT COUNT(*) FROM memberships WHERE tenant_id = $1 AND role = $2")
        .bind(tenant)
        .bind(Role::Owner)
        .count(conn)
        .await
}

/// All members with at least the role `least`, for messages to them.
pub async fn list_with_role(conn: &mut Conn, tenant: TenantId, least: Role) -> Result<Vec<MemberRow>, StoreError> {
    let members: Vec<MemberRow> =
        query(select_member!("WHERE m.tenant_id = $1 ORDER BY m.joined_at, m.user_id")).bind(tenant).all(conn).await?;
    Ok(members.into_iter().filter(|member| member.role.includes(least)).collect())
}

/// The members of a tenant that requires a second factor, who have none.
pub async fn list_without_second_factor(conn: &mut Conn, tenant: TenantId) -> Result<Vec<UserId>, StoreError> {
    query(
        "SELECT m.user_id FROM memberships m JOIN tenants t ON t.id = m.tenant_id AND t.requires_second_factor
         LEFT JOIN second_factors f ON f.user_id = m.user_id
         WHERE m.tenant_id = $1 AND f.activated_at IS NULL",
    )
    .bind(tenant)
    .column(conn)
    .await
}

/// The tenants of a person that require a second factor.
pub async fn list_requiring_second_factor(conn: &mut Conn, user: UserId) -> Result<Vec<TenantId>, StoreError> {
    query(
        "SELECT m.tenant_id FROM memberships m JOIN tenants t ON t.id = m.tenant_id AND t.requires_second_factor
         WHERE m.user_id = $1",
    )
    .bind(user)
    .column(conn)
    .await
}

/// All tenants of a person, in the order of joining.
pub async fn list_of_user(conn: &mut Conn, user: UserId) -> Result<Vec<UserTenant>, StoreError> {
    let rows: Vec<TenantOfUser> = query(
        "SELECT m.tenant_id, t.name AS tenant_name, m.role, m.is_default
         FROM memberships m JOIN tenants t ON t.id = m.tenant_id
         WHERE m.user_id = $1 ORDER BY m.joined_at, m.tenant_id",
    )
    .bind(user)
    .all(conn)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| UserTenant {
            tenant_id: row.tenant_id,
            tenant_name: row.tenant_name,
            role: row.role,
            is_default: row.is_default,
        })
        .collect())
}

/// Adds a member; a second time is a violation of `memberships`' primary key, so look first.
pub async fn insert(
    conn: &mut Conn,
    tenant: TenantId,
    user: UserId,
    role: Role,
    is_default: bool,
    now: Timestamp,
) -> Result<bool, StoreError> {
    query(
        "INSERT INTO memberships (user_id, tenant_id, role, is_default, joined_at) VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT DO NOTHING",
    )
    .bind(user)
    .bind(tenant)
    .bind(role)
    .bind(is_default)
    .bind(now)
    .execute(conn)
    .await
    .map(|rows| rows > 0)
}

/// Gives a member another role.
pub async fn update_role(conn: &mut Conn, tenant: TenantId, user: UserId, role: Role) -> Result<(), StoreError> {
    query("UPDATE memberships SET role = $3 WHERE tenant_id = $1 AND user_id = $2")
        .bind(tenant)
        .bind(user)
        .bind(role)
        .execute(conn)
        .await
        .map(drop)
}

/// Makes a tenant the person's default one.
pub async fn update_default(conn: &mut Conn, user: UserId, tenant: TenantId) -> Result<(), StoreError> {
    query("UPDATE memberships SET is_default = (tenant_id = $2) WHERE user_id = $1")
        .bind(user)
        .bind(tenant)
        .execute(conn)
        .await
        .map(drop)
}

/// Ends a membership.
pub async fn delete(conn: &mut Conn, tenant: TenantId, user: UserId) -> Result<(), StoreError> {
    query("DELETE FROM memberships WHERE tenant_id = $1 AND user_id = $2")
        .bind(tenant)
        .bind(user)
        .execute(conn)
        .await
        .map(drop)
}

/// Makes the person's oldest remaining tenant the default one if none is.
pub async fn ensure_default(conn: &mut Conn, user: UserId) -> Result<(), StoreError> {
    query(
        "UPDATE memberships SET is_default = TRUE
         WHERE user_id = $1
           AND NOT EXISTS (SELECT 1 FROM memberships d WHERE d.user_id = $1 AND d.is_default)
           AND tenant_id = (SELECT f.tenant_id FROM memberships f WHERE f.user_id = $1
                            ORDER BY f.joined_at, f.tenant_id LIMIT 1)",
    )
    .bind(user)
    .execute(conn)
    .await
    .map(drop)
}
