//! Proof of an address, a forgotten password, and changes of one's own account.

use serde::{Deserialize, Serialize};

/// `POST /auth/verify-email`.
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "openapi", schema(example = json!({
    "token": "k3VYw0Jm8l9lqJ3Qw1x9o2f0m5d7c6b4a1Z8yXwVuTs", "password": "SecurePass123"})))]
pub struct VerifyEmail {
    /// The token of the link.
    pub token: String,
    /// The account's password; not needed in a session of the account.
    #[serde(default)]
    pub password: Option<String>,
    /// In place of the password, where the link proves an address for the first time: the password from now on. What was begun with
    /// the one before ends. 8 to 128 characters, none of the common ones, not the person's own address or name.
    #[serde(default)]
    pub new_password: Option<String>,
}

/// The answer to `POST /auth/verify-email`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct EmailVerified {
    /// The account's address, which is proven now.
    pub email: String,
    /// How many sessions were ended.
    pub ended: u64,
}

/// The answer to `POST /auth/verify-email/resend`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct LetterSent {
    /// Whether a letter was sent; false if the address is proven already.
    pub sent: bool,
}

/// `POST /auth/password/forgot`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "openapi", schema(example = json!({"email": "owner@acme.example"})))]
pub struct ForgotPassword {
    /// The account's address, in any case.
    pub email: String,
}

/// `POST /auth/password/reset`.
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "openapi", schema(example = json!({
    "token": "k3VYw0Jm8l9lqJ3Qw1x9o2f0m5d7c6b4a1Z8yXwVuTs", "new_password": "BlueHorse-Battery"})))]
pub struct ResetPassword {
    /// The token of the link.
    pub token: String,
    /// 8 to 128 characters, none of the common ones, not the person's own address or name.
    pub new_password: String,
}

/// `PATCH /auth/me`; what is left out stays.
#[derive(Clone, Default, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "openapi", schema(example = json!({
    "full_name": "Acme Owner", "language": "uk", "email": "head@acme.example"})))]
pub struct UpdateMe {
    /// 1 to 140 characters.
    #[serde(default)]
    pub full_name: Option<String>,
    /// The language of notifications and mails: `uk` or `en`.
    #[serde(default)]
    pub language: Option<String>,
    /// Another address. It counts once the link that goes there is used.
    #[serde(default)]
    pub email: Option<String>,
}

crate::macros::debug_without_secrets!(VerifyEmail {});
crate::macros::debug_without_secrets!(ResetPassword {});

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_printed_for_a_log_holds_no_secret() {
        let secret = || "SecurePass123".to_owned();
        let verify = VerifyEmail { token: secret(), password: Some(secret()), new_password: Some(secret()) };
        let reset = ResetPassword { token: secret(), new_password: secret() };
        assert!(!format!("{verify:?} {reset:?}").contains("Secure"));
    }
}
