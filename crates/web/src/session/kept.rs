//! What is kept of a session in memory.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use erpmax_client::store::{StoreError, StoreLock, TokenStore};
use erpmax_client::types::users::Tokens;

use crate::live::Hub;

/// Stands in for an access token that is to be asked for.
const NONE_YET: &str = "none-yet";

/// A session's tokens and its line to live events.
#[derive(Default)]
pub(crate) struct WebSession {
    tokens: Mutex<Option<Tokens>>,
    turn: Arc<tokio::sync::Mutex<()>>,
    /// What its tabs share.
    pub(crate) hub: Hub,
}

/// The token store of a session; each request's client has one.
pub(crate) struct Kept(pub(crate) Arc<WebSession>);

impl WebSession {
    /// A session of which there is nothing but its refresh token.
    pub(super) fn resumed(refresh_token: &str) -> Self {
        let tokens = Tokens { access_token: NONE_YET.to_owned(), refresh_token: refresh_token.to_owned() };
        Self { tokens: Mutex::new(Some(tokens)), ..Self::default() }
    }

    /// The refresh token, if somebody is signed in.
    pub(crate) fn refresh_token(&self) -> Option<String> {
        self.tokens().as_ref().map(|tokens| tokens.refresh_token.clone())
    }

    fn tokens(&self) -> MutexGuard<'_, Option<Tokens>> {
        self.tokens.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl TokenStore for Kept {
    fn load(&self) -> Result<Option<Tokens>, StoreError> {
        Ok(self.0.tokens().clone())
    }

    fn save(&self, tokens: &Tokens) -> Result<(), StoreError> {
        *self.0.tokens() = Some(tokens.clone());
        Ok(())
    }

    fn clear(&self) -> Result<(), StoreError> {
        *self.0.tokens() = None;
        Ok(())
    }

    /// One refresh for all requests of the session.
    fn try_lock(&self) -> Result<Option<StoreLock>, StoreError> {
        Ok(self.0.turn.clone().try_lock_owned().ok().map(StoreLock::of))
    }
}
