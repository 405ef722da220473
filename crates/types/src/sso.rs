//! Single sign-on into the tenant's site (guide §3 `sso_service.dart`).

use serde::{Deserialize, Serialize};

use crate::users::Role;
use crate::{TenantId, Timestamp, UserId};

/// A one-time pass into the site.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SsoToken {
    /// The site's sign-in address with the token in it.
    pub sso_url: String,
    /// 256 random bits; good once, for 60 seconds.
    pub token: String,
    /// When it stops being good.
    pub expires_at: Timestamp,
}

/// Who signs in, as the site is told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SsoUser {
    /// The account.
    pub id: UserId,
    /// Its address.
    pub email: String,
    /// The person's name.
    pub full_name: String,
    /// The role in the site's tenant.
    pub role: Role,
}

/// The site's tenant, as the site is told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SsoTenant {
    /// The tenant.
    pub id: TenantId,
    /// Its name.
    pub name: String,
    /// Its slug.
    pub slug: String,
}

/// What a redeemed token says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SsoIdentity {
    /// Who signs in.
    pub user: SsoUser,
    /// Into whose site.
    pub tenant: SsoTenant,
    /// Until when a temporary user may stay; left out for members. Before it shows such a user anything, the site asks
    /// `GET /sso/erpnext/support-access/{user.id}` whether that is still so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub valid_until: Option<Timestamp>,
}

/// The success answer of `/sso/erpnext/callback`: an envelope with two fields more.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SsoRedeemed {
    /// Always `success`.
    pub status: crate::envelope::SuccessStatus,
    /// Always true.
    pub success: bool,
    /// Who signs in, and where.
    pub data: SsoIdentity,
    /// A path on the site.
    pub redirect: String,
}

/// `GET|POST /sso/erpnext/callback`.
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SsoCallback {
    /// The token of `sso_url`.
    pub token: String,
    /// Where to go on the site after signing in; a path.
    pub redirect: Option<String>,
}

/// What `validate` tells without spending the token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SsoValidity {
    /// Always true; a token that is not good answers 404.
    pub valid: bool,
    /// The tenant it opens.
    pub tenant_id: TenantId,
    /// When it was made.
    pub created_at: Timestamp,
}

crate::macros::debug_without_secrets!(SsoToken { expires_at });
crate::macros::debug_without_secrets!(SsoCallback { redirect });

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_printed_for_a_log_holds_no_secret() {
        let secret = || "k3VYw0Jm8l9lqJ3Q".to_owned();
        let pass = SsoToken {
            sso_url: format!("?token={}", secret()),
            token: secret(),
            expires_at: Timestamp::from_micros(0),
        };
        let callback = SsoCallback { token: secret(), redirect: Some("/app".to_owned()) };
        for text in [format!("{pass:?}"), format!("{callback:?}")] {
            assert!(!text.contains(&secret()), "{text}");
        }
    }
}
