//! Redeems a sign-in token at the control plane, and asks about temporary users, server to server.

use std::net::SocketAddr;
use std::time::Duration;

use erpmax_types::sso::{SsoCallback, SsoRedeemed, SsoUser};
use reqwest::header::HOST;
use reqwest::{RequestBuilder, StatusCode};

use crate::sandbox::create::KEY;
use crate::sandbox::layout::Layout;
use crate::sandbox::record::SiteRecord;

/// How long the control plane may take.
const TIMEOUT: Duration = Duration::from_secs(10);
/// More than any true answer has.
const LONGEST_ANSWER: usize = 64 * 1024;

/// Why nobody is signed in.
pub(super) enum Refusal {
    /// The control plane does not take the token.
    Refused,
    /// It gave no answer to act on.
    Unreachable,
}

/// Redeems at the control plane of this process.
pub(super) struct RedeemingDesk {
    client: reqwest::Client,
    /// Where the control plane takes what sites ask.
    address: String,
    /// The control plane tells requests apart by their host, so its own is named.
    host: String,
}

impl RedeemingDesk {
    /// A desk that calls `control` in the name of `public_url`.
    pub(super) fn new(control: SocketAddr, public_url: &str) -> Result<Self, reqwest::Error> {
        let client = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .timeout(TIMEOUT)
            .no_proxy()
            .build()?;
        let address = format!("http://{control}/api/v1/sso/erpnext");
        let authority = public_url.split_once("://").map_or(public_url, |(_, rest)| rest);
        let host = authority.split(['/', '?', '#']).next().unwrap_or_default().to_owned();
        Ok(Self { client, address, host })
    }

    /// Who the token stands for, if the control plane says so and means this site's tenant.
    pub(super) async fn redeem(
        &self,
        layout: &Layout,
        site: &SiteRecord,
        call: &SsoCallback,
    ) -> Result<SsoRedeemed, Refusal> {
        let request = self.client.post(format!("{}/callback", self.address));
        let request = self.in_the_name_of(layout, site, request).await?;
        let answer = request.json(call).send().await.map_err(|error| unreachable(site, &error))?;
        match answer.status() {
            StatusCode::OK => {}
            StatusCode::TOO_MANY_REQUESTS | StatusCode::REQUEST_TIMEOUT => return Err(Refusal::Unreachable),
            status if status.is_client_error() => return Err(Refusal::Refused),
            _ => return Err(Refusal::Unreachable),
        }
        let body = read(answer).await.map_err(|error| unreachable(site, &error))?;
        let redeemed: SsoRedeemed = serde_json::from_slice(&body).map_err(|_| Refusal::Unreachable)?;
        let is_ours = redeemed.success && redeemed.data.tenant.id == site.tenant_id;
        if is_ours { Ok(redeemed) } else { Err(Refusal::Refused) }
    }
}

impl RedeemingDesk {
    /// Whether a temporary user may stay; not if the control plane gives no answer.
    pub(super) async fn may_stay(&self, layout: &Layout, site: &SiteRecord, user: &SsoUser) -> bool {
        let request = self.client.get(format!("{}/support-access/{}", self.address, user.id));
        let Ok(request) = self.in_the_name_of(layout, site, request).await else { return false };
        match request.send().await {
            Ok(answer) => answer.status() == StatusCode::OK,
            Err(error) => {
                unreachable(site, &error);
                false
            }
        }
    }

    async fn in_the_name_of(
        &self,
        layout: &Layout,
        site: &SiteRecord,
        request: RequestBuilder,
    ) -> Result<RequestBuilder, Refusal> {
        let key = tokio::fs::read_to_string(layout.site(&site.name).join(KEY)).await.map_err(|error| {
            tracing::error!(%error, site.name = %site.name, "The site's key cannot be read");
            Refusal::Unreachable
        })?;
        Ok(request.header(HOST, &self.host).header("X-ERPMax-Site-Key", key))
    }
}

/// The body as far as it could be a true answer; a longer one is cut and so no JSON.
async fn read(mut answer: reqwest::Response) -> Result<Vec<u8>, reqwest::Error> {
    let mut body = Vec::new();
    while let Some(chunk) = answer.chunk().await? {
        body.extend_from_slice(&chunk);
        if body.len() > LONGEST_ANSWER {
            body.truncate(LONGEST_ANSWER);
            break;
        }
    }
    Ok(body)
}

fn unreachable(site: &SiteRecord, error: &reqwest::Error) -> Refusal {
    tracing::warn!(%error, site.name = %site.name, "The control plane cannot be reached to let somebody in");
    Refusal::Unreachable
}
