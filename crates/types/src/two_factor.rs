//! The second factor: one-time codes of an authenticator app (RFC 6238), and recovery codes in its place.

use serde::{Deserialize, Serialize};

use crate::Timestamp;

/// `POST /auth/two-factor`.
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "openapi", schema(example = json!({"password": "SecurePass123"})))]
pub struct BeginTwoFactor {
    /// The account's password.
    pub password: String,
}

/// The answer to `POST /auth/two-factor`: what an authenticator app takes.
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TwoFactorBegun {
    /// To be shown as a QR code.
    #[cfg_attr(
        feature = "openapi",
        schema(
            example = "otpauth://totp/ERPMax:owner@acme.example?secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP&issuer=ERPMax"
        )
    )]
    pub otpauth_url: String,
    /// The same secret to be typed, in base32.
    #[cfg_attr(feature = "openapi", schema(example = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"))]
    pub secret: String,
}

/// `POST /auth/two-factor/activate`.
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "openapi", schema(example = json!({"code": "123456"})))]
pub struct ActivateTwoFactor {
    /// The six digits that the authenticator app shows.
    pub code: String,
}

/// Codes that each stand in once for the authenticator app. They are shown this one time.
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RecoveryCodes {
    /// Ten codes; earlier ones are good no more.
    #[cfg_attr(feature = "openapi", schema(example = json!(["mfrg-g2lt-mvxw-2zlt"])))]
    pub recovery_codes: Vec<String>,
}

/// `DELETE /auth/two-factor` and `POST /auth/two-factor/recovery-codes`.
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "openapi", schema(example = json!({"password": "SecurePass123", "code": "123456"})))]
pub struct ProveTwoFactor {
    /// The account's password.
    pub password: String,
    /// The six digits that the authenticator app shows, or a recovery code.
    pub code: String,
}

/// `POST /auth/login/second-factor`.
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "openapi", schema(example = json!({"challenge": "k3VYw0Jm8l9lqJ3Qw1x9o2f0m5d7c6b4a1Z8yXwVuTs", "code": "123456"})))]
pub struct SecondFactorLogin {
    /// What `POST /auth/login` gave in `details`; good for five minutes and five wrong codes.
    pub challenge: String,
    /// The six digits that the authenticator app shows, or a recovery code.
    pub code: String,
}

/// Where an account stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TwoFactor {
    /// Whether signing in asks for a code.
    pub is_active: bool,
    /// Since when.
    pub activated_at: Option<Timestamp>,
    /// Recovery codes that are left.
    pub recovery_codes: u32,
}

crate::macros::debug_without_secrets!(BeginTwoFactor {});
crate::macros::debug_without_secrets!(TwoFactorBegun {});
crate::macros::debug_without_secrets!(ActivateTwoFactor {});
crate::macros::debug_without_secrets!(RecoveryCodes {});
crate::macros::debug_without_secrets!(ProveTwoFactor {});
crate::macros::debug_without_secrets!(SecondFactorLogin {});

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_printed_for_a_log_holds_no_secret() {
        let secret = || "SecurePass123".to_owned();
        let printed = [
            format!("{:?}", BeginTwoFactor { password: secret() }),
            format!("{:?}", TwoFactorBegun { otpauth_url: secret(), secret: secret() }),
            format!("{:?}", ActivateTwoFactor { code: secret() }),
            format!("{:?}", RecoveryCodes { recovery_codes: vec![secret()] }),
            format!("{:?}", ProveTwoFactor { password: secret(), code: secret() }),
            format!("{:?}", SecondFactorLogin { challenge: secret(), code: secret() }),
        ];
        for text in printed {
            assert!(!text.contains(&secret()), "{text}");
        }
    }
}
