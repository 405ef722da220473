//! Attempts to pay.

use erpmax_store::checkouts::{self, CheckoutRow};
use erpmax_store::plans::{self, PlanRow};
use erpmax_store::{Conn, subscriptions, tenants};
use erpmax_types::billing::{BillingPeriod, Checkout, CheckoutCreated};
use erpmax_types::{ErrorCode, PlanId};
use serde_json::json;

use super::limits;
use super::provider::{Choice, PaymentProvider};
use crate::access::Admin;
use crate::audit::{Action, record};
use crate::error::field_with;
use crate::idempotency::{keep, replay};
use crate::validation::Fields;
use crate::{Core, Environment, Idempotency, Result};

/// Prepares a payment for a plan; where to pay. What the webhook later says is held against the row that is kept here.
pub async fn create(
    core: &Core,
    admin: &Admin,
    request: &Checkout,
    idempotency: Option<Idempotency>,
) -> Result<CheckoutCreated> {
    let mut conn = core.store().read().await?;
    if let Some(answer) = replay(core, &mut conn, admin, idempotency.as_ref()).await? {
        return Ok(answer);
    }
    let plan = match request.plan_id.parse::<PlanId>() {
        Ok(id) => plans::find(&mut conn, id).await?.filter(|plan| plan.is_active),
        Err(_) => None,
    };
    let tenants_provider =
        subscriptions::find_of_tenant(&mut conn, admin.tenant_id).await?.and_then(|row| row.provider);
    if let Some(plan) = &plan {
        refuse_too_small(core, &mut conn, admin, plan).await?;
    }
    drop(conn);
    let order = Order::check(core, request, plan, tenants_provider.as_deref())?;
    let mut checkout = order.checkout(core, admin, request);
    checkout.checkout_url = order.provider.prepare(core, &checkout).await?;
    let answer = CheckoutCreated { checkout_url: checkout.checkout_url.clone(), session_id: checkout.id };

    let mut tx = core.store().begin().await?;
    tenants::lock(&mut tx, admin.tenant_id).await?;
    if let Some(earlier) = replay(core, &mut tx, admin, idempotency.as_ref()).await? {
        return Ok(earlier);
    }
    checkouts::insert(&mut tx, &checkout).await?;
    keep(core, &mut tx, admin, idempotency.as_ref(), &answer).await?;
    let change = json!({"plan": order.plan.slug, "period": order.period, "provider": checkout.provider});
    let (tenant, target) = (Some(admin.tenant_id), Some(checkout.id.to_string()));
    record(core, &mut tx, (&***admin).into(), Action { name: "billing.checkout", tenant, target, change }).await?;
    tx.commit().await?;
    Ok(answer)
}

/// Refuses a plan below what is used; says how much has to go first.
async fn refuse_too_small(core: &Core, conn: &mut Conn, admin: &Admin, plan: &PlanRow) -> Result<()> {
    match limits::surplus_users(core, conn, admin.tenant_id, plan).await? {
        0 => Ok(()),
        surplus => Err(field_with("plan_id", "plan_too_small", surplus)),
    }
}

/// What is bought, checked.
struct Order<'a> {
    plan: PlanRow,
    period: BillingPeriod,
    provider: &'a dyn PaymentProvider,
}

impl<'a> Order<'a> {
    fn check(
        core: &'a Core,
        request: &Checkout,
        plan: Option<PlanRow>,
        tenants_provider: Option<&str>,
    ) -> Result<Self> {
        let mut fields = Fields::default();
        if plan.is_none() {
            fields.problem("plan_id", "plan_unknown");
        }
        let period = request.billing_period.parse::<BillingPeriod>().ok();
        if period.is_none() {
            fields.problem("billing_period", "period_unknown");
        }
        let choice = core.providers().choose(request.payment_provider.as_deref(), tenants_provider);
        if matches!(choice, Choice::Unknown) {
            fields.problem("payment_provider", "provider_unknown");
        }
        for (name, url) in [("success_url", &request.success_url), ("cancel_url", &request.cancel_url)] {
            if !may_return_to(core, url) {
                fields.problem(name, "return_url");
            }
        }
        fields.check()?;
        match (plan, period, choice) {
            (Some(plan), Some(period), Choice::Provider(provider)) => {
                Ok(Self { plan, period, provider: provider.as_ref() })
            }
            _ => Err(ErrorCode::PaymentProviderError.into()),
        }
    }

    fn checkout(&self, core: &Core, admin: &Admin, request: &Checkout) -> CheckoutRow {
        let now = core.now();
        CheckoutRow {
            id: core.id(),
            tenant_id: admin.tenant_id,
            user_id: admin.user_id,
            plan_id: self.plan.id,
            billing_period: self.period,
            amount: match self.period {
                BillingPeriod::Monthly => self.plan.price_monthly,
                BillingPeriod::Yearly => self.plan.price_yearly,
            },
            currency: self.plan.currency.clone(),
            provider: self.provider.name().to_owned(),
            is_live: self.provider.is_live(),
            success_url: request.success_url.clone(),
            cancel_url: request.cancel_url.clone(),
            checkout_url: String::new(),
            status: "open".to_owned(),
            created_at: now,
            expires_at: now + core.settings().billing.checkout_lifetime,
        }
    }
}

/// Whether a browser may be sent to `url` afterwards: its exact origin or app scheme is listed; on a developer's machine also
/// any https address and loopback.
fn may_return_to(core: &Core, url: &str) -> bool {
    if url.len() > 2_000
        || url.chars().any(|c| c.is_control() || c.is_whitespace() || matches!(c, '"' | '<' | '>' | '\\'))
    {
        return false;
    }
    let Some((scheme, rest)) = url.split_once(':') else { return false };
    let scheme = scheme.to_ascii_lowercase();
    let authority = rest.strip_prefix("//").map(|rest| rest.split(['/', '?', '#']).next().unwrap_or_default());
    let listed = |entry: &String| match authority {
        Some(authority) if scheme == "http" || scheme == "https" => *entry == format!("{scheme}://{authority}"),
        _ => *entry == format!("{scheme}:"),
    };
    // The web app's own pages are always good.
    if core.settings().billing.return_urls.iter().chain([&core.settings().public_url]).any(listed) {
        return true;
    }
    let authority = authority.unwrap_or_default();
    let plain = !authority.is_empty() && !authority.contains('@');
    let development = core.settings().environment == Environment::Development;
    development && plain && (scheme == "https" || (scheme == "http" && is_loopback(authority)))
}

fn is_loopback(authority: &str) -> bool {
    let host = match authority.rsplit_once(':') {
        Some((host, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => host,
        _ => authority,
    };
    host == "localhost" || host.ends_with(".localhost") || host == "127.0.0.1" || host == "[::1]"
}
