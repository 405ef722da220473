//! Name resolution that knows `localhost`: the system's need not resolve `*.localhost` (RFC 6761 §6.3 says loopback).

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use reqwest::dns::{Addrs, Name, Resolve, Resolving};

/// Resolves `localhost` and `*.localhost` to loopback, every other name as the system does.
#[derive(Clone, Copy, Debug, Default)]
pub struct LoopbackResolver;

impl Resolve for LoopbackResolver {
    fn resolve(&self, name: Name) -> Resolving {
        Box::pin(async move {
            if is_local(name.as_str()) {
                return Ok(loopback());
            }
            let addresses: Vec<SocketAddr> = tokio::net::lookup_host((name.as_str(), 0)).await?.collect();
            Ok(Box::new(addresses.into_iter()) as Addrs)
        })
    }
}

fn is_local(name: &str) -> bool {
    let name = name.trim_end_matches('.').to_ascii_lowercase();
    name == "localhost" || name.ends_with(".localhost")
}

fn loopback() -> Addrs {
    let hosts: [IpAddr; 2] = [Ipv4Addr::LOCALHOST.into(), Ipv6Addr::LOCALHOST.into()];
    Box::new(hosts.into_iter().map(|host| SocketAddr::new(host, 0)))
}

#[cfg(test)]
mod tests {
    use super::is_local;

    #[test]
    fn only_localhost_and_what_is_under_it_is_local() {
        for local in ["localhost", "acme.localhost", "ACME.LocalHost.", "a.b.localhost"] {
            assert!(is_local(local), "{local}");
        }
        for remote in ["acme.example", "notlocalhost", "localhost.example", ""] {
            assert!(!is_local(remote), "{remote}");
        }
    }
}
