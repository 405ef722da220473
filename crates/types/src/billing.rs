//! Plans, subscriptions and payments (guide §2 `plan.dart`, `subscription.dart`, §3 `billing_service.dart`).

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::{CheckoutId, PaymentEventId, PlanId, SubscriptionId, TenantId, Timestamp};

crate::macros::words! {
    /// The life of a subscription.
    SubscriptionStatus {
        /// Free until `trial_ends_at`.
        Trial = "trial",
        /// Paid for.
        Active = "active",
        /// A payment failed; grace runs.
        PastDue = "past_due",
        /// Ended by the customer.
        Cancelled = "cancelled",
        /// Ended by time.
        Expired = "expired",
    }
}

crate::macros::words! {
    /// How often a plan is paid for.
    BillingPeriod {
        /// Every month.
        Monthly = "monthly",
        /// Every year.
        Yearly = "yearly",
    }
}

crate::macros::words! {
    /// What a payment event tells.
    PaymentEventType {
        /// Money came in.
        PaymentSuccess = "payment_success",
        /// A payment was refused.
        PaymentFailed = "payment_failed",
        /// Money went back.
        Refund = "refund",
        /// The payer's bank took the money back.
        Chargeback = "chargeback",
    }
}

/// Money on the wire: a JSON number in major units (`29.0`).
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(transparent)]
pub struct Amount(f64);

impl Amount {
    /// From integer minor units of an ISO 4217 currency.
    #[expect(clippy::cast_precision_loss, reason = "amounts stay far below 2^53 minor units")]
    pub fn from_minor(minor: i64, currency: &str) -> Self {
        Self(minor as f64 / 10_f64.powi(minor_digits(currency)))
    }

    /// From major units, for what is worked out of amounts to be shown.
    pub const fn from_major(major: f64) -> Self {
        Self(major)
    }

    /// The number that crosses the wire.
    pub const fn as_major(self) -> f64 {
        self.0
    }
}

/// Decimals of a currency (ISO 4217), two unless listed.
const fn minor_digits_of(currency: &[u8]) -> i32 {
    match currency {
        b"BIF" | b"CLP" | b"DJF" | b"GNF" | b"ISK" | b"JPY" | b"KMF" | b"KRW" | b"PYG" | b"RWF" | b"UGX" | b"VND"
        | b"VUV" | b"XAF" | b"XOF" | b"XPF" => 0,
        b"BHD" | b"IQD" | b"JOD" | b"KWD" | b"LYD" | b"OMR" | b"TND" => 3,
        _ => 2,
    }
}

/// How many decimals an amount of `currency` has.
pub fn minor_digits(currency: &str) -> i32 {
    minor_digits_of(currency.as_bytes())
}

/// What can be bought.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Plan {
    /// The plan's id.
    pub id: PlanId,
    /// Its name.
    pub name: String,
    /// Its stable word.
    pub slug: String,
    /// One sentence about it.
    pub description: Option<String>,
    /// Price of a month, in major units.
    pub price_monthly: Amount,
    /// Price of a year, in major units.
    pub price_yearly: Amount,
    /// ISO 4217.
    pub currency: String,
    /// Limits by name, `users` above all; a missing one is no limit.
    #[cfg_attr(feature = "openapi", schema(value_type = Object))]
    pub limits: Map<String, Value>,
    /// Sentences for a price list.
    pub features: Vec<String>,
    /// Whether it can be bought.
    pub is_active: bool,
    /// Place in the price list.
    pub sort_order: i64,
}

/// A tenant's subscription.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Subscription {
    /// The subscription's id.
    pub id: SubscriptionId,
    /// Whose it is.
    pub tenant_id: TenantId,
    /// The plan.
    pub plan_id: PlanId,
    /// Where it stands.
    pub status: SubscriptionStatus,
    /// How often it is paid for.
    pub billing_period: BillingPeriod,
    /// End of the trial, while or after there was one.
    pub trial_ends_at: Option<Timestamp>,
    /// Start of the present period.
    pub current_period_start: Timestamp,
    /// End of the present period.
    pub current_period_end: Timestamp,
    /// When it was cancelled.
    pub cancelled_at: Option<Timestamp>,
    /// Whether it ends with the present period.
    pub cancel_at_period_end: bool,
    /// The plan as it stands now.
    pub plan: Option<Plan>,
}

/// `POST /billing/checkout`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "openapi", schema(example = json!({
    "plan_id": "019ab000-0000-7000-8000-000000000001", "billing_period": "monthly", "payment_provider": "stripe",
    "success_url": "https://app.erpmax.com/billing/success", "cancel_url": "https://app.erpmax.com/billing/cancel"})))]
pub struct Checkout {
    /// An active plan.
    pub plan_id: String,
    /// `monthly` or `yearly`.
    pub billing_period: String,
    /// A wish: `stripe`, `liqpay`, `invoice` or `sandbox`; the installation's own when that one is not set up.
    pub payment_provider: Option<String>,
    /// Where the browser goes after paying; on `billing.return_urls`.
    pub success_url: String,
    /// Where the browser goes after giving up; on `billing.return_urls`.
    pub cancel_url: String,
}

/// Where to pay.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CheckoutCreated {
    /// The provider's page.
    pub checkout_url: String,
    /// Our id of this attempt.
    pub session_id: CheckoutId,
}

/// `POST /billing/cancel`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "openapi", schema(example = json!({"reason": "We close the shop", "cancel_at_period_end": true})))]
pub struct CancelSubscription {
    /// Why, at most 1,000 characters.
    pub reason: Option<String>,
    /// True keeps access until the period's end; false ends it now.
    #[serde(default = "yes")]
    pub cancel_at_period_end: bool,
}

const fn yes() -> bool {
    true
}

/// A line of the payment history.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PaymentEvent {
    /// The event's id.
    pub id: PaymentEventId,
    /// What happened.
    pub event_type: PaymentEventType,
    /// In major units.
    pub amount: Amount,
    /// ISO 4217.
    pub currency: String,
    /// When it happened.
    pub created_at: Timestamp,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn money_crosses_the_wire_as_a_number_in_major_units() {
        let json = serde_json::to_string(&Amount::from_minor(2900, "USD")).unwrap_or_default();
        assert_eq!(json, "29.0");
        assert_eq!(Amount::from_minor(2900, "JPY"), Amount(2900.0));
        assert_eq!(Amount::from_minor(2900, "KWD"), Amount(2.9));
    }
}
