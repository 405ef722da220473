//! Cookies: the session, sealed, and what a person chose.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use axum_extra::extract::CookieJar;
use axum_extra::extract::cookie::{Cookie, SameSite};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use serde::{Deserialize, Serialize};
use time::Duration as CookieAge;
use uuid::Uuid;

const NONCE: usize = 24;
const DAY: Duration = Duration::from_secs(86_400);
/// As long as a session may live at most.
const AGE: CookieAge = CookieAge::days(90);

/// What the session's cookie says.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Ticket {
    pub(crate) id: Uuid,
    pub(crate) refresh_token: String,
    /// Seconds since 1970.
    written_at: u64,
}

impl Ticket {
    /// The ticket of a session that begins now.
    pub(crate) fn new(refresh_token: String) -> Self {
        Self { id: Uuid::from_bytes(rand::random()), refresh_token, written_at: now() }
    }

    /// The same session's, with the token that is in use by now.
    pub(crate) fn with(&self, refresh_token: String) -> Self {
        Self { refresh_token, ..self.clone() }
    }

    /// Whether the cookie is to be written again, so that the browser keeps it.
    pub(crate) fn is_old(&self) -> bool {
        now().saturating_sub(self.written_at) > DAY.as_secs()
    }
}

fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs()
}

/// Writes and reads cookies.
pub(crate) struct Cookies {
    cipher: XChaCha20Poly1305,
    is_https: bool,
}

impl Cookies {
    pub(crate) fn new(key: &[u8; 32], is_https: bool) -> Self {
        Self { cipher: XChaCha20Poly1305::new(key.into()), is_https }
    }

    /// The session's ticket, if the browser has a good one.
    pub(crate) fn ticket(&self, jar: &CookieJar) -> Option<Ticket> {
        let sealed = URL_SAFE_NO_PAD.decode(jar.get(&self.name("session"))?.value()).ok()?;
        let (nonce, text) = sealed.split_at_checked(NONCE)?;
        let nonce = XNonce::try_from(nonce).ok()?;
        let name = self.name("session");
        let opened = self.cipher.decrypt(&nonce, Payload { msg: text, aad: name.as_bytes() }).ok()?;
        serde_json::from_slice(&opened).ok()
    }

    /// The cookie of a session; none if it cannot be sealed.
    pub(crate) fn session(&self, ticket: &Ticket) -> Option<Cookie<'static>> {
        let ticket = Ticket { written_at: now(), ..ticket.clone() };
        let text = serde_json::to_vec(&ticket).ok()?;
        let (nonce, name) = (rand::random::<[u8; NONCE]>(), self.name("session"));
        let sealed = self.cipher.encrypt(&nonce.into(), Payload { msg: &text, aad: name.as_bytes() }).ok()?;
        let value = URL_SAFE_NO_PAD.encode([&nonce[..], &sealed].concat());
        Some(self.cookie("session", value))
    }

    /// Takes the session's cookie away.
    pub(crate) fn end(&self) -> Cookie<'static> {
        let mut cookie = self.cookie("session", String::new());
        cookie.make_removal();
        cookie
    }

    /// What the person chose, such as `theme`.
    pub(crate) fn choice<'a>(&self, jar: &'a CookieJar, name: &str) -> Option<&'a str> {
        jar.get(&self.name(name)).map(Cookie::value)
    }

    /// A cookie that no script reads, and that comes along from other sites only when a person follows a link.
    pub(crate) fn cookie(&self, name: &str, value: String) -> Cookie<'static> {
        Cookie::build((self.name(name), value))
            .path("/")
            .http_only(true)
            .secure(self.is_https)
            .same_site(SameSite::Lax)
            .max_age(AGE)
            .build()
    }

    /// Over https browsers bind the cookie to this very host: no site below or beside it can read or set it.
    fn name(&self, name: &str) -> String {
        if self.is_https { format!("__Host-erpmax-{name}") } else { format!("erpmax-{name}") }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn jar(cookie: Cookie<'static>) -> CookieJar {
        CookieJar::new().add(cookie)
    }

    #[test]
    fn a_ticket_is_read_back_and_says_nothing_to_others() {
        let cookies = Cookies::new(&[7; 32], true);
        let ticket = Ticket::new("ert_secret".to_owned());
        let cookie = cookies.session(&ticket).expect("it is sealed");
        assert!(cookie.name().starts_with("__Host-") && !cookie.value().contains("ert_"));
        let read = cookies.ticket(&jar(cookie.clone())).expect("it is good");
        assert_eq!((read.id, read.refresh_token.as_str(), read.is_old()), (ticket.id, "ert_secret", false));
        assert!(Cookies::new(&[8; 32], true).ticket(&jar(cookie)).is_none(), "another key does not open it");
    }

    #[test]
    fn what_was_tampered_with_is_no_ticket() {
        let cookies = Cookies::new(&[7; 32], false);
        let cookie = cookies.session(&Ticket::new("ert_secret".to_owned())).expect("it is sealed");
        for value in ["", "x", &cookie.value()[..40], &cookie.value().replace(&cookie.value()[50..52], "__")] {
            let forged = Cookie::new(cookie.name().to_owned(), value.to_owned());
            assert!(cookies.ticket(&jar(forged)).is_none(), "{value}");
        }
    }
}
