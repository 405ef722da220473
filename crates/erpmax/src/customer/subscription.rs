//! `erpmax subscription`.

use erpmax_client::types::billing::{BillingPeriod, CancelSubscription, Checkout, Plan, Subscription};

use super::args::{CancelArgs, CheckoutArgs, SubscriptionCommand};
use super::explain::refused;
use super::output::{Fields, document, money, when, word};
use super::{Desk, ask, browser};
use crate::failure::Failure;

pub(super) async fn run(command: &SubscriptionCommand, desk: &Desk<'_>) -> Result<(), Failure> {
    match command {
        SubscriptionCommand::Show => show(desk).await,
        SubscriptionCommand::Checkout(args) => checkout(args, desk).await,
        SubscriptionCommand::Cancel(args) => cancel(args, desk).await,
    }
}

async fn show(desk: &Desk<'_>) -> Result<(), Failure> {
    let subscription = desk.client.billing().subscription().await?;
    desk.fields(&document(&subscription)?, &as_fields(&subscription));
    Ok(())
}

fn as_fields(subscription: &Subscription) -> Fields {
    let ends = if subscription.cancel_at_period_end { "Ends" } else { "Period ends" };
    let plan = subscription.plan.as_ref();
    Fields::default()
        .with_some("Plan", plan.map(|plan| format!("{} ({})", plan.name, plan.slug)))
        .with("Status", word(&subscription.status))
        .with_some("Price", plan.map(|plan| price(plan, subscription.billing_period)))
        .with_some("Trial ends", subscription.trial_ends_at.map(when))
        .with(ends, when(subscription.current_period_end))
        .with_some("Cancelled", subscription.cancelled_at.map(when))
        .with("Id", subscription.id)
}

fn price(plan: &Plan, period: BillingPeriod) -> String {
    let amount = match period {
        BillingPeriod::Monthly => plan.price_monthly,
        BillingPeriod::Yearly => plan.price_yearly,
    };
    format!("{} {period}", money(amount, &plan.currency))
}

async fn checkout(args: &CheckoutArgs, desk: &Desk<'_>) -> Result<(), Failure> {
    let plan = plan(&args.plan, desk).await?;
    let back = args.return_to.clone().unwrap_or_else(|| format!("{}/docs", desk.profile.api));
    let period = BillingPeriod::from(args.period);
    let checkout = desk
        .client
        .billing()
        .checkout(&Checkout {
            plan_id: plan.id.to_string(),
            billing_period: period.to_string(),
            payment_provider: None,
            success_url: back.clone(),
            cancel_url: back,
        })
        .await?;
    let what = format!("The page to pay {} at", price(&plan, period));
    browser::show(&checkout.checkout_url, &what, &document(&checkout)?, &args.showing, desk);
    Ok(())
}

/// The plan by slug or id.
async fn plan(wanted: &str, desk: &Desk<'_>) -> Result<Plan, Failure> {
    let plans = desk.client.billing().plans().await?;
    let found = plans.into_iter().find(|plan| plan.slug == wanted || plan.id.to_string() == wanted);
    found.ok_or_else(|| refused(format!("There is no plan `{wanted}`."), "See which there are: erpmax plan list"))
}

async fn cancel(args: &CancelArgs, desk: &Desk<'_>) -> Result<(), Failure> {
    let what = if args.now {
        "The subscription is to end now, which closes the site."
    } else {
        "The subscription is to end with its period."
    };
    ask::confirm(&args.sure, what, "yes")?;
    let cancel = CancelSubscription { reason: args.reason.clone(), cancel_at_period_end: !args.now };
    let subscription = desk.client.billing().cancel(&cancel).await?;
    let text = if subscription.cancel_at_period_end {
        format!("The subscription ends at {}; until then nothing changes.", when(subscription.current_period_end))
    } else {
        "The subscription has ended.".to_owned()
    };
    desk.printer.done(&document(&subscription)?, &text);
    Ok(())
}
