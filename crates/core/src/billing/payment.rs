//! What a payment does to a subscription.

use erpmax_store::checkouts::{self, CheckoutRow};
use erpmax_store::outbox::Audience;
use erpmax_store::payments::{self, PaymentEventRow};
use erpmax_store::subscriptions::{self, SubscriptionRow};
use erpmax_store::{Tx, plans, tenants};
use erpmax_types::ErrorCode;
use erpmax_types::billing::{Amount, PaymentEventType, SubscriptionStatus};
use erpmax_types::events::Event;
use erpmax_types::notifications::NotificationType;
use erpmax_types::users::Role;
use serde_json::json;

use super::period::end_of;
use super::provider::Happening;
use super::{sandbox::amount_text, subscription};
use crate::audit::{Action, Actor, record};
use crate::notifications::{Text, notify_members};
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
    let row = SubscriptionRow {
        plan_id: checkout.plan_id,
        status: SubscriptionStatus::Active,
        billing_period: checkout.billing_period,
        current_period_start: if renews { row.current_period_start } else { now },
        current_period_end: end_of(start, checkout.billing_period),
        cancelled_at: None,
        cancel_at_period_end: false,
        cancel_reason: None,
        provider: Some(checkout.provider.clone()),
        ..row
    };
    subscription::save(core, tx, row).await.map(drop)
}

async fn tell(core: &Core, tx: &mut Tx, checkout: &CheckoutRow, event: &PaymentEventRow) -> Result<()> {
    let (name, kind) = match event.event_type {
        PaymentEventType::PaymentSuccess => ("payment_received", NotificationType::Success),
        PaymentEventType::PaymentFailed => ("payment_failed", NotificationType::Error),
        PaymentEventType::Refund | PaymentEventType::Chargeback => ("payment_refunded", NotificationType::Info),
    };
    let plan = plans::find(tx, checkout.plan_id).await?.map(|plan| plan.name).unwrap_or_default();
    let amount = amount_text(event.amount, &event.currency);
    let text = Text::new(name, kind).with("amount", amount).with("plan", plan);
    notify_members(core, tx, checkout.tenant_id, Role::Admin, &text).await
}
