//! Tenants and their members (guide §2 `tenant.dart`, §3 `tenant_service.dart`).

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::users::Role;
use crate::{InvitationId, TenantId, Timestamp, UserId};

crate::macros::words! {
    /// The life of a tenant: `pending → provisioning → active ⇄ suspended → cancelled`.
    TenantStatus {
        /// No site yet, or no longer.
        Pending = "pending",
        /// The site is being built.
        Provisioning = "provisioning",
        /// The site is open.
        Active = "active",
        /// The site is closed until a payment.
        Suspended = "suspended",
        /// Given up; data is kept for a while.
        Cancelled = "cancelled",
    }
}

/// A customer company.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Tenant {
    /// The tenant's id.
    pub id: TenantId,
    /// The company's name.
    pub name: String,
    /// Unique; the first label of the site's address.
    pub slug: String,
    /// Where it stands.
    pub status: TenantStatus,
    /// The site's address once it is ready.
    pub erpnext_site_url: Option<String>,
    /// The tenant's own settings, at most 16 KiB and four levels deep.
    #[cfg_attr(feature = "openapi", schema(value_type = Object))]
    pub settings: Map<String, Value>,
    /// When the tenant was made.
    pub created_at: Timestamp,
    /// When the tenant was changed last.
    pub updated_at: Timestamp,
}

/// `PATCH /tenants/{id}`: absent fields stay as they are.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "openapi", schema(example = json!({"name": "Acme Trading", "settings": {"language": "uk"}})))]
pub struct UpdateTenant {
    /// 1 to 140 characters.
    pub name: Option<String>,
    /// Replaces the settings as a whole. Known keys: `language`, `timezone`, `country`, `currency`, and
    /// `require_second_factor` and `allow_support_access`, which an owner alone switches and which stay if they are left out.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<Object>))]
    pub settings: Option<Map<String, Value>>,
}

/// A member as `GET /tenants/{id}/users` lists it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TenantUser {
    /// The member's account.
    pub user_id: UserId,
    /// Its address.
    pub email: String,
    /// The person's name.
    pub full_name: String,
    /// The role in this tenant.
    pub role: Role,
    /// Whether this is the person's default tenant.
    pub is_default: bool,
    /// When the person joined.
    pub joined_at: Timestamp,
}

/// `POST /tenants/{id}/users/invite`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "openapi", schema(example = json!({"email": "accountant@acme.example", "role": "user"})))]
pub struct InviteUser {
    /// The address of the person, with or without an account.
    pub email: String,
    /// `admin` or `user`; not above the inviter's own. Ownership is handed over, not invited.
    pub role: String,
}

/// An invitation; the same answer whether or not the address has an account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Invitation {
    /// The invitation's id.
    pub id: InvitationId,
    /// The invited address.
    pub email: String,
    /// The role that joining gives.
    pub role: Role,
    /// When it was sent.
    pub created_at: Timestamp,
    /// When it stops being good.
    pub expires_at: Timestamp,
}

/// `PATCH /tenants/{id}/users/{user_id}`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "openapi", schema(example = json!({"role": "admin"})))]
pub struct UpdateRole {
    /// `owner`, `admin` or `user`.
    pub role: String,
}
