//! Sign-in to the site (guide §3, `sso_service.dart`).

use erpmax_types::SupportAccessId;
use erpmax_types::operator::SupportAccessStanding;
use erpmax_types::sso::{SsoCallback, SsoRedeemed, SsoToken, SsoValidity};

use super::service;
use crate::call::Call;
use crate::{Result, endpoints};

const SITE_KEY: &str = "x-erpmax-site-key";

service! {
    /// Sign-in to the site.
    ///
    /// ```no_run
    /// # async fn example(client: erpmax_client::ApiClient) -> erpmax_client::Result<()> {
    /// let pass = client.sso().token().await?;
    /// println!("Open within a minute: {}", pass.sso_url);
    /// # Ok(())
    /// # }
    /// ```
    Sso
}

impl Sso {
    /// A pass into the site: good once and for a minute.
    pub async fn token(&self) -> Result<SsoToken> {
        self.client.call(&endpoints::SSO_TOKEN).send().await
    }

    /// The same, at the address that the published app uses.
    pub async fn token_alias(&self) -> Result<SsoToken> {
        self.client.call(&endpoints::SSO_TOKEN_ALIAS).send().await
    }

    /// For a site: spends a token, and learns who comes in. `site_key` is the site's own.
    pub async fn redeem(&self, callback: &SsoCallback, site_key: Option<&str>) -> Result<SsoRedeemed> {
        keyed(self.client.call(&endpoints::SSO_CALLBACK).json(callback), site_key).send_for_whole().await
    }

    /// The same by GET, as older sites do.
    pub async fn redeem_by_get(&self, callback: &SsoCallback, site_key: Option<&str>) -> Result<SsoRedeemed> {
        let call = self.client.call(&endpoints::SSO_CALLBACK_GET).query("token", &callback.token);
        keyed(call.query_if("redirect", callback.redirect.as_ref()), site_key).send_for_whole().await
    }

    /// For a site: whether a support access still stands, and until when.
    pub async fn support_access(
        &self,
        access: SupportAccessId,
        site_key: Option<&str>,
    ) -> Result<SupportAccessStanding> {
        keyed(self.client.call(&endpoints::SSO_SUPPORT_ACCESS).at(access), site_key).send().await
    }

    /// For a site: whether a token is good, without spending it.
    pub async fn validate(&self, token: &str) -> Result<SsoValidity> {
        self.client.call(&endpoints::SSO_VALIDATE).at(token).send().await
    }
}

fn keyed(call: Call, site_key: Option<&str>) -> Call {
    match site_key {
        Some(key) => call.header(SITE_KEY, key),
        None => call,
    }
}
