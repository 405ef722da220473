//! Redeems a sign-in token at the control plane, server to server.

use erpmax_types::sso::{SsoCallback, SsoRedeemed};
use reqwest::StatusCode;

use crate::sandbox::create::KEY;
use crate::sandbox::layout::Layout;
use crate::sandbox::record::SiteRecord;

/// More than any true answer has.
const LONGEST_ANSWER: usize = 64 * 1024;

/// Why nobody is signed in.
pub(super) enum Refusal {
    /// The control plane does not take the token.
    Refused,
    /// It gave no answer to act on.
    Unreachable,
}

/// Who the token stands for, if the control plane says so and means this site's tenant.
pub(super) async fn redeem(
    client: &reqwest::Client,
    layout: &Layout,
    site: &SiteRecord,
    call: &SsoCallback,
) -> Result<SsoRedeemed, Refusal> {
    let key = tokio::fs::read_to_string(layout.site(&site.name).join(KEY)).await.map_err(|error| {
        tracing::error!(%error, site.name = %site.name, "The site's key cannot be read");
        Refusal::Unreachable
    })?;
    let request = client.post(&site.callback_url).header("X-ERPMax-Site-Key", key).json(call);
    let answer = request.send().await.map_err(|error| unreachable(site, &error))?;
    match answer.status() {
        StatusCode::OK => {}
        StatusCode::TOO_MANY_REQUESTS | StatusCode::REQUEST_TIMEOUT => return Err(Refusal::Unreachable),
        status if status.is_client_error() => return Err(Refusal::Refused),
        _ => return Err(Refusal::Unreachable),
    }
    let body = read(answer).await.map_err(|error| unreachable(site, &error))?;
    let redeemed: SsoRedeemed = serde_json::from_slice(&body).map_err(|_| Refusal::Unreachable)?;
    if redeemed.success && redeemed.data.tenant.id == site.tenant_id { Ok(redeemed) } else { Err(Refusal::Refused) }
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
    tracing::warn!(%error, site.name = %site.name, "The control plane cannot be reached to sign somebody in");
    Refusal::Unreachable
}
