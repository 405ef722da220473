//! The sandbox provider: a real page of ours and real signed webhooks, and no money. Refused in production.

use std::time::Duration;

use anyhow::Context;
use erpmax_store::checkouts::{self, CheckoutRow};
use erpmax_store::{plans, tenants};
use erpmax_types::billing::{Amount, PaymentEventType, minor_digits};
use erpmax_types::{CheckoutId, ErrorCode, Timestamp};
use serde::{Deserialize, Serialize};

use super::provider::{Happening, PaymentProvider, ProviderEvent, ProviderFuture};
use crate::validation::id;
use crate::{Core, Result};

/// How old a signature may be.
const TOLERANCE: Duration = Duration::from_secs(300);

/// Payments without money.
pub struct Sandbox {
    webhook_url: String,
    client: reqwest::Client,
}

/// The event that the sandbox sends to our webhook.
#[derive(Debug, Serialize, Deserialize)]
struct SandboxEvent {
    id: String,
    #[serde(rename = "type")]
    kind: PaymentEventType,
    payment: String,
    checkout: CheckoutId,
    amount: i64,
    currency: String,
    live: bool,
}

impl Sandbox {
    /// A sandbox that reports to the control plane at `base_url`.
    pub fn new(base_url: &str) -> anyhow::Result<Self> {
        let client = reqwest::Client::builder()
            .timeout(Duration::from_secs(10))
            .no_proxy()
            .build()
            .context("Failed to make an HTTP client")?;
        Ok(Self { webhook_url: format!("{base_url}/api/v1/billing/webhook/sandbox"), client })
    }

    async fn post(&self, body: String, signature: &str) -> reqwest::Result<reqwest::Response> {
        let request = self.client.post(&self.webhook_url).header("content-type", "application/json");
        request.header("x-erpmax-signature", signature).body(body).send().await
    }
}

impl PaymentProvider for Sandbox {
    fn name(&self) -> &'static str {
        "sandbox"
    }

    fn is_live(&self) -> bool {
        false
    }

    fn prepare<'a>(&'a self, core: &'a Core, checkout: &'a CheckoutRow) -> ProviderFuture<'a, String> {
        let url = format!("{}/sandbox/checkout/{}", core.settings().public_url, checkout.id);
        Box::pin(async move { Ok(url) })
    }

    fn verify(&self, core: &Core, signature: Option<&str>, body: &str) -> Result<()> {
        check_signature(core, signature, body)
    }

    fn read(&self, body: &str) -> Result<ProviderEvent> {
        let event: SandboxEvent = serde_json::from_str(body).map_err(|_| ErrorCode::MalformedRequest)?;
        let happening = Happening {
            kind: event.kind,
            checkout: event.checkout,
            reference: event.payment,
            amount: event.amount,
            currency: event.currency,
            is_live: event.live,
        };
        Ok(ProviderEvent { id: event.id, happening: Some(happening) })
    }
}

/// `t=<seconds>,v1=<HMAC of "seconds.body">`.
fn sign(core: &Core, now: Timestamp, body: &str) -> String {
    let seconds = now.as_seconds();
    format!("t={seconds},v1={}", core.derivation().derive("sandbox webhook", &format!("{seconds}.{body}")))
}

fn check_signature(core: &Core, signature: Option<&str>, body: &str) -> Result<()> {
    let signature = signature.ok_or(ErrorCode::InvalidSignature)?;
    let seconds = signature.strip_prefix("t=").and_then(|rest| rest.split_once(',')).map(|(seconds, _)| seconds);
    let seconds: i64 = seconds.and_then(|text| text.parse().ok()).ok_or(ErrorCode::InvalidSignature)?;
    let now = core.now().as_seconds();
    let fresh = now.abs_diff(seconds) <= TOLERANCE.as_secs();
    let signed_at = Timestamp::from_micros(seconds.saturating_mul(1_000_000));
    // Both sides are hashed first, so that the comparison's time says nothing of the signature.
    let fits = crate::hash(signature) == crate::hash(&sign(core, signed_at, body));
    if fresh && fits { Ok(()) } else { Err(ErrorCode::InvalidSignature.into()) }
}

/// What the page where one "pays" shows.
#[derive(Clone, Debug)]
pub struct SandboxCheckout {
    /// The plan.
    pub plan_name: String,
    /// Amount and currency.
    pub amount_text: String,
    /// Who pays.
    pub company: String,
    /// `open`, `paid`, `cancelled` or `expired`.
    pub status: String,
    /// Where paying leads.
    pub success_url: String,
    /// Where giving up leads.
    pub cancel_url: String,
}

/// The page of a checkout.
pub async fn page(core: &Core, checkout: &str) -> Result<SandboxCheckout> {
    let mut conn = core.store().read().await?;
    let checkout = find(core, &mut conn, checkout).await?;
    let plan = plans::find(&mut conn, checkout.plan_id).await?.ok_or(ErrorCode::NotFound)?;
    let tenant = tenants::find(&mut conn, checkout.tenant_id).await?.ok_or(ErrorCode::NotFound)?;
    let expired = checkout.status == "open" && checkout.expires_at <= core.now();
    Ok(SandboxCheckout {
        plan_name: plan.name,
        amount_text: amount_text(checkout.amount, &checkout.currency),
        company: tenant.name,
        status: if expired { "expired".to_owned() } else { checkout.status },
        success_url: checkout.success_url,
        cancel_url: checkout.cancel_url,
    })
}

/// "Pays": sends the signed webhook; where the browser goes then.
pub async fn pay(core: &Core, checkout: &str) -> Result<String> {
    let checkout = find(core, &mut core.store().read().await?, checkout).await?;
    if checkout.status == "cancelled" || checkout.expires_at <= core.now() {
        return Err(ErrorCode::Conflict.into());
    }
    let event = SandboxEvent {
        id: format!("evt_{}", checkout.id),
        kind: PaymentEventType::PaymentSuccess,
        payment: format!("pay_{}", checkout.id),
        checkout: checkout.id,
        amount: checkout.amount,
        currency: checkout.currency.clone(),
        live: false,
    };
    send(core, &event).await?;
    Ok(checkout.success_url)
}

/// Gives up; where the browser goes then.
pub async fn give_up(core: &Core, checkout: &str) -> Result<String> {
    let mut tx = core.store().begin().await?;
    let checkout = find(core, &mut tx, checkout).await?;
    checkouts::update_status(&mut tx, checkout.id, "open", "cancelled").await?;
    tx.commit().await?;
    Ok(checkout.cancel_url)
}

async fn send(core: &Core, event: &SandboxEvent) -> Result<()> {
    let sandbox = core.providers().sandbox().ok_or(ErrorCode::NotFound)?;
    let body = serde_json::to_string(event)?;
    let signature = sign(core, core.now(), &body);
    match sandbox.post(body, &signature).await {
        Ok(answer) if answer.status().is_success() => Ok(()),
        Ok(answer) => Err(anyhow::anyhow!("our own webhook answered {}", answer.status()).into()),
        Err(error) => Err(anyhow::Error::new(error).context("Failed to reach our own webhook").into()),
    }
}

async fn find(core: &Core, conn: &mut erpmax_store::Conn, checkout: &str) -> Result<CheckoutRow> {
    if core.providers().sandbox().is_none() {
        return Err(ErrorCode::NotFound.into());
    }
    let checkout: CheckoutId = id(checkout)?;
    let row = checkouts::find(conn, checkout).await?.filter(|row| row.provider == "sandbox");
    row.ok_or_else(|| ErrorCode::NotFound.into())
}

/// `29.00 USD`.
pub(super) fn amount_text(minor: i64, currency: &str) -> String {
    let digits = usize::try_from(minor_digits(currency)).unwrap_or(2);
    format!("{:.digits$} {currency}", Amount::from_minor(minor, currency).as_major())
}
