//! `/billing`: plans, the subscription and payments.

mod view;

use axum::Form;
use axum::extract::Query;
use axum::response::{Redirect, Response};
use erpmax_client::types::billing::{BillingPeriod, CancelSubscription, Checkout};
use serde::Deserialize;
use tokio::try_join;

use crate::page::{Failure, SignedIn};
use crate::site::MovingOnPage;
use crate::words::key;
use view::BillingPage;

/// Payments on a page.
const PAYMENTS: u32 = 10;

/// What to show, and what a checkout came back with.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct Asked {
    period: Option<BillingPeriod>,
    page: Option<u32>,
    /// Back from paying.
    paid: Option<String>,
    /// Back without having paid.
    given_up: Option<String>,
}

/// The plan to pay for.
#[derive(Deserialize)]
pub(crate) struct Choice {
    plan: String,
    period: BillingPeriod,
}

/// How to cancel.
#[derive(Deserialize)]
pub(crate) struct Cancellation {
    #[serde(default)]
    reason: String,
    when: String,
}

/// `GET /billing`.
pub(crate) async fn show(signed: SignedIn, Query(asked): Query<Asked>) -> Result<Response, Failure> {
    let (billing, number) = (signed.client.billing(), asked.page.unwrap_or(1).max(1));
    let (plans, subscription) = try_join!(billing.plans(), billing.subscription())?;
    let mut view = BillingPage::of(&signed, &plans, &subscription, asked.period.unwrap_or(subscription.billing_period));
    if signed.is_admin() {
        let tenant = signed.tenant()?.id;
        let (payments, members) = try_join!(async { billing.invoices().size(PAYMENTS).page(number).await }, async {
            signed.client.tenants().users(tenant).size(1).await
        },)?;
        view.add_payments(&signed.page.words, &payments);
        view.add_users(&signed.page.words, members.total, subscription.plan.as_ref());
    }
    view.news = match (asked.paid, asked.given_up) {
        (Some(_), _) => Some(signed.page.words.say(key::BILLING_PAID)),
        (_, Some(_)) => Some(signed.page.words.say(key::BILLING_GIVEN_UP)),
        _ => None,
    };
    Ok(signed.page.show(&view))
}

/// `POST /billing/checkout`: on to where it is paid.
pub(crate) async fn checkout(signed: SignedIn, Form(choice): Form<Choice>) -> Result<Response, Failure> {
    let url = &signed.page.web.settings.public_url;
    let checkout = Checkout {
        plan_id: choice.plan,
        billing_period: choice.period.to_string(),
        payment_provider: None,
        success_url: format!("{url}/billing?paid"),
        cancel_url: format!("{url}/billing?given_up"),
    };
    let created = signed.client.billing().checkout(&checkout).await?;
    let heading = signed.page.words.say(key::BILLING_TO_CHECKOUT);
    let frame = signed.frame(heading.clone());
    Ok(signed.page.show(&MovingOnPage { frame, heading, address: created.checkout_url }))
}

/// `POST /billing/cancel`.
pub(crate) async fn cancel(signed: SignedIn, Form(typed): Form<Cancellation>) -> Result<Redirect, Failure> {
    let reason = Some(typed.reason.trim().to_owned()).filter(|reason| !reason.is_empty());
    let cancel = CancelSubscription { reason, cancel_at_period_end: typed.when != "now" };
    signed.client.billing().cancel(&cancel).await?;
    Ok(Redirect::to("/billing"))
}
