//! Names that people's browsers have to find: the control plane's, and any below the zone of sites.

use std::net::{IpAddr, ToSocketAddrs as _};
use std::sync::mpsc;
use std::time::Duration;

use super::Finding;
use crate::configuration::Configuration;

const PATIENCE: Duration = Duration::from_secs(5);

pub(super) fn examine(configuration: &Configuration) -> Vec<Finding> {
    let host = configuration.public_host();
    let site = format!("doctor-looks.{}", configuration.sites.zone);
    let mut findings = Vec::new();
    if !is_local(host) {
        findings.push(resolves("address", host, "public_url: add an A or AAAA record"));
    }
    if configuration.sites.can_be_made() && !is_local(&site) {
        findings.push(resolves("sites' zone", &site, "sites.zone: add a wildcard record `*` in it"));
    }
    findings
}

/// Names that need no record.
pub(super) fn is_local(host: &str) -> bool {
    host.is_empty() || host == "localhost" || host.ends_with(".localhost") || host.parse::<IpAddr>().is_ok()
}

fn resolves(about: &'static str, host: &str, advice: &str) -> Finding {
    match look_up(host) {
        Ok(addresses) if !addresses.is_empty() => Finding::good(about, format!("{host} is {}", addresses.join(", "))),
        Ok(_) => Finding::bad(about, format!("{host} has no address; {advice}")),
        Err(cause) => Finding::bad(about, format!("{host} is not found ({cause}); {advice}")),
    }
}

/// The system's resolver may take its time: we do not.
fn look_up(host: &str) -> Result<Vec<String>, String> {
    let (sender, receiver) = mpsc::channel();
    let name = host.to_owned();
    std::thread::spawn(move || {
        let found = (name.as_str(), 443).to_socket_addrs();
        let found = found.map(|found| found.map(|address| address.ip().to_string()).collect::<Vec<_>>());
        // Nobody listens any more after the time is over.
        let _ = sender.send(found.map_err(|error| error.to_string()));
    });
    receiver.recv_timeout(PATIENCE).unwrap_or_else(|_| Err("no answer within 5 seconds".to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn local_names_need_no_record() {
        assert!(is_local("localhost") && is_local("acme.localhost") && is_local("127.0.0.1") && is_local(""));
        assert!(!is_local("erpmax.example"));
    }
}
