//! What an operator decides, as the rules see it.

use std::net::IpAddr;
use std::path::PathBuf;
use std::time::Duration;

use ipnet::IpNet;

use crate::billing::life::Policy;
use crate::mail::MailSettings;

/// Where the installation stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Deserialize, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Environment {
    /// A developer's machine: sandboxes work, and without a mail server addresses count as proven.
    Development,
    /// Other companies' books: no sandboxes.
    Production,
}

/// What an operator decides.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Development or production.
    pub environment: Environment,
    /// The control plane's address, without a slash at the end.
    pub public_url: String,
    /// How sites' addresses are made.
    pub sites: SiteAddresses,
    /// Accounts and sessions.
    pub auth: AuthSettings,
    /// Money.
    pub billing: BillingSettings,
    /// Mail.
    pub mail: MailSettings,
    /// Whether a site must show its key to redeem sign-in tokens.
    pub require_site_key: bool,
    /// How long a runner's lease lasts without a heartbeat.
    pub lease: Duration,
    /// The folder of the archives that the runner in this process makes.
    pub archives: Option<PathBuf>,
    /// Where operators may work from; without any: from everywhere in development, from nowhere in production.
    pub operator_networks: Vec<IpNet>,
    /// How long the audit trail is kept.
    pub audit_kept: Duration,
}

/// How sites' addresses are made: `{scheme}://{name}.{zone}{port}`.
#[derive(Clone, Debug)]
pub struct SiteAddresses {
    /// `http` or `https`.
    pub scheme: String,
    /// The domain below which sites live.
    pub zone: String,
    /// `:8000`, or nothing for the scheme's own port.
    pub port: String,
}

impl SiteAddresses {
    /// The address of the site `name`.
    pub fn url(&self, name: &str) -> String {
        format!("{}://{name}.{}{}", self.scheme, self.zone, self.port)
    }
}

/// Accounts and sessions.
#[derive(Clone, Debug)]
pub struct AuthSettings {
    /// How long an access token is good.
    pub access: Duration,
    /// How long an unused refresh token is good.
    pub refresh: Duration,
    /// How long a session lasts at most.
    pub session: Duration,
    /// How long a spent refresh token is accepted whatever happened to its successor.
    pub reuse_grace: Duration,
    /// How long a spent refresh token is accepted while its successor was not refreshed.
    pub lost_answer_grace: Duration,
    /// How passwords are hashed.
    pub hashing: HashingSettings,
    /// How many attempts are let through.
    pub limits: LoginLimits,
}

/// How passwords are hashed.
#[derive(Clone, Debug)]
pub struct HashingSettings {
    /// Threads that hash, at low priority.
    pub threads: usize,
    /// How many hashes may wait before 429 is answered.
    pub queue: usize,
    /// Argon2id memory in KiB, at least 19,456.
    pub memory_kib: u32,
    /// Argon2id passes, at least 2.
    pub iterations: u32,
    /// Argon2id lanes, at least 1.
    pub parallelism: u32,
}

/// How many attempts are let through.
#[derive(Clone, Debug)]
pub struct LoginLimits {
    /// Refused sign-ins per account and address within the window.
    pub per_account_and_address: u32,
    /// Refused sign-ins per address within the window.
    pub per_address: u32,
    /// Refused sign-ins per account within the window; a device that signed in before still may.
    pub per_account: u32,
    /// The window, and the first pause after it was used up; each further pause is twice as long, up to a day.
    pub window: Duration,
    /// Registrations per address and hour.
    pub registrations_per_hour: u32,
    /// Links to prove or reset something that are sent for an account in an hour, of each kind.
    pub letters_per_account: u32,
    /// Such links that are asked for from an address in an hour.
    pub letters_per_address: u32,
    /// Calls of one API key per minute, on each node.
    pub key_calls_per_minute: u32,
}

/// Money.
#[derive(Clone, Debug)]
pub struct BillingSettings {
    /// Exact origins (`https://app.example`) and app schemes (`erpmax:`) that checkouts may return to.
    pub return_urls: Vec<String>,
    /// How long a checkout can be paid.
    pub checkout_lifetime: Duration,
    /// How long everything is given, and when it is told.
    pub policy: Policy,
}

impl Default for AuthSettings {
    fn default() -> Self {
        const DAY: Duration = Duration::from_secs(86_400);
        Self {
            access: Duration::from_secs(15 * 60),
            refresh: DAY * 30,
            session: DAY * 90,
            reuse_grace: Duration::from_secs(10),
            lost_answer_grace: Duration::from_secs(120),
            hashing: HashingSettings::default(),
            limits: LoginLimits::default(),
        }
    }
}

impl Default for HashingSettings {
    fn default() -> Self {
        let threads = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        Self { threads, queue: 64, memory_kib: 19_456, iterations: 2, parallelism: 1 }
    }
}

impl Default for LoginLimits {
    fn default() -> Self {
        Self {
            per_account_and_address: 5,
            per_address: 60,
            per_account: 50,
            window: Duration::from_secs(15 * 60),
            registrations_per_hour: 30,
            letters_per_account: 5,
            letters_per_address: 30,
            key_calls_per_minute: 600,
        }
    }
}

impl Default for BillingSettings {
    fn default() -> Self {
        Self { return_urls: Vec::new(), checkout_lifetime: Duration::from_secs(86_400), policy: Policy::default() }
    }
}

impl Settings {
    /// A developer's machine, with the control plane at `public_url` and sites below `localhost` on the same port.
    pub fn development(public_url: &str) -> Self {
        let port = public_url.rsplit_once(':').map(|(_, port)| format!(":{port}")).filter(|port| !port.contains('/'));
        Self {
            environment: Environment::Development,
            public_url: public_url.to_owned(),
            sites: SiteAddresses { scheme: "http".into(), zone: "localhost".into(), port: port.unwrap_or_default() },
            auth: AuthSettings::default(),
            billing: BillingSettings::default(),
            mail: MailSettings::default(),
            require_site_key: false,
            lease: Duration::from_secs(15),
            archives: None,
            operator_networks: Vec::new(),
            audit_kept: Duration::from_secs(1_095 * 86_400),
        }
    }

    /// The control plane's host.
    pub fn public_host(&self) -> &str {
        host_of(&self.public_url)
    }

    /// Whether operators may work from an address.
    pub(crate) fn lets_operators_in_from(&self, address: Option<IpAddr>) -> bool {
        if self.operator_networks.is_empty() {
            return self.environment == Environment::Development;
        }
        let address = address.map(|address| address.to_canonical());
        address.is_some_and(|address| self.operator_networks.iter().any(|network| network.contains(&address)))
    }
}

/// The host of an address, without its port; an IPv6 address keeps its brackets.
pub fn host_of(url: &str) -> &str {
    let authority = url.split_once("://").map_or(url, |(_, rest)| rest);
    let authority = authority.split('/').next().unwrap_or_default();
    match authority.rsplit_once(':') {
        Some((host, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => host,
        _ => authority,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_host_of_an_address_has_neither_port_nor_path() {
        for (url, host) in [
            ("https://erpmax.example", "erpmax.example"),
            ("http://localhost:8000", "localhost"),
            ("http://localhost:8000/", "localhost"),
            ("http://[::1]:8000/x", "[::1]"),
            ("http://[::1]:8000", "[::1]"),
            ("https://[2001:db8::1]", "[2001:db8::1]"),
            ("", ""),
        ] {
            assert_eq!(host_of(url), host);
        }
    }

    fn lets_in(environment: Environment, networks: &[&str], address: Option<&str>) -> bool {
        let networks = networks.iter().map(|network| network.parse().expect("a network")).collect();
        let settings = Settings::development("http://localhost:8000");
        let settings = Settings { environment, operator_networks: networks, ..settings };
        settings.lets_operators_in_from(address.map(|address| address.parse().expect("an address")))
    }

    #[test]
    fn operators_work_from_the_networks_that_are_named() {
        let offices = ["192.0.2.0/24", "2001:db8:1::/48"];
        for environment in [Environment::Development, Environment::Production] {
            for inside in ["192.0.2.7", "::ffff:192.0.2.7", "2001:db8:1:2::3"] {
                assert!(lets_in(environment, &offices, Some(inside)), "{inside}");
            }
            for outside in ["192.0.3.7", "2001:db8:2::1", "127.0.0.1"] {
                assert!(!lets_in(environment, &offices, Some(outside)), "{outside}");
            }
            assert!(!lets_in(environment, &offices, None));
        }
    }

    #[test]
    fn without_any_it_is_everywhere_in_development_and_nowhere_in_production() {
        assert!(lets_in(Environment::Development, &[], Some("203.0.113.9")));
        assert!(!lets_in(Environment::Production, &[], Some("127.0.0.1")));
    }
}
