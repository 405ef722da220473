//! The second factor of an account.

use erpmax_types::envelope::Done;
use erpmax_types::two_factor::{
    ActivateTwoFactor, BeginTwoFactor, ProveTwoFactor, RecoveryCodes, TwoFactor as Status, TwoFactorBegun,
};

use super::service;
use crate::{Result, endpoints};

service! {
    /// Sign-in in two steps: codes of an authenticator app.
    ///
    /// ```no_run
    /// # async fn example(client: erpmax_client::ApiClient) -> erpmax_client::Result<()> {
    /// let two_factor = client.auth().two_factor();
    /// let begun = two_factor.begin("SecurePass123").await?;
    /// println!("Scan {}", begun.otpauth_url);
    /// let codes = two_factor.activate("123456").await?.recovery_codes;
    /// # Ok(())
    /// # }
    /// ```
    TwoFactor
}

impl TwoFactor {
    /// Where things stand.
    pub async fn status(&self) -> Result<Status> {
        self.client.call(&endpoints::TWO_FACTOR).send().await
    }

    /// Asks for the secret that an authenticator app takes.
    pub async fn begin(&self, password: &str) -> Result<TwoFactorBegun> {
        let begin = BeginTwoFactor { password: password.to_owned() };
        self.client.call(&endpoints::BEGIN_TWO_FACTOR).json(&begin).send().await
    }

    /// Switches it on with the first code; the recovery codes are shown this one time.
    pub async fn activate(&self, code: &str) -> Result<RecoveryCodes> {
        let activate = ActivateTwoFactor { code: code.to_owned() };
        self.client.call(&endpoints::ACTIVATE_TWO_FACTOR).json(&activate).send().await
    }

    /// Switches it off.
    pub async fn disable(&self, password: &str, code: &str) -> Result<Done> {
        self.client.call(&endpoints::DISABLE_TWO_FACTOR).json(&proof(password, code)).send().await
    }

    /// Ten new recovery codes in place of the old ones.
    pub async fn recovery_codes(&self, password: &str, code: &str) -> Result<RecoveryCodes> {
        self.client.call(&endpoints::RECOVERY_CODES).json(&proof(password, code)).send().await
    }
}

fn proof(password: &str, code: &str) -> ProveTwoFactor {
    ProveTwoFactor { password: password.to_owned(), code: code.to_owned() }
}
