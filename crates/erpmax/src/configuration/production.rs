//! What production refuses: sandboxes, addresses without TLS, weak secrets, and sites beside the control plane.

use super::Configuration;
use super::check::Complaints;
use crate::key_file;

pub(super) fn check(configuration: &Configuration, complaints: &mut Complaints) {
    check_sandboxes(configuration, complaints);
    check_public_url(configuration, complaints);
    check_zone(configuration, complaints);
    check_key(configuration, complaints);
}

fn check_sandboxes(configuration: &Configuration, complaints: &mut Complaints) {
    complaints.unless(
        !configuration.sites.are_sandboxes(),
        "sites.driver",
        "sandbox sites are refused in production; write \"none\", with which asked-for sites wait",
    );
    complaints.unless(
        !configuration.billing.is_sandbox(),
        "billing.provider",
        "sandbox payments are refused in production; write \"none\", with which nobody can pay",
    );
}

fn check_public_url(configuration: &Configuration, complaints: &mut Complaints) {
    let https = configuration.public_url.starts_with("https://");
    complaints.unless(https, "public_url", "production needs the https address under which people reach ERPMax");
}

/// What runs on sites is customers' code: cookies and storage of browsers keep registered domains apart, and no less.
fn check_zone(configuration: &Configuration, complaints: &mut Complaints) {
    let zone = configuration.sites.zone.as_str();
    let hosts = configuration.hosts.iter().map(String::as_str).chain([configuration.public_host()]);
    for host in hosts.filter(|host| !host.is_empty()) {
        let sentence = format!(
            "sites run customers' code, so {zone} must be a domain that is registered apart from {host}; register \
             another one"
        );
        complaints.unless(is_apart(host, zone), "sites.zone", &sentence);
    }
}

/// Whether two names belong to different registrations, by the Public Suffix List.
fn is_apart(host: &str, zone: &str) -> bool {
    let host = host.to_ascii_lowercase();
    let is_within =
        |inner: &str, outer: &str| inner.strip_suffix(outer).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'));
    let registered = psl::domain_str(&host);
    let is_one = registered.is_some() && registered == psl::domain_str(zone);
    !is_one && !is_within(&host, zone) && !is_within(zone, &host)
}

fn check_key(configuration: &Configuration, complaints: &mut Complaints) {
    const KEY: &str = "master_key_file";
    let given = &configuration.master_key_file;
    let postgres = configuration.database.url.starts_with("postgres");
    complaints.unless(
        !postgres || !given.is_empty(),
        KEY,
        "production on PostgreSQL needs a key file of yours; `erpmax secrets create FILE` makes one",
    );
    let path = configuration.master_key_path(&configuration.data);
    if !given.is_empty() || path.exists() {
        for weakness in key_file::weaknesses(&path) {
            complaints.unless(false, KEY, &weakness);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::is_apart;

    #[test]
    fn names_below_one_registered_domain_are_not_apart() {
        for (host, zone) in [
            ("erpmax.example", "sites.erpmax.example"),
            ("App.ERPMax.example", "sites.erpmax.example"),
            ("app.provider.co.uk", "sites.provider.co.uk"),
            ("app.provider.com.ua", "provider.com.ua"),
            ("app.provider.example", "provider.example"),
            ("provider.example", "provider.example"),
            ("app.localhost", "localhost"),
        ] {
            assert!(!is_apart(host, zone), "{host} {zone}");
        }
    }

    #[test]
    fn names_of_different_registrations_are_apart() {
        for (host, zone) in [
            ("erpmax.example", "erpmax-sites.example"),
            ("one.co.uk", "two.co.uk"),
            ("one.com.ua", "two.com.ua"),
            ("erpmax.example", "localhost"),
            ("notprovider.example", "provider.example"),
            ("192.0.2.1", "sites.example"),
        ] {
            assert!(is_apart(host, zone), "{host} {zone}");
        }
    }
}
