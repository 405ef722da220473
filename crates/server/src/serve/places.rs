//! How many connections there may be: in all, and from one address.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use ipnet::IpNet;
use tokio::sync::{AcquireError, OwnedSemaphorePermit, Semaphore};
use tracing::warn;

use super::ServeSettings;
use crate::extract::network_of;

/// How often the log tells that addresses have too many connections.
const PAUSE: Duration = Duration::from_secs(60);

/// The places of all connections. Cheap to clone.
#[derive(Clone)]
pub(super) struct Places {
    all: Arc<Semaphore>,
    shared: Arc<Shared>,
}

struct Shared {
    limit: usize,
    exempt: Vec<IpNet>,
    counts: Mutex<Counts>,
}

#[derive(Default)]
struct Counts {
    by_network: HashMap<IpNet, usize>,
    told_at: Option<Instant>,
}

/// A connection's place among those of its address; free again when this is dropped.
pub(super) struct Place {
    shared: Arc<Shared>,
    /// None for an address that has no limit.
    network: Option<IpNet>,
}

impl Places {
    pub(super) fn new(settings: &ServeSettings) -> Self {
        let (limit, exempt) = (settings.max_per_address, settings.unlimited.clone());
        let shared = Shared { limit, exempt, counts: Mutex::default() };
        Self { all: Arc::new(Semaphore::new(settings.max_connections)), shared: Arc::new(shared) }
    }

    /// A place among all, as soon as one is free.
    pub(super) async fn any(&self) -> Result<OwnedSemaphorePermit, AcquireError> {
        self.all.clone().acquire_owned().await
    }

    /// A place among those of `address`, if it has not taken them all.
    pub(super) fn of(&self, address: IpAddr) -> Option<Place> {
        let address = address.to_canonical();
        let shared = self.shared.clone();
        if shared.exempt.iter().any(|network| network.contains(&address)) {
            return Some(Place { shared, network: None });
        }
        let network = network_of(address);
        let is_free = shared.counts().take(network, shared.limit);
        // Not made unless it is taken: what is made is given back.
        is_free.then(|| Place { shared, network: Some(network) })
    }
}

impl Shared {
    fn counts(&self) -> MutexGuard<'_, Counts> {
        self.counts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Counts {
    fn take(&mut self, network: IpNet, limit: usize) -> bool {
        let count = self.by_network.entry(network).or_default();
        if *count < limit {
            *count += 1;
            return true;
        }
        if self.told_at.is_none_or(|told_at| told_at.elapsed() > PAUSE) {
            self.told_at = Some(Instant::now());
            warn!(%network, limit, "An address has too many connections; further ones are closed");
        }
        false
    }

    fn give_back(&mut self, network: IpNet) {
        if let Some(count) = self.by_network.get_mut(&network) {
            *count -= 1;
            if *count == 0 {
                self.by_network.remove(&network);
            }
        }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        if let Some(network) = self.network {
            self.shared.counts().give_back(network);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn places(limit: usize) -> Places {
        let unlimited = vec!["10.0.0.0/8".parse().expect("a network")];
        Places::new(&ServeSettings { max_per_address: limit, unlimited, ..ServeSettings::default() })
    }

    fn address(text: &str) -> IpAddr {
        text.parse().expect("an address")
    }

    #[test]
    fn an_address_has_its_places_and_no_more() {
        let places = places(2);
        let client = address("192.0.2.1");
        let (first, _second) = (places.of(client), places.of(client));
        assert!(first.is_some() && places.of(client).is_none());
        assert!(places.of(address("::ffff:192.0.2.1")).is_none(), "the same address, written as IPv6");
        assert!(places.of(address("192.0.2.2")).is_some());
        drop(first);
        assert!(places.of(client).is_some());
    }

    #[test]
    fn a_network_of_ipv6_counts_as_one_address() {
        let places = places(1);
        let _first = places.of(address("2001:db8:1:2::1"));
        assert!(places.of(address("2001:db8:1:2::2")).is_none());
        assert!(places.of(address("2001:db8:1:3::1")).is_some());
    }

    #[test]
    fn proxies_have_no_limit_and_nothing_is_remembered_of_those_who_left() {
        let places = places(1);
        let taken: Vec<_> = (0..3).map(|_| places.of(address("10.0.0.1"))).collect();
        assert!(taken.iter().all(Option::is_some));
        drop(places.of(address("192.0.2.1")));
        assert!(places.shared.counts().by_network.is_empty());
    }
}
