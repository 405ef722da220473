//! What the contract says of a session's tokens, in a few lines (trap 2).

use std::collections::HashMap;
use std::time::Duration;

use erpmax_types::Timestamp;

const ACCESS: Duration = Duration::from_secs(15 * 60);
const REFRESH: Duration = Duration::from_secs(30 * 86_400);
const SESSION: Duration = Duration::from_secs(90 * 86_400);
const GRACE: Duration = Duration::from_secs(10);
const LOST_ANSWER: Duration = Duration::from_secs(120);

/// A session with everything that was ever handed out in it.
pub(super) struct Family {
    begun: Timestamp,
    ended: bool,
    tokens: HashMap<String, Token>,
    tenant: String,
}

struct Token {
    made: Timestamp,
    spent: Option<Timestamp>,
    successor: Option<String>,
}

/// An access token, as far as its fate depends on it.
#[derive(Clone)]
pub(super) struct Access {
    pub(super) token: String,
    pub(super) made: Timestamp,
    pub(super) tenant: String,
}

/// What a refresh has to come to.
#[derive(Debug, PartialEq)]
pub(super) enum Expected {
    /// The successor, which is known if it was handed out before.
    Successor(Option<String>),
    Refused,
}

impl Family {
    pub(super) fn new(first: String, tenant: String, now: Timestamp) -> Self {
        let mut family = Self { begun: now, ended: false, tokens: HashMap::new(), tenant };
        family.hand_out(first, now);
        family
    }

    pub(super) fn tenant(&self) -> &str {
        &self.tenant
    }

    fn hand_out(&mut self, token: String, now: Timestamp) {
        self.tokens.entry(token).or_insert(Token { made: now, spent: None, successor: None });
    }

    fn lives(&self, now: Timestamp) -> bool {
        !self.ended && now.since(self.begun) < SESSION
    }

    /// A refresh at `now`; what it has to come to.
    pub(super) fn refresh(&mut self, token: &str, now: Timestamp) -> Expected {
        let (made, spent, successor) = {
            let known = &self.tokens[token];
            (known.made, known.spent, known.successor.clone())
        };
        if !self.lives(now) {
            return Expected::Refused;
        }
        let expired = now.since(made) >= REFRESH;
        if let Some(spent) = spent {
            let age = now.since(spent);
            let next_is_spent =
                successor.as_ref().and_then(|next| self.tokens.get(next)).is_some_and(|t| t.spent.is_some());
            if age >= GRACE && (age >= LOST_ANSWER || next_is_spent) {
                self.ended = true;
                return Expected::Refused;
            }
        }
        if expired {
            return Expected::Refused;
        }
        if spent.is_none() {
            let older = self.tokens.values_mut().filter(|other| other.spent.is_none() && other.made <= made);
            older.for_each(|other| other.spent = Some(now));
        }
        Expected::Successor(successor)
    }

    /// Notes what was handed out for `token`.
    pub(super) fn succeed(&mut self, token: &str, successor: &str, now: Timestamp) {
        if let Some(token) = self.tokens.get_mut(token) {
            token.successor = Some(successor.to_owned());
        }
        self.hand_out(successor.to_owned(), now);
    }

    /// Another current tenant, with a new branch of tokens.
    pub(super) fn switch(&mut self, tenant: String, token: String, now: Timestamp) {
        self.tenant = tenant;
        self.hand_out(token, now);
    }

    pub(super) fn end(&mut self) {
        self.ended = true;
    }

    /// The code with which an access token is refused; empty if it is good.
    pub(super) fn fate(&self, access: &Access, now: Timestamp) -> &'static str {
        // Tokens count whole seconds.
        let expires = access.made.as_seconds() + i64::try_from(ACCESS.as_secs()).expect("minutes are few");
        if expires <= now.as_seconds() {
            "token_expired"
        } else if !self.lives(now) {
            "unauthorized"
        } else if access.tenant != self.tenant {
            "token_expired"
        } else {
            ""
        }
    }
}
