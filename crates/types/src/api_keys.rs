//! API keys: a tenant's programs call with a part of what their maker may do.

use serde::{Deserialize, Serialize};

use crate::users::Role;
use crate::{ApiKeyId, Timestamp, UserId};

crate::macros::words! {
    /// A group of operations that a key may be for. Its role still counts: `members:read` is of no use to a key of role `user`.
    Scope {
        /// Show the tenant.
        TenantRead = "tenant:read",
        /// Change its name and settings.
        TenantWrite = "tenant:write",
        /// List its members.
        MembersRead = "members:read",
        /// Invite and remove members.
        MembersWrite = "members:write",
        /// Show the subscription and the payments.
        BillingRead = "billing:read",
        /// Begin a checkout.
        BillingWrite = "billing:write",
        /// Show the jobs.
        JobsRead = "jobs:read",
        /// Ask for jobs, retry and cancel them.
        JobsWrite = "jobs:write",
        /// Read the audit trail.
        AuditRead = "audit:read",
    }
}

/// `POST /tenants/{id}/api-keys`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "openapi", schema(example = json!({
    "name": "Nightly backup", "role": "admin", "scopes": ["jobs:read", "jobs:write"],
    "expires_at": "2027-06-30T00:00:00Z", "networks": ["192.0.2.0/24"]})))]
pub struct CreateApiKey {
    /// What people call it: 1 to 140 characters.
    pub name: String,
    /// `admin` or `user`; not above the maker's own.
    pub role: String,
    /// What it may be used for, at least one: see `Scope`.
    #[cfg_attr(feature = "openapi", schema(value_type = Vec<Scope>))]
    pub scopes: Vec<String>,
    /// Until when it is good: at most 365 days.
    pub expires_at: Timestamp,
    /// Networks that it may come from, such as `192.0.2.0/24`, at most 100; left out: any.
    pub networks: Option<Vec<String>>,
}

/// A key, without its text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ApiKey {
    /// The key's id.
    pub id: ApiKeyId,
    /// What people call it.
    pub name: String,
    /// The last four characters of its text.
    pub hint: String,
    /// What it is in the tenant.
    pub role: Role,
    /// What it may be used for.
    pub scopes: Vec<Scope>,
    /// The networks that it may come from; null: any.
    pub networks: Option<Vec<String>>,
    /// Who made it. It ends when this person leaves the tenant or is no longer what the key is.
    pub created_by: UserId,
    /// When it was made.
    pub created_at: Timestamp,
    /// Until when it is good.
    pub expires_at: Timestamp,
    /// When it was used last, to the minute.
    pub last_used_at: Option<Timestamp>,
    /// From which address; of IPv6 its /64.
    pub last_used_address: Option<String>,
}

/// The answer to `POST /tenants/{id}/api-keys`: the only one with the key's text.
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ApiKeyCreated {
    /// The key.
    pub api_key: ApiKey,
    /// For the header `Authorization: Bearer erpmax_…`. It is shown this one time.
    #[cfg_attr(feature = "openapi", schema(example = "erpmax_k3VYw0Jm8l9lqJ3Qw1x9o2f0m5d7c6b4a1Z8yXwVuTs"))]
    pub key: String,
}

crate::macros::debug_without_secrets!(ApiKeyCreated { api_key });
