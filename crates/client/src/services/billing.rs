//! Plans, subscription and payments (guide §3, `billing_service.dart`).

use erpmax_types::billing::{CancelSubscription, Checkout, CheckoutCreated, PaymentEvent, Plan, Subscription};
use erpmax_types::envelope::Done;

use super::service;
use crate::{Keyed, Pages, Result, endpoints};

service! {
    /// Plans, subscription and payments.
    ///
    /// ```no_run
    /// # async fn example(client: erpmax_client::ApiClient) -> erpmax_client::Result<()> {
    /// use erpmax_client::types::billing::Checkout;
    ///
    /// let plans = client.billing().plans().await?;
    /// let checkout = client.billing().checkout(&Checkout {
    ///     plan_id: plans[0].id.to_string(),
    ///     billing_period: "monthly".to_owned(),
    ///     payment_provider: None,
    ///     success_url: "https://app.acme.example/paid".to_owned(),
    ///     cancel_url: "https://app.acme.example/prices".to_owned(),
    /// }).await?;
    /// println!("Pay at {}", checkout.checkout_url);
    /// # Ok(())
    /// # }
    /// ```
    Billing
}

impl Billing {
    /// The price list.
    pub async fn plans(&self) -> Result<Vec<Plan>> {
        let plans: Vec<Plan> = self.client.call(&endpoints::PLANS).send().await?;
        if let Some(cache) = self.client.settings().plans.clone() {
            let plans = plans.clone();
            // Whether it could be kept concerns nobody.
            let _ = tokio::task::spawn_blocking(move || cache.save(&plans)).await;
        }
        Ok(plans)
    }

    /// The price list as it was read last, while that is fresh; see [`Builder::plan_cache`](crate::Builder::plan_cache).
    pub async fn cached_plans(&self) -> Result<Vec<Plan>> {
        if let Some(cache) = self.client.settings().plans.clone()
            && let Ok(Some(plans)) = tokio::task::spawn_blocking(move || cache.load()).await
        {
            return Ok(plans);
        }
        self.plans().await
    }

    /// The subscription of the session's tenant.
    pub async fn subscription(&self) -> Result<Subscription> {
        self.client.call(&endpoints::SUBSCRIPTION).send().await
    }

    /// Begins a payment: the page to pay at.
    pub fn checkout(&self, checkout: &Checkout) -> Keyed<CheckoutCreated> {
        Keyed::of(self.client.call(&endpoints::CHECKOUT).json(checkout))
    }

    /// Ends the subscription, at once or with the period.
    pub async fn cancel(&self, cancel: &CancelSubscription) -> Result<Subscription> {
        self.client.call(&endpoints::CANCEL_SUBSCRIPTION).json(cancel).send().await
    }

    /// Payments, refunds and failures.
    pub fn invoices(&self) -> Pages<Vec<PaymentEvent>> {
        Pages::of(self.client.call(&endpoints::INVOICES))
    }

    /// What a payment provider reports, for whoever stands in for one: the body as it was signed, and the signature.
    pub async fn webhook(&self, provider: &str, signature: &str, body: &[u8]) -> Result<Done> {
        let call = self.client.call(&endpoints::WEBHOOK).at(provider).header("x-erpmax-signature", signature);
        call.bytes(body.to_vec()).send().await
    }
}
