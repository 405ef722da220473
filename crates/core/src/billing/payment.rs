//! What a payment does to a subscription.

use erpmax_store::checkouts::{self, CheckoutRow};
use erpmax_store::outbox::Audience;
use erpmax_store::payments::{self, PaymentEventRow};
use erpmax_store::subscriptions::{self, SubscriptionRow};
use erpmax_store::{Tx, plans, tenants};
use erpmax_types::billing::{Amount, PaymentEventType, Subscription, SubscriptionStatus};
use erpmax_types::events::Event;
use erpmax_types::notifications::NotificationType;
use erpmax_types::{ErrorCode, PlanId, TenantId};
use serde_json::json;

use super::period::{day_of, end_of};
use super::provider::Happening;
use super::{life, sandbox::amount_text, subscription};
use crate::audit::{Action, Actor, record};
use crate::mail::Letter;
use crate::notifications::{Text, tell_owner};
use crate::{Core, Result};

/// Books what a provider reported, once, where it fits a checkout of ours; what came of it.
pub(super) async fn settle(core: &Core, tx: &mut Tx, provider: &str, happening: &Happening) -> Result<&'static str> {
    let Some(checkout) = checkouts::find(tx, happening.checkout).await? else { return Ok("unknown checkout") };
    if !fits(&checkout, provider, happening) {
        return Ok("does not fit the checkout");
    }
    tenants::lock(tx, checkout.tenant_id).await?;
    let event = payment_event(core, &checkout, happening);
    if !payments::insert(tx, &event).await? {
        return Ok("counted before");
    }
    if happening.kind == PaymentEventType::PaymentSuccess {
        checkouts::update_status(tx, checkout.id, "open", "paid").await?;
        activate(core, tx, &checkout).await?;
        let amount = Amount::from_minor(event.amount, &event.currency);
        let received = Event::PaymentReceived { amount, currency: event.currency.clone() };
        core.emit(tx, Audience::Tenant(checkout.tenant_id), received);
    }
    tell(core, tx, &checkout, &event).await?;
    let change = json!({"type": event.event_type, "amount": event.amount, "currency": event.currency});
    let (tenant, target) = (Some(checkout.tenant_id), Some(event.id.to_string()));
    record(core, tx, Actor::default(), Action { name: "billing.payment", tenant, target, change }).await?;
    Ok("booked")
}

/// A webhook changes something only where our own checkout says the same.
fn fits(checkout: &CheckoutRow, provider: &str, happening: &Happening) -> bool {
    let sum_fits = match happening.kind {
        PaymentEventType::PaymentSuccess | PaymentEventType::PaymentFailed => happening.amount == checkout.amount,
        PaymentEventType::Refund | PaymentEventType::Chargeback => (0..=checkout.amount).contains(&happening.amount),
    };
    sum_fits
        && checkout.provider == provider
        && checkout.currency == happening.currency
        && checkout.is_live == happening.is_live
}

fn payment_event(core: &Core, checkout: &CheckoutRow, happening: &Happening) -> PaymentEventRow {
    PaymentEventRow {
        id: core.id(),
        tenant_id: checkout.tenant_id,
        checkout_id: Some(checkout.id),
        provider: checkout.provider.clone(),
        provider_reference: format!("{}/{}", happening.reference, happening.kind),
        event_type: happening.kind,
        amount: happening.amount,
        currency: happening.currency.clone(),
        created_at: core.now(),
    }
}

/// A paid checkout makes the subscription active, whatever it was, for one more period.
async fn activate(core: &Core, tx: &mut Tx, checkout: &CheckoutRow) -> Result<()> {
    let row = subscriptions::find_of_tenant(tx, checkout.tenant_id).await?.ok_or(ErrorCode::NotFound)?;
    let now = core.now();
    let renews =
        row.status == SubscriptionStatus::Active && row.plan_id == checkout.plan_id && row.current_period_end > now;
    let start = if renews { row.current_period_end } else { now };
    let paid = SubscriptionRow {
        plan_id: checkout.plan_id,
        status: SubscriptionStatus::Active,
        billing_period: checkout.billing_period,
        current_period_start: if renews { row.current_period_start } else { now },
        current_period_end: end_of(start, checkout.billing_period),
        cancelled_at: None,
        cancel_at_period_end: false,
        cancel_reason: None,
        provider: Some(checkout.provider.clone()),
        ..row.clone()
    };
    let paid = subscription::save(core, tx, paid).await?;
    tell_change(core, tx, &row, &paid).await?;
    life::follow(core, tx, checkout.tenant_id).await
}

/// Tells of another plan or period than the one paid for so far.
async fn tell_change(core: &Core, tx: &mut Tx, before: &SubscriptionRow, after: &Subscription) -> Result<()> {
    let stays = before.plan_id == after.plan_id && before.billing_period == after.billing_period;
    if before.status != SubscriptionStatus::Active || stays {
        return Ok(());
    }
    let (company, plan) = names(tx, after.tenant_id, after.plan_id).await?;
    let until = after.current_period_end;
    let letter = Letter::SubscriptionChanged { company, plan: plan.clone(), until };
    let text = Text::new("subscription_changed", NotificationType::Info).with("plan", plan).with("date", day_of(until));
    tell_owner(core, tx, after.tenant_id, &text, &letter).await
}

async fn tell(core: &Core, tx: &mut Tx, checkout: &CheckoutRow, event: &PaymentEventRow) -> Result<()> {
    let (company, plan) = names(tx, checkout.tenant_id, checkout.plan_id).await?;
    let amount = amount_text(event.amount, &event.currency);
    let places = (amount.clone(), plan.clone());
    let (name, kind, letter) = match event.event_type {
        PaymentEventType::PaymentSuccess => {
            ("payment_received", NotificationType::Success, Letter::PaymentReceived { company, plan, amount })
        }
        PaymentEventType::PaymentFailed => {
            ("payment_failed", NotificationType::Error, Letter::PaymentFailed { company, plan, amount })
        }
        PaymentEventType::Refund | PaymentEventType::Chargeback => {
            ("payment_refunded", NotificationType::Info, Letter::PaymentRefunded { company, plan, amount })
        }
    };
    let text = Text::new(name, kind).with("amount", places.0).with("plan", places.1);
    tell_owner(core, tx, checkout.tenant_id, &text, &letter).await
}

async fn names(tx: &mut Tx, tenant: TenantId, plan: PlanId) -> Result<(String, String)> {
    let company = tenants::find(tx, tenant).await?.map(|row| row.name).unwrap_or_default();
    Ok((company, plans::find(tx, plan).await?.map(|plan| plan.name).unwrap_or_default()))
}
