//! Payment providers, behind one trait.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use erpmax_store::checkouts::CheckoutRow;
use erpmax_types::CheckoutId;

use super::sandbox::Sandbox;
use crate::{Core, Result};

/// A future in a box, so that providers can stand in one list.
pub type ProviderFuture<'a, T> = Pin<Box<dyn Future<Output = Result<T>> + Send + 'a>>;

/// Somebody who takes money for us.
pub trait PaymentProvider: Send + Sync {
    /// The word in `payment_provider` and in the webhook's address.
    fn name(&self) -> &'static str;

    /// Whether real money moves.
    fn is_live(&self) -> bool;

    /// Prepares a payment; the address of the page where the customer pays. Called outside any transaction.
    fn prepare<'a>(&'a self, core: &'a Core, checkout: &'a CheckoutRow) -> ProviderFuture<'a, String>;

    /// Checks a webhook's signature over the raw body, which must not be older than 300 s; `invalid_signature` otherwise.
    fn verify(&self, core: &Core, signature: Option<&str>, body: &str) -> Result<()>;

    /// Reads a webhook's body; `malformed_request` if it is not what this provider sends.
    fn read(&self, body: &str) -> Result<ProviderEvent>;
}

/// An event as a provider reports it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProviderEvent {
    /// The provider's id of the event: it is worked through once.
    pub id: String,
    /// What happened; none for a type that we keep and ignore.
    pub happening: Option<Happening>,
}

/// What a provider says of a payment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Happening {
    /// Money came, was refused, or went back.
    pub kind: erpmax_types::billing::PaymentEventType,
    /// The checkout that it settles.
    pub checkout: CheckoutId,
    /// The provider's id of the payment: it counts once.
    pub reference: String,
    /// In minor units.
    pub amount: i64,
    /// ISO 4217.
    pub currency: String,
    /// Whether real money moved.
    pub is_live: bool,
}

/// Words that name a provider, set up here or not.
const KNOWN: &[&str] = &["stripe", "liqpay", "invoice", "sandbox"];

/// The providers that are set up, the installation's own first.
#[derive(Clone, Default)]
pub struct Providers {
    list: Vec<Arc<dyn PaymentProvider>>,
    sandbox: Option<Arc<Sandbox>>,
}

impl Providers {
    /// These providers, in the order of preference.
    pub fn new(providers: Vec<Arc<dyn PaymentProvider>>) -> Self {
        Self { list: providers, sandbox: None }
    }

    /// These providers and, after them, the sandbox.
    #[must_use]
    pub fn with_sandbox(mut self, sandbox: Sandbox) -> Self {
        let sandbox = Arc::new(sandbox);
        self.list.push(sandbox.clone());
        self.sandbox = Some(sandbox);
        self
    }

    /// The sandbox, where it is set up.
    pub(super) fn sandbox(&self) -> Option<&Sandbox> {
        self.sandbox.as_deref()
    }

    /// The provider of this name.
    pub fn find(&self, name: &str) -> Option<&Arc<dyn PaymentProvider>> {
        self.list.iter().find(|provider| provider.name() == name)
    }

    /// The provider for a wish (contract, trap 14): the one of that name, else the tenant's, else the first; none for a
    /// word that is no provider at all.
    pub(crate) fn choose(&self, wish: Option<&str>, tenants: Option<&str>) -> Choice<'_> {
        if wish.is_some_and(|word| !KNOWN.contains(&word)) {
            return Choice::Unknown;
        }
        let named = wish.and_then(|word| self.find(word)).or_else(|| tenants.and_then(|word| self.find(word)));
        named.or(self.list.first()).map_or(Choice::NoneSetUp, Choice::Provider)
    }
}

/// What a wish comes to.
pub(crate) enum Choice<'a> {
    Provider(&'a Arc<dyn PaymentProvider>),
    Unknown,
    NoneSetUp,
}
