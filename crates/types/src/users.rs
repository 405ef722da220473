//! People: accounts, sign-in, tokens and membership (guide §2 `user.dart`, §3 `auth_service.dart`).

use serde::{Deserialize, Serialize};

use crate::tenants::Tenant;
use crate::{SessionId, TenantId, Timestamp, UserId};

crate::macros::words! {
    /// What a member may do in a tenant; each role may do what the ones after it may.
    Role {
        /// Everything, including roles, deletion and the end of the subscription.
        Owner = "owner",
        /// Members, billing and jobs.
        Admin = "admin",
        /// Reading, and signing in to the site. `member` is accepted as another word.
        User = "user" | "member",
    }
}

impl Role {
    const fn rank(self) -> u8 {
        match self {
            Self::Owner => 2,
            Self::Admin => 1,
            Self::User => 0,
        }
    }

    /// The one of the two roles that may do less.
    #[must_use]
    pub const fn lower(self, other: Self) -> Self {
        if self.includes(other) { other } else { self }
    }

    /// Whether this role may do all that `other` may.
    pub const fn includes(self, other: Self) -> bool {
        self.rank() >= other.rank()
    }
}

/// An account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct User {
    /// The account's id.
    pub id: UserId,
    /// The address as it was written at registration; compared without case.
    pub email: String,
    /// The person's name.
    pub full_name: String,
    /// False once an operator deactivated the account.
    pub is_active: bool,
    /// True for an operator of the installation; gives no right inside tenants.
    pub is_superuser: bool,
    /// Whether the address was proven.
    pub email_verified: bool,
    /// The language of notifications and mails: `uk` or `en`.
    #[cfg_attr(feature = "openapi", schema(example = "uk"))]
    pub language: String,
    /// When the account was made.
    pub created_at: Timestamp,
    /// When the account was changed last.
    pub updated_at: Timestamp,
}

/// A tenant that the person belongs to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct UserTenant {
    /// The tenant.
    pub tenant_id: TenantId,
    /// Its name.
    pub tenant_name: String,
    /// The person's role in it.
    pub role: Role,
    /// Whether sign-in starts here.
    pub is_default: bool,
}

/// `POST /auth/register`.
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "openapi", schema(example = json!({
    "email": "owner@acme.example", "password": "SecurePass123", "full_name": "Acme Owner", "company_name": "Acme"})))]
pub struct Register {
    /// An e-mail address without an account.
    pub email: String,
    /// 8 to 128 characters, none of the common ones, not the person's own address or company.
    pub password: String,
    /// 1 to 140 characters.
    pub full_name: String,
    /// 1 to 140 characters; names the tenant and its site's address.
    pub company_name: String,
}

/// `POST /auth/login`.
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "openapi", schema(example = json!({"email": "owner@acme.example", "password": "SecurePass123"})))]
pub struct Login {
    /// The account's address, in any case.
    pub email: String,
    /// The account's password.
    pub password: String,
}

/// `POST /auth/refresh`.
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "openapi", schema(example = json!({"refresh_token": "ert_k3VYw0Jm8l9lqJ3Qw1x9o2f0m5d7c6b4a1Z8yXwVuTs"})))]
pub struct Refresh {
    /// The newest refresh token of the session.
    pub refresh_token: String,
}

/// `POST /auth/switch-tenant`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "openapi", schema(example = json!({"tenant_id": "019ab000-0000-7000-8000-000000000001"})))]
pub struct SwitchTenant {
    /// A tenant that the caller belongs to.
    pub tenant_id: String,
}

/// `POST /auth/confirm`.
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "openapi", schema(example = json!({"password": "SecurePass123"})))]
pub struct Confirm {
    /// The account's password.
    pub password: String,
}

/// The answer to `POST /auth/confirm`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Confirmed {
    /// When the password was shown; what asks for it again takes that as an answer for some minutes.
    pub confirmed_at: Timestamp,
}

/// `POST /auth/password/change`.
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "openapi", schema(example = json!({"current_password": "SecurePass123", "new_password": "BlueHorse-Battery"})))]
pub struct ChangePassword {
    /// The password so far.
    pub current_password: String,
    /// 8 to 128 characters, none of the common ones, not the person's own address or name.
    pub new_password: String,
}

/// A living session of the person who asks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Session {
    /// The session's id.
    pub id: SessionId,
    /// Browser or program and system, as far as they say it: `Firefox, Linux`.
    #[cfg_attr(feature = "openapi", schema(example = "Firefox, Linux"))]
    pub device: String,
    /// Where the sign-in came from; of IPv6 its /64.
    #[cfg_attr(feature = "openapi", schema(example = "192.0.2.7"))]
    pub address: String,
    /// When it began.
    pub created_at: Timestamp,
    /// When its tokens were refreshed last.
    pub last_used_at: Timestamp,
    /// When it ends at the latest.
    pub expires_at: Timestamp,
    /// Whether it is the session that asks.
    pub current: bool,
}

/// The answer to `DELETE /auth/sessions`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct EndedSessions {
    /// How many sessions were ended.
    pub ended: u64,
}

/// A fresh pair of tokens.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Tokens {
    /// JWT for the `Authorization` header; 15 minutes.
    pub access_token: String,
    /// Opaque, for `POST /auth/refresh` only; 30 days.
    pub refresh_token: String,
}

/// The answer to `register` and `login`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SignedIn {
    /// The new session's tokens.
    #[serde(flatten)]
    pub tokens: Tokens,
    /// The account.
    pub user: User,
    /// All tenants of the person.
    pub tenants: Vec<UserTenant>,
    /// The tenant that the session starts in.
    pub current_tenant: Tenant,
}

/// The answer to `switch-tenant`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Switched {
    /// Tokens that name the new tenant.
    #[serde(flatten)]
    pub tokens: Tokens,
    /// The session's tenant from now on.
    pub tenant: Tenant,
}

/// The answer to `GET /auth/me`: the user nested as in the guide, and flat as the published app reads it.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Me {
    /// The account.
    pub user: User,
    /// The account's fields once more.
    #[serde(flatten)]
    pub flat: User,
    /// All tenants of the person.
    pub tenants: Vec<UserTenant>,
    /// The session's tenant; null once the person no longer belongs to it.
    pub current_tenant: Option<Tenant>,
    /// The session that asks.
    pub session_id: SessionId,
}

crate::macros::debug_without_secrets!(Register { email, full_name, company_name });
crate::macros::debug_without_secrets!(Login { email });
crate::macros::debug_without_secrets!(Confirm {});
crate::macros::debug_without_secrets!(ChangePassword {});
crate::macros::debug_without_secrets!(Refresh {});
crate::macros::debug_without_secrets!(Tokens {});

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_printed_for_a_log_holds_no_secret() {
        let secret = || "SecurePass123".to_owned();
        let text = || "text".to_owned();
        let tokens = Tokens { access_token: secret(), refresh_token: secret() };
        let printed = [
            format!("{:?}", Login { email: text(), password: secret() }),
            format!("{:?}", Register { email: text(), password: secret(), full_name: text(), company_name: text() }),
            format!("{:?}", Confirm { password: secret() }),
            format!("{:?}", Refresh { refresh_token: secret() }),
            format!("{tokens:?}"),
        ];
        for text in printed {
            assert!(!text.contains(&secret()), "{text}");
        }
        assert_eq!(format!("{:?}", Login { email: text(), password: secret() }), r#"Login { email: "text", .. }"#);
    }
}
