//! Tenants and their members (guide §2 `tenant.dart`, §3 `tenant_service.dart`).

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::users::{Role, SignedIn, UserTenant};
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
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
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
    /// Where no mail server is set up: a one-time link to pass on to the person. It makes a member and does not prove the address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub link: Option<String>,
}

/// An invitation as `GET /tenants/{id}/invitations` lists it, until it is accepted or taken back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct OpenInvitation {
    /// The invitation's id.
    pub id: InvitationId,
    /// The invited address.
    pub email: String,
    /// The role that joining gives.
    pub role: Role,
    /// Who invited, or sent it again.
    pub invited_by: Inviter,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it stops being good.
    pub expires_at: Timestamp,
    /// Whether it can no longer be accepted: it ran out, or who invited may not invite any more. Sending it again makes it
    /// good again.
    pub is_expired: bool,
}

/// Who invited.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Inviter {
    /// The account.
    pub user_id: UserId,
    /// The person's name.
    pub full_name: String,
}

/// `POST /auth/invitations/look`.
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "openapi", schema(example = json!({"token": "019ab000-0000-7000-8000-000000000001.k3VYw0Jm8l9lqJ3Qw1x9o2f0m5d7c6b4a1Z8yXwVuTs"})))]
pub struct LookAtInvitation {
    /// `token` of the link.
    pub token: String,
}

crate::macros::words! {
    /// What accepting an invitation needs beside its token.
    InvitationNeeds {
        /// There is no account yet: `full_name` and `password`.
        Account = "account",
        /// Nothing more.
        Nothing = "nothing",
        /// The account's own session, or its `password`.
        Password = "password",
        /// The account's own session, its `password`, or a `new_password`.
        AnyPassword = "any_password",
    }
}

/// What an invitation's link leads to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct InvitationLook {
    /// The company.
    pub company: String,
    /// The name of who invited.
    pub inviter: String,
    /// The inviter's role in the company.
    pub inviter_role: Role,
    /// The role that joining gives.
    pub role: Role,
    /// The invited address.
    pub email: String,
    /// When the invitation stops being good.
    pub expires_at: Timestamp,
    /// Whether the address has an account.
    pub account_exists: bool,
    /// What accepting needs beside the token.
    pub needs: InvitationNeeds,
}

/// `POST /auth/invitations/accept`.
#[derive(Clone, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "openapi", schema(example = json!({"token": "019ab000-0000-7000-8000-000000000001.k3VYw0Jm8l9lqJ3Qw1x9o2f0m5d7c6b4a1Z8yXwVuTs",
    "full_name": "Acme Accountant", "password": "SecurePass123"})))]
pub struct AcceptInvitation {
    /// `token` of the link.
    pub token: String,
    /// For a new account: the person's name, 1 to 140 characters.
    pub full_name: Option<String>,
    /// For a new account its password, 8 to 128 characters; else the password that the account has.
    pub password: Option<String>,
    /// For an account whose address was never proven, in place of its password: another one. It ends the account's sessions and
    /// its second factor. Only a link that came by mail allows it.
    pub new_password: Option<String>,
}

/// The answer to `POST /auth/invitations/accept`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AcceptedInvitation {
    /// The company that the person belongs to now.
    pub joined: UserTenant,
    /// For a new account: its first session, as `POST /auth/register` answers it. It starts in the company joined.
    pub signed_in: Option<SignedIn>,
}

/// `POST /tenants/{id}/transfer`.
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "openapi", schema(example = json!({"user_id": "019ab000-0000-7000-8000-000000000001", "password": "SecurePass123"})))]
pub struct TransferOwnership {
    /// A member whose address is proven.
    pub user_id: String,
    /// The caller's password.
    pub password: String,
}

/// `PATCH /tenants/{id}/users/{user_id}`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "openapi", schema(example = json!({"role": "admin"})))]
pub struct UpdateRole {
    /// `owner`, `admin` or `user`.
    pub role: String,
}

crate::macros::debug_without_secrets!(Invitation { id, email, role });
crate::macros::debug_without_secrets!(LookAtInvitation {});
crate::macros::debug_without_secrets!(AcceptInvitation { full_name });
crate::macros::debug_without_secrets!(TransferOwnership { user_id });
