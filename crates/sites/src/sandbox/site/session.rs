//! Sessions of visitors: in memory, bounded, each for one site.

use std::collections::{HashMap, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use axum::http::{HeaderMap, header};
use erpmax_types::SiteId;
use erpmax_types::sso::SsoUser;

use crate::hexadecimal::hexadecimal;

const COOKIE: &str = "sandbox_sid";
const LIFETIME: Duration = Duration::from_hours(8);
const AT_MOST: usize = 10_000;

/// All sessions of all sites.
#[derive(Default)]
pub(super) struct Sessions(Mutex<Table>);

#[derive(Default)]
struct Table {
    by_id: HashMap<String, Session>,
    /// Oldest first, and so the first to end; ids of removed sessions stay until their turn.
    order: VecDeque<String>,
}

struct Session {
    site: SiteId,
    visitor: Visitor,
    since: Instant,
}

/// Who is signed in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Visitor {
    pub(super) user: SsoUser,
    /// Whether it is a temporary user: the control plane is asked each time whether it may stay.
    pub(super) is_temporary: bool,
}

impl Sessions {
    /// Begins a session; its id, 256 random bits.
    pub(super) fn insert(&self, site: SiteId, visitor: Visitor) -> String {
        let id = hexadecimal(&rand::random::<[u8; 32]>());
        let mut table = self.lock();
        table.make_room();
        table.order.push_back(id.clone());
        table.by_id.insert(id.clone(), Session { site, visitor, since: Instant::now() });
        id
    }

    /// Who is signed in to this site under an id.
    pub(super) fn find(&self, id: &str, site: SiteId) -> Option<Visitor> {
        let table = self.lock();
        let session = table.by_id.get(id)?;
        (session.site == site && session.since.elapsed() < LIFETIME).then(|| session.visitor.clone())
    }

    /// Ends a session.
    pub(super) fn remove(&self, id: &str) {
        self.lock().by_id.remove(id);
    }

    fn lock(&self) -> MutexGuard<'_, Table> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Table {
    /// Drops what is over, and the oldest while the table is full.
    fn make_room(&mut self) {
        while let Some(oldest) = self.order.front() {
            let session = self.by_id.get(oldest);
            let stays = session.is_some_and(|session| session.since.elapsed() < LIFETIME);
            if stays && self.order.len() < AT_MOST {
                return;
            }
            self.by_id.remove(oldest);
            self.order.pop_front();
        }
    }
}

/// The session's id that a request carries.
pub(super) fn id_in(headers: &HeaderMap) -> Option<String> {
    let cookies = headers.get_all(header::COOKIE).into_iter().filter_map(|value| value.to_str().ok());
    let mut pairs = cookies.flat_map(|value| value.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.find(|(name, _)| *name == COOKIE).map(|(_, id)| id.to_owned())
}

/// The cookie that carries a session's id, for this host alone.
pub(super) fn cookie(id: &str, url: &str) -> String {
    set(id, LIFETIME, url)
}

/// The cookie that takes it away.
pub(super) fn no_cookie(url: &str) -> String {
    set("", Duration::ZERO, url)
}

fn set(value: &str, lifetime: Duration, url: &str) -> String {
    let secure = if url.starts_with("https://") { "; Secure" } else { "" };
    format!("{COOKIE}={value}; Path=/; Max-Age={}; HttpOnly; SameSite=Lax{secure}", lifetime.as_secs())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn site(number: u8) -> SiteId {
        format!("018f0000-0000-7000-8000-0000000000{number:02x}").parse().expect("an id")
    }

    fn visitor() -> Visitor {
        let user = r#"{"id":"018f0000-0000-7000-8000-000000000001","email":"owner@acme.example","full_name":"Owner","role":"owner"}"#;
        Visitor { user: serde_json::from_str(user).expect("a user"), is_temporary: false }
    }

    #[test]
    fn a_session_is_good_at_its_own_site_only() {
        let sessions = Sessions::default();
        let id = sessions.insert(site(1), visitor());
        assert_eq!(sessions.find(&id, site(1)), Some(visitor()));
        assert_eq!(sessions.find(&id, site(2)), None);
        sessions.remove(&id);
        assert_eq!(sessions.find(&id, site(1)), None);
    }

    #[test]
    fn the_oldest_session_makes_room_for_a_new_one() {
        let sessions = Sessions::default();
        let ids: Vec<_> = (0..=AT_MOST).map(|_| sessions.insert(site(1), visitor())).collect();
        assert_eq!(sessions.find(&ids[0], site(1)), None);
        assert!(ids[1..].iter().all(|id| sessions.find(id, site(1)).is_some()));
        assert!(sessions.lock().order.len() <= AT_MOST && sessions.lock().by_id.len() <= AT_MOST);
    }

    #[test]
    fn the_cookie_is_found_among_others() {
        let mut headers = HeaderMap::new();
        headers.append(header::COOKIE, "a=b; xsandbox_sid=no".parse().expect("a header"));
        headers.append(header::COOKIE, "c=d;  sandbox_sid=yes; e=f".parse().expect("a header"));
        assert_eq!(id_in(&headers).as_deref(), Some("yes"));
    }

    #[test]
    fn the_cookie_is_secure_where_the_site_is() {
        assert!(cookie("x", "https://acme.example").ends_with("; HttpOnly; SameSite=Lax; Secure"));
        assert!(cookie("x", "http://acme.localhost:8000").ends_with("; HttpOnly; SameSite=Lax"));
    }
}
