//! Plans, subscription and payments as the page shows them.

use askama::Template;
use erpmax_client::PaginatedList;
use erpmax_client::types::PlanId;
use erpmax_client::types::billing::{
    Amount, BillingPeriod, PaymentEvent, PaymentEventType, Plan, Subscription, SubscriptionStatus,
};

use crate::format::Moment;
use crate::home::PlanCard;
use crate::page::{Frame, SignedIn};
use crate::words::{Key, Words, key};

#[derive(Template)]
#[template(path = "billing.html")]
pub(super) struct BillingPage {
    frame: Frame,
    /// What happened on the way here.
    pub(super) news: Option<String>,
    current: PlanCard,
    plans: Vec<PlanOffer>,
    is_yearly: bool,
    payments: Vec<Payment>,
    newer: Option<u32>,
    older: Option<u32>,
    /// Members, as used and allowed; none for those who may not know.
    users: Option<String>,
    may_pay: bool,
    may_cancel: bool,
}

/// A plan to choose.
struct PlanOffer {
    id: PlanId,
    name: String,
    about: Option<String>,
    price: String,
    /// What a year saves over twelve months.
    saves: Option<String>,
    features: Vec<String>,
    is_current: bool,
}

/// A line of the history.
struct Payment {
    what: String,
    amount: String,
    at: Moment,
}

impl BillingPage {
    pub(super) fn of(signed: &SignedIn, plans: &[Plan], subscription: &Subscription, period: BillingPeriod) -> Self {
        let words = &signed.page.words;
        let paid_for = subscription.billing_period == period && is_paid(subscription.status);
        let offers = plans.iter().map(|plan| PlanOffer {
            is_current: paid_for && plan.id == subscription.plan_id,
            ..PlanOffer::of(words, plan, period)
        });
        Self {
            frame: signed.frame(words.say(key::BILLING_TITLE)),
            news: None,
            current: PlanCard::of(words, subscription),
            plans: offers.collect(),
            is_yearly: period == BillingPeriod::Yearly,
            payments: Vec::new(),
            newer: None,
            older: None,
            users: None,
            may_pay: signed.is_admin(),
            may_cancel: signed.is_owner() && is_paid(subscription.status) && !subscription.cancel_at_period_end,
        }
    }

    pub(super) fn add_users(&mut self, words: &Words, used: u64, plan: Option<&Plan>) {
        let allowed = plan.and_then(|plan| plan.limits.get("users")?.as_i64());
        self.users = Some(match allowed {
            Some(allowed) => words.say_with(key::BILLING_USERS, [("used", used.into()), ("allowed", allowed.into())]),
            None => words.say1(key::BILLING_USERS_FREE, "used", used),
        });
    }

    pub(super) fn add_payments(&mut self, words: &Words, list: &PaginatedList<PaymentEvent>) {
        self.payments = list.items.iter().map(|event| Payment::of(words, event)).collect();
        self.newer = (list.page > 1).then(|| list.page - 1);
        self.older = list.has_more().then(|| list.page + 1);
    }
}

const fn is_paid(status: SubscriptionStatus) -> bool {
    matches!(status, SubscriptionStatus::Active | SubscriptionStatus::PastDue)
}

impl PlanOffer {
    fn of(words: &Words, plan: &Plan, period: BillingPeriod) -> Self {
        let (price, each) = match period {
            BillingPeriod::Monthly => (plan.price_monthly, key::BILLING_PER_MONTH),
            BillingPeriod::Yearly => (plan.price_yearly, key::BILLING_PER_YEAR),
        };
        let saved = plan.price_monthly.as_major() * 12.0 - plan.price_yearly.as_major();
        let saves = (period == BillingPeriod::Yearly && saved > 0.0).then(|| {
            let price = words.money(Amount::from_major(saved), &plan.currency);
            words.say1(key::BILLING_SAVES, "price", price)
        });
        Self {
            id: plan.id,
            name: plan.name.clone(),
            about: plan.description.clone(),
            price: words.say1(each, "price", words.money(price, &plan.currency)),
            saves,
            features: plan.features.clone(),
            is_current: false,
        }
    }
}

impl Payment {
    fn of(words: &Words, event: &PaymentEvent) -> Self {
        Self {
            what: words.say(payment(event.event_type)),
            amount: words.money(event.amount, &event.currency),
            at: words.date_time(event.created_at),
        }
    }
}

const fn payment(event_type: PaymentEventType) -> Key {
    match event_type {
        PaymentEventType::PaymentSuccess => key::PAYMENT_SUCCESS,
        PaymentEventType::PaymentFailed => key::PAYMENT_FAILED,
        PaymentEventType::Refund => key::PAYMENT_REFUND,
        PaymentEventType::Chargeback => key::PAYMENT_CHARGEBACK,
    }
}
