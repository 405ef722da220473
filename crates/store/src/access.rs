//! The one statement that authorises a request.

use erpmax_types::tenants::TenantStatus;
use erpmax_types::users::{Role, User, UserTenant};
use erpmax_types::{SessionId, TenantId, Timestamp, UserId};
use sqlx::FromRow;

use crate::engine::{Conn, StoreError, query};
use crate::tenants::TenantRow;

/// A session, its account and its membership in one tenant.
#[derive(Clone, Debug, FromRow)]
pub struct AccessRow {
    /// The session.
    pub session_id: SessionId,
    /// Its current tenant.
    pub session_tenant_id: TenantId,
    /// When it was ended.
    pub ended_at: Option<Timestamp>,
    /// When it ends at the latest.
    pub expires_at: Timestamp,
    /// When the person showed the password last: at the sign-in, or again.
    pub confirmed_at: Timestamp,
    /// The account.
    pub user_id: UserId,
    /// Its address.
    pub email: String,
    /// The person's name.
    pub full_name: String,
    /// The language of messages to the person.
    pub language: String,
    /// When the address was proven.
    pub email_proven_at: Option<Timestamp>,
    /// Whether the account is let in.
    pub is_active: bool,
    /// Whether it is an operator.
    pub is_superuser: bool,
    /// Since when signing in to the account asks for a code.
    pub second_factor_at: Option<Timestamp>,
    /// The role in the tenant asked for; none for a stranger to it.
    pub role: Option<Role>,
    /// Whether that tenant lets in only members with a second factor.
    pub requires_second_factor: bool,
}

/// The session `session` with its account, and its role in `tenant`, or in the current tenant if none is given.
pub async fn find(
    conn: &mut Conn,
    session: SessionId,
    tenant: Option<TenantId>,
) -> Result<Option<AccessRow>, StoreError> {
    query(
        "SELECT s.id AS session_id, s.tenant_id AS session_tenant_id, s.ended_at, s.expires_at,
                COALESCE(s.confirmed_at, s.created_at) AS confirmed_at, s.user_id, u.email, u.full_name, u.language,
                u.email_proven_at, u.is_active, u.is_superuser, f.activated_at AS second_factor_at,
                m.role, COALESCE(t.requires_second_factor, FALSE) AS requires_second_factor
         FROM sessions s
         JOIN users u ON u.id = s.user_id
         LEFT JOIN second_factors f ON f.user_id = s.user_id
         LEFT JOIN memberships m ON m.user_id = s.user_id AND m.tenant_id = COALESCE($2, s.tenant_id)
         LEFT JOIN tenants t ON t.id = m.tenant_id
         WHERE s.id = $1",
    )
    .bind(session)
    .bind(tenant)
    .optional(conn)
    .await
}

/// One line of [`find_with_tenants`]: the session and account, and one of the person's tenants.
#[derive(Clone, Debug, FromRow)]
struct MeRow {
    session_tenant_id: TenantId,
    ended_at: Option<Timestamp>,
    session_expires_at: Timestamp,
    user_id: UserId,
    email: String,
    full_name: String,
    language: String,
    is_active: bool,
    is_superuser: bool,
    email_proven_at: Option<Timestamp>,
    user_created_at: Timestamp,
    user_updated_at: Timestamp,
    role: Option<Role>,
    is_default: Option<bool>,
    tenant_id: Option<TenantId>,
    name: Option<String>,
    slug: Option<String>,
    status: Option<TenantStatus>,
    settings: Option<String>,
    site_name: Option<erpmax_types::site_name::SiteName>,
    is_dormant: Option<bool>,
    created_at: Option<Timestamp>,
    updated_at: Option<Timestamp>,
}

/// What `GET /auth/me` shows, and what authorises it.
#[derive(Clone, Debug)]
pub struct MeRows {
    /// The session's current tenant.
    pub session_tenant_id: TenantId,
    /// When the session was ended.
    pub ended_at: Option<Timestamp>,
    /// When it ends at the latest.
    pub expires_at: Timestamp,
    /// The account.
    pub user: User,
    /// All tenants of the person.
    pub tenants: Vec<UserTenant>,
    /// The current tenant, if the person still belongs to it.
    pub current_tenant: Option<TenantRow>,
}

/// The session with its account and all tenants of the person, in one statement.
pub async fn find_with_tenants(conn: &mut Conn, session: SessionId) -> Result<Option<MeRows>, StoreError> {
    let rows: Vec<MeRow> = query(
        "SELECT s.tenant_id AS session_tenant_id, s.ended_at, s.expires_at AS session_expires_at, s.user_id,
                u.email, u.full_name, u.language, u.is_active, u.is_superuser, u.email_proven_at,
                u.created_at AS user_created_at, u.updated_at AS user_updated_at,
                m.role, m.is_default, t.id AS tenant_id, t.name, t.slug, t.status, t.settings, i.name AS site_name,
                t.is_dormant, t.created_at, t.updated_at
         FROM sessions s
         JOIN users u ON u.id = s.user_id
         LEFT JOIN memberships m ON m.user_id = s.user_id
         LEFT JOIN tenants t ON t.id = m.tenant_id
         LEFT JOIN sites i ON i.tenant_id = t.id AND i.ready_at IS NOT NULL
         WHERE s.id = $1 ORDER BY m.joined_at, m.tenant_id",
    )
    .bind(session)
    .all(conn)
    .await?;
    let Some(first) = rows.first().cloned() else { return Ok(None) };
    let current_tenant = rows.iter().find(|row| row.tenant_id == Some(first.session_tenant_id)).and_then(MeRow::tenant);
    Ok(Some(MeRows {
        session_tenant_id: first.session_tenant_id,
        ended_at: first.ended_at,
        expires_at: first.session_expires_at,
        tenants: rows.iter().filter_map(MeRow::user_tenant).collect(),
        user: first.into_user(),
        current_tenant,
    }))
}

impl MeRow {
    fn tenant(&self) -> Option<TenantRow> {
        Some(TenantRow {
            id: self.tenant_id?,
            name: self.name.clone()?,
            slug: self.slug.clone()?,
            status: self.status?,
            settings: self.settings.clone()?,
            site_name: self.site_name.clone(),
            is_dormant: self.is_dormant?,
            created_at: self.created_at?,
            updated_at: self.updated_at?,
        })
    }

    fn user_tenant(&self) -> Option<UserTenant> {
        Some(UserTenant {
            tenant_id: self.tenant_id?,
            tenant_name: self.name.clone()?,
            role: self.role?,
            is_default: self.is_default?,
        })
    }

    fn into_user(self) -> User {
        User {
            id: self.user_id,
            email: self.email,
            full_name: self.full_name,
            is_active: self.is_active,
            is_superuser: self.is_superuser,
            email_verified: self.email_proven_at.is_some(),
            language: self.language,
            created_at: self.user_created_at,
            updated_at: self.user_updated_at,
        }
    }
}
