//! The sign-in: the tokens in use, and one refresh for all who need it.
//!
//! Whoever meets a 401 asks for a renewal. The first one begins it, on a task of its own, so that a caller who gives up does not
//! stop it half-way; those who asked meanwhile share its outcome. Other processes with the same store are kept waiting by its
//! lock, and what they renewed is taken over instead of renewing again.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};
use std::time::Duration;

use erpmax_types::users::Tokens;
use tokio::sync::OwnedMutexGuard;
use tokio::time::Instant;
use tracing::{info, warn};

use crate::store::{StoreError, StoreLock, TokenStore};
use crate::transport::BoxFuture;
use crate::{Error, Result};

/// How long another process may hold the store.
const LOCK_PATIENCE: Duration = Duration::from_secs(90);
const LOCK_PAUSE: Duration = Duration::from_millis(20);

/// Why somebody is signed in no longer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SessionEnd {
    /// The server refused to refresh: the session ran out, was ended, or the account was closed.
    Refused,
    /// Another process that shares the store signed out.
    SignedOutElsewhere,
}

pub(crate) type Listener = Arc<dyn Fn(SessionEnd) + Send + Sync>;

/// What a renewal came to.
#[derive(Clone)]
pub(crate) enum Renewal {
    /// There are other tokens than those that were refused.
    Fresh(Arc<Tokens>),
    /// Nobody is signed in.
    SignedOut,
}

/// Asks the server for the successors of tokens: the one request that a renewal makes.
pub(crate) type Refresher = Box<dyn FnOnce(Arc<Tokens>) -> BoxFuture<'static, Result<Tokens>> + Send>;

pub(crate) struct Session {
    store: Arc<dyn TokenStore>,
    listener: Option<Listener>,
    cached: RwLock<Option<Arc<Tokens>>>,
    turn: Arc<tokio::sync::Mutex<()>>,
    last: Mutex<(u64, Option<Result<Renewal>>)>,
}

impl Session {
    pub(crate) fn new(store: Arc<dyn TokenStore>, listener: Option<Listener>) -> Self {
        Self { store, listener, cached: RwLock::default(), turn: Arc::default(), last: Mutex::default() }
    }

    /// The tokens to use, from the store if this process has none. The store is read in turn, so that nothing is taken from it
    /// that somebody is replacing.
    pub(crate) async fn tokens(&self) -> Result<Option<Arc<Tokens>>> {
        if let Some(tokens) = self.cached() {
            return Ok(Some(tokens));
        }
        let _turn = self.turn.lock().await;
        if let Some(tokens) = self.cached() {
            return Ok(Some(tokens));
        }
        let stored = self.load().await?;
        self.cache(stored.clone());
        Ok(stored)
    }

    /// Keeps the tokens of a new sign-in, or of another tenant.
    pub(crate) async fn adopt(&self, tokens: Tokens) -> Result<()> {
        let _turn = self.turn.lock().await;
        let _lock = self.lock_store().await?;
        self.keep(Arc::new(tokens)).await
    }

    /// Forgets everything, in the store too.
    pub(crate) async fn clear(&self) -> Result<()> {
        let _turn = self.turn.lock().await;
        let _lock = self.lock_store().await?;
        self.forget().await
    }

    /// Looks for other tokens than `used`, which were refused; asks the server with `refresher` if nobody else has.
    pub(crate) async fn renew(self: &Arc<Self>, used: Option<&Tokens>, refresher: Refresher) -> Result<Renewal> {
        let round = self.last().0;
        let turn = self.turn.clone().lock_owned().await;
        if let Some(outcome) = self.outcome_after(round) {
            return outcome;
        }
        if let Some(other) = self.cached().filter(|cached| is_other(cached, used)) {
            return Ok(Renewal::Fresh(other));
        }
        let (session, used) = (self.clone(), used.map(|tokens| tokens.access_token.clone()));
        let renewing = tokio::spawn(session.renew_in_turn(used, refresher, turn));
        renewing.await.map_err(Error::connection)?
    }

    async fn renew_in_turn(
        self: Arc<Self>,
        used: Option<String>,
        refresher: Refresher,
        turn: OwnedMutexGuard<()>,
    ) -> Result<Renewal> {
        let outcome = self.renew_alone(used.as_deref(), refresher).await;
        {
            let mut last = self.last();
            *last = (last.0 + 1, Some(outcome.clone()));
        }
        drop(turn);
        outcome
    }

    async fn renew_alone(&self, used: Option<&str>, refresher: Refresher) -> Result<Renewal> {
        let _lock = self.lock_store().await?;
        let Some(stored) = self.load().await? else {
            if self.cache(None).is_some() {
                self.tell(SessionEnd::SignedOutElsewhere);
            }
            return Ok(Renewal::SignedOut);
        };
        if used != Some(stored.access_token.as_str()) {
            self.cache(Some(stored.clone()));
            return Ok(Renewal::Fresh(stored));
        }
        self.ask(stored, refresher).await
    }

    async fn ask(&self, stored: Arc<Tokens>, refresher: Refresher) -> Result<Renewal> {
        match refresher(stored).await {
            Ok(fresh) => {
                let fresh = Arc::new(fresh);
                if let Err(error) = self.keep(fresh.clone()).await {
                    warn!(%error, "The fresh tokens are used, but cannot be kept");
                }
                Ok(Renewal::Fresh(fresh))
            }
            Err(error) if is_final(&error) => {
                info!("The sign-in ended: it cannot be refreshed");
                self.forget().await?;
                self.tell(SessionEnd::Refused);
                Ok(Renewal::SignedOut)
            }
            Err(error) => Err(error),
        }
    }

    /// What a renewal came to that ended since `round`.
    fn outcome_after(&self, round: u64) -> Option<Result<Renewal>> {
        let last = self.last();
        if last.0 == round { None } else { last.1.clone() }
    }

    fn tell(&self, end: SessionEnd) {
        if let Some(listener) = &self.listener {
            listener(end);
        }
    }

    async fn keep(&self, tokens: Arc<Tokens>) -> Result<()> {
        self.cache(Some(tokens.clone()));
        self.with_store(move |store| store.save(&tokens)).await
    }

    async fn forget(&self) -> Result<()> {
        self.cache(None);
        self.with_store(TokenStore::clear).await
    }

    async fn load(&self) -> Result<Option<Arc<Tokens>>> {
        Ok(self.with_store(TokenStore::load).await?.map(Arc::new))
    }

    async fn lock_store(&self) -> Result<StoreLock> {
        let until = Instant::now() + LOCK_PATIENCE;
        loop {
            match self.with_store(TokenStore::try_lock).await? {
                Some(lock) => return Ok(lock),
                None if Instant::now() < until => tokio::time::sleep(LOCK_PAUSE).await,
                None => return Err(StoreError::new("another program holds it").into()),
            }
        }
    }

    async fn with_store<T: Send + 'static>(
        &self,
        work: impl FnOnce(&dyn TokenStore) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T> {
        let store = self.store.clone();
        let done = tokio::task::spawn_blocking(move || work(store.as_ref())).await;
        done.map_err(|error| StoreError::new("the store broke").because(error))?.map_err(Error::from)
    }

    fn cached(&self) -> Option<Arc<Tokens>> {
        self.cached.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Uses these tokens from now on; what was used before.
    fn cache(&self, tokens: Option<Arc<Tokens>>) -> Option<Arc<Tokens>> {
        std::mem::replace(&mut *self.cached.write().unwrap_or_else(PoisonError::into_inner), tokens)
    }

    fn last(&self) -> MutexGuard<'_, (u64, Option<Result<Renewal>>)> {
        self.last.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn is_other(tokens: &Tokens, used: Option<&Tokens>) -> bool {
    used.is_none_or(|used| used.access_token != tokens.access_token)
}

/// Whether a refused refresh is the end. What a proxy or a broken server says in its place is not.
fn is_final(error: &Error) -> bool {
    error.refusal().is_some_and(|refusal| match refusal.status {
        400 | 401 => refusal.is_told,
        403 | 422 => refusal.code.is_some(),
        _ => false,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::MemoryStore;

    /// A store whose readings are old when they arrive.
    struct Slow(MemoryStore);

    impl TokenStore for Slow {
        fn load(&self) -> Result<Option<Tokens>, StoreError> {
            let read = self.0.load();
            std::thread::sleep(Duration::from_millis(300));
            read
        }

        fn save(&self, tokens: &Tokens) -> Result<(), StoreError> {
            self.0.save(tokens)
        }

        fn clear(&self) -> Result<(), StoreError> {
            self.0.clear()
        }
    }

    fn tokens(name: &str) -> Tokens {
        Tokens { access_token: format!("access-{name}"), refresh_token: format!("refresh-{name}") }
    }

    #[tokio::test]
    async fn a_slow_reading_does_not_replace_a_new_sign_in() {
        let session = Arc::new(Session::new(Arc::new(Slow(MemoryStore::with(tokens("old")))), None));
        let reader = session.clone();
        let reading = tokio::spawn(async move { reader.tokens().await });
        tokio::time::sleep(Duration::from_millis(100)).await;
        session.adopt(tokens("new")).await.expect("it is kept");
        reading.await.expect("no panic").expect("it is read");
        let used = session.tokens().await.expect("it is known").expect("somebody is signed in");
        assert_eq!(*used, tokens("new"));
    }
}
