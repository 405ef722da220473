//! Where a request came from.

use std::convert::Infallible;
use std::net::{IpAddr, SocketAddr};

use axum::extract::FromRequestParts;
use axum::http::header::{AUTHORIZATION, USER_AGENT};
use axum::http::request::Parts;
use erpmax_core::auth::Origin;
use ipnet::IpNet;

use crate::envelope::language_of;
use crate::{App, Peer};

const USER_AGENT_LENGTH: usize = 200;

/// The client's address: the right-most hop outside the trusted proxies; IPv6 as its /64, because that is what one
/// customer has.
pub(crate) struct ClientAddress(pub(crate) String);

/// Where a request came from, for sign-in.
pub(crate) struct RequestOrigin(pub(crate) Origin);

impl ClientAddress {
    pub(crate) fn of(parts: &Parts, app: &App) -> Self {
        Self(Self::exactly(parts, app).map_or_else(String::new, |address| name_of(network_of(address))))
    }

    /// The address itself; none if the connection has none.
    pub(crate) fn exactly(parts: &Parts, app: &App) -> Option<IpAddr> {
        let peer = parts.extensions.get::<Peer>().map(|peer| peer.address.ip());
        let forwarded = parts.headers.get_all("x-forwarded-for").iter();
        let lists = forwarded.map(|value| value.to_str().unwrap_or_default());
        let hops: Vec<Option<IpAddr>> = lists.flat_map(|list| list.split(',')).map(parse_hop).collect();
        peer.map(|peer| client(peer, &hops, &app.edge.trusted_proxies))
    }
}

fn parse_hop(text: &str) -> Option<IpAddr> {
    let text = text.trim();
    let with_port = text.parse::<SocketAddr>().map(|address| address.ip());
    with_port.or_else(|_| text.trim_matches(['[', ']']).parse()).ok()
}

/// A hop that cannot be read ends the way back: what stands to its left may have been written by anybody.
fn client(peer: IpAddr, hops: &[Option<IpAddr>], trusted: &[IpNet]) -> IpAddr {
    let is_trusted = |address: &IpAddr| trusted.iter().any(|network| network.contains(address));
    let mut client = peer.to_canonical();
    for hop in hops.iter().rev() {
        match hop {
            Some(hop) if is_trusted(&client) => client = hop.to_canonical(),
            _ => break,
        }
    }
    client
}

/// What counts as one customer: an IPv4 address, or the /64 of an IPv6 one.
pub(crate) fn network_of(address: IpAddr) -> IpNet {
    match address {
        IpAddr::V4(_) => address.into(),
        IpAddr::V6(_) => IpNet::new(address, 64).map_or_else(|_| address.into(), |network| network.trunc()),
    }
}

fn name_of(network: IpNet) -> String {
    match network {
        IpNet::V4(network) => network.addr().to_string(),
        IpNet::V6(network) => network.to_string(),
    }
}

impl FromRequestParts<App> for ClientAddress {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Infallible> {
        Ok(Self::of(parts, app))
    }
}

impl FromRequestParts<App> for RequestOrigin {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Infallible> {
        let user_agent = parts.headers.get(USER_AGENT).and_then(|value| value.to_str().ok()).unwrap_or_default();
        Ok(Self(Origin {
            address: ClientAddress::of(parts, app).0,
            user_agent: user_agent.chars().filter(|c| !c.is_control()).take(USER_AGENT_LENGTH).collect(),
            language: language_of(&parts.headers),
            bears_token: parts.headers.contains_key(AUTHORIZATION),
            is_from_within: parts.extensions.get::<Peer>().is_some_and(|peer| peer.is_within),
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(text: &str) -> IpAddr {
        text.parse().expect("an address")
    }

    #[test]
    fn only_trusted_proxies_are_believed() {
        let hops = ["9.9.9.9", "203.0.113.7", "10.0.0.2"].map(parse_hop);
        let trusted = ["10.0.0.0/8".parse().expect("a network")];
        assert_eq!(client(address("10.0.0.1"), &hops, &trusted), address("203.0.113.7"));
        assert_eq!(client(address("198.51.100.1"), &hops, &trusted), address("198.51.100.1"));
        assert_eq!(client(address("10.0.0.1"), &hops, &[]), address("10.0.0.1"));
    }

    #[test]
    fn nothing_is_believed_beyond_a_hop_that_cannot_be_read() {
        let trusted = ["10.0.0.0/8".parse().expect("a network")];
        for unreadable in ["unknown", "", "_hidden", "10.0.0.300"] {
            let hops = ["9.9.9.9", unreadable, "10.0.0.2"].map(parse_hop);
            assert_eq!(client(address("10.0.0.1"), &hops, &trusted), address("10.0.0.2"), "{unreadable}");
        }
    }

    #[test]
    fn hops_may_bear_ports_and_brackets() {
        for (hop, host) in [("192.0.2.1:80", "192.0.2.1"), ("[2001:db8::1]:80", "2001:db8::1"), (" [::1] ", "::1")] {
            assert_eq!(parse_hop(hop), Some(address(host)));
        }
    }

    #[test]
    fn ipv6_is_counted_by_network() {
        assert_eq!(name_of(network_of(address("2001:db8:1:2:3:4:5:6"))), "2001:db8:1:2::/64");
        assert_eq!(name_of(network_of(address("192.0.2.1"))), "192.0.2.1");
    }
}
