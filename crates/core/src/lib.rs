//! The rules of ERPMax, by feature. No HTTP in here, no SQL either.
//!
//! Features are free functions that take [`Core`] and a proof of access from [`access`]; what they refuse is an [`Error`]
//! whose code and sentence the edge shows.

pub mod access;
pub mod audit;
pub mod auth;
pub mod billing;
mod clock;
mod error;
mod idempotency;
pub mod mail;
pub mod messages;
pub mod notifications;
pub mod operators;
pub mod provisioning;
pub mod realtime;
pub mod secrets;
mod settings;
pub mod sso;
pub mod tenants;
mod validation;
pub mod work;

use std::sync::Arc;

use erpmax_store::outbox::{Audience, Emission, News};
use erpmax_store::{Store, Tx};
use erpmax_types::events::Event;
use erpmax_types::{EventId, Timestamp};

pub use clock::Clock;
pub use error::{Challenge, Error, FieldErrors, PlanLimit, Problem, Refusal, Result, field, refuse};
pub use idempotency::Idempotency;
pub use secrets::{MasterKey, hash, random_token};
pub use settings::{
    AuthSettings, BillingSettings, Environment, HashingSettings, LoginLimits, Settings, SiteAddresses, host_of,
};

use access::KeyCalls;
use auth::keys::SigningKeys;
use auth::passwords::Passwords;
use billing::provider::Providers;
use mail::Postman;
use provisioning::progress::ProgressFeed;

/// Everything that the rules need. Cheap to clone.
#[derive(Clone)]
pub struct Core {
    inner: Arc<Inner>,
}

struct Inner {
    store: Store,
    clock: Clock,
    settings: Settings,
    master: MasterKey,
    derivation: secrets::DerivationKey,
    keys: SigningKeys,
    passwords: Passwords,
    providers: Providers,
    postman: Postman,
    key_calls: KeyCalls,
    progress: ProgressFeed,
}

impl Core {
    /// Builds the rules on an open database: makes what a first start needs (secrets, signing key, plans) and loads the rest.
    pub async fn start(
        store: Store,
        clock: Clock,
        settings: Settings,
        master: MasterKey,
        providers: Providers,
    ) -> anyhow::Result<Self> {
        let derivation = secrets::DerivationKey::load(&store, &master).await?;
        let keys = SigningKeys::load(&store, &master, &clock).await?;
        billing::plans::seed(&store, &clock).await?;
        let passwords = Passwords::start(&store, &settings.auth.hashing).await?;
        let postman = Postman::new(&settings)?;
        let progress = ProgressFeed::default();
        let key_calls = KeyCalls::new(settings.auth.limits.key_calls_per_minute);
        let inner = Inner {
            store,
            clock,
            settings,
            master,
            derivation,
            keys,
            passwords,
            providers,
            postman,
            key_calls,
            progress,
        };
        Ok(Self { inner: Arc::new(inner) })
    }

    /// The database.
    pub fn store(&self) -> &Store {
        &self.inner.store
    }

    /// What was configured.
    pub fn settings(&self) -> &Settings {
        &self.inner.settings
    }

    /// The present moment.
    pub fn now(&self) -> Timestamp {
        self.inner.clock.now()
    }

    /// A new id, ordered by time.
    pub fn id<T: From<uuid::Uuid>>(&self) -> T {
        self.inner.clock.id()
    }

    /// Progress inside steps, on its way to sockets.
    pub fn progress(&self) -> &ProgressFeed {
        &self.inner.progress
    }

    /// The payment providers that are set up.
    pub fn providers(&self) -> &Providers {
        &self.inner.providers
    }

    pub(crate) fn keys(&self) -> &SigningKeys {
        &self.inner.keys
    }

    pub(crate) fn passwords(&self) -> &Passwords {
        &self.inner.passwords
    }

    pub(crate) fn master(&self) -> &MasterKey {
        &self.inner.master
    }

    pub(crate) fn postman(&self) -> &Postman {
        &self.inner.postman
    }

    pub(crate) fn key_calls(&self) -> &KeyCalls {
        &self.inner.key_calls
    }

    /// A key for a room beyond this one, such as for the cookies of the web app: the same on all nodes, and after a restart.
    pub fn derived_key(&self, name: &str) -> [u8; 32] {
        self.derivation().derive_bytes("key", name)
    }

    pub(crate) fn derivation(&self) -> &secrets::DerivationKey {
        &self.inner.derivation
    }

    /// Lets `audience` hear of `event` once `tx` is committed.
    pub(crate) fn emit(&self, tx: &mut Tx, audience: Audience, event: Event) {
        self.tell(tx, audience, News::Event(event));
    }

    /// Lets `news` happen to the sockets of `audience` once `tx` is committed.
    pub(crate) fn tell(&self, tx: &mut Tx, audience: Audience, news: News) {
        tx.emit(Emission { id: self.id::<EventId>(), audience, news, at: self.now() });
    }
}
