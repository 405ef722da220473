//! The sections of the configuration, as `config.default.toml` documents them.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::time::Duration;

use erpmax_core::billing::life::Policy;
use erpmax_core::{
    AuthSettings, BillingSettings, Environment, HashingSettings, LoginLimits, Settings, SiteAddresses, host_of,
};
use erpmax_server::{ServeSettings, Tls, TlsError};
use ipnet::{IpNet, Ipv4Net};
use serde::de::{DeserializeOwned, IntoDeserializer as _};
use serde::{Deserialize, Deserializer};

use super::mail::Mail;
use crate::failure::Failure;

const DAY: Duration = Duration::from_secs(86_400);
const LOOPBACK: Ipv4Net = Ipv4Net::new_assert(Ipv4Addr::new(127, 0, 0, 0), 8);

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Configuration {
    #[serde(deserialize_with = "word")]
    pub(crate) environment: Environment,
    pub(crate) listen: Vec<String>,
    pub(crate) data: PathBuf,
    pub(crate) public_url: String,
    pub(crate) master_key_file: String,
    pub(crate) trusted_proxies: Vec<IpNet>,
    pub(crate) hosts: Vec<String>,
    pub(crate) tls: TlsFiles,
    pub(crate) connections: Connections,
    pub(crate) shutdown: Shutdown,
    pub(crate) log: Log,
    pub(crate) database: Database,
    pub(crate) backup: Backup,
    pub(crate) cors: Cors,
    pub(crate) auth: Auth,
    pub(crate) mail: Mail,
    pub(crate) sites: Sites,
    pub(crate) sandbox: Sandbox,
    pub(crate) billing: Billing,
    pub(crate) sso: Sso,
    pub(crate) operator: Operator,
    pub(crate) audit: Audit,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct TlsFiles {
    pub(crate) certificate: String,
    pub(crate) key: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Connections {
    pub(crate) limit: usize,
    pub(crate) per_address: usize,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Shutdown {
    pub(crate) drain_seconds: u64,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Log {
    pub(crate) filter: String,
    #[serde(deserialize_with = "word")]
    pub(crate) format: LogFormat,
}

#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub(crate) enum LogFormat {
    Text,
    Json,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Database {
    /// May hold a password: never logged.
    pub(crate) url: String,
    pub(crate) connections: u32,
}

impl std::fmt::Debug for Database {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Database").field("connections", &self.connections).finish_non_exhaustive()
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Backup {
    pub(crate) enabled: bool,
    pub(crate) folder: String,
    /// `HH:MM` in UTC.
    pub(crate) daily_at: String,
    pub(crate) keep: usize,
    pub(crate) passphrase_file: String,
}

impl Backup {
    /// The minute of the day at which the daily backup is due; `None` if it cannot be read.
    pub(crate) fn minute_of_day(&self) -> Option<u32> {
        let (hours, minutes) = self.daily_at.split_once(':')?;
        let (hours, minutes) = (hours.parse::<u32>().ok()?, minutes.parse::<u32>().ok()?);
        (hours < 24 && minutes < 60).then_some(hours * 60 + minutes)
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Cors {
    pub(crate) origins: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Auth {
    pub(crate) access_seconds: u64,
    pub(crate) refresh_days: u32,
    pub(crate) session_days: u32,
    pub(crate) hash_threads: usize,
    pub(crate) hash_queue: usize,
    pub(crate) login_failures: u32,
    pub(crate) login_failures_per_address: u32,
    pub(crate) login_failures_per_account: u32,
    pub(crate) login_window_minutes: u64,
    pub(crate) registrations_per_hour: u32,
    pub(crate) links_per_hour: u32,
    pub(crate) links_per_hour_per_address: u32,
    pub(crate) key_calls_per_minute: u32,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Sites {
    pub(crate) driver: String,
    pub(crate) zone: String,
    pub(crate) scheme: String,
    pub(crate) port: u16,
    pub(crate) slots: usize,
    pub(crate) lease_seconds: u64,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Sandbox {
    pub(crate) folder: String,
    pub(crate) step_milliseconds: u64,
    pub(crate) fail_at: String,
    pub(crate) fail_attempts: i64,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Billing {
    pub(crate) provider: String,
    pub(crate) return_urls: Vec<String>,
    pub(crate) grace_days: u32,
    pub(crate) keep_days: u32,
    pub(crate) reminder_days: Vec<u32>,
    pub(crate) warning_days: Vec<u32>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Sso {
    #[serde(deserialize_with = "word")]
    pub(crate) require_site_key: Choice,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Operator {
    pub(crate) allowed_networks: Vec<IpNet>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Audit {
    pub(crate) retention_days: u32,
}

#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Choice {
    Auto,
    Yes,
    No,
}

/// Reads one of a few words; a wrong one is told together with the right ones.
pub(super) fn word<'de, D: Deserializer<'de>, T: DeserializeOwned>(deserializer: D) -> Result<T, D::Error> {
    T::deserialize(String::deserialize(deserializer)?.into_deserializer())
}

impl Configuration {
    pub(crate) fn is_production(&self) -> bool {
        self.environment == Environment::Production
    }

    pub(crate) const fn environment_name(&self) -> &'static str {
        match self.environment {
            Environment::Development => "development",
            Environment::Production => "production",
        }
    }

    /// Where the master key is: the configured file, or one in `data`, the data folder.
    pub(crate) fn master_key_path(&self, data: &Path) -> PathBuf {
        match self.master_key_file.as_str() {
            "" => data.join("master.key"),
            given => PathBuf::from(given),
        }
    }

    /// Where sandbox sites are: the configured folder, or one in `data`, the data folder.
    pub(crate) fn sandbox_folder(&self, data: &Path) -> PathBuf {
        match self.sandbox.folder.as_str() {
            "" => data.join("sandbox"),
            given => PathBuf::from(given),
        }
    }

    /// What the rules need to know, once the port is known that we listen on; `data` is the data folder.
    pub(crate) fn settings(&self, port: u16, data: &Path) -> Result<Settings, Failure> {
        Ok(Settings {
            environment: self.environment,
            public_url: self.public_url(port),
            sites: self.site_addresses(port),
            auth: self.auth.settings(),
            billing: BillingSettings {
                return_urls: self.billing.return_urls.iter().map(|url| url.trim_end_matches('/').to_owned()).collect(),
                policy: Policy {
                    grace_days: self.billing.grace_days,
                    keep_days: self.billing.keep_days,
                    reminder_days: self.billing.reminder_days.clone(),
                    warning_days: self.billing.warning_days.clone(),
                },
                ..BillingSettings::default()
            },
            require_site_key: match self.sso.require_site_key {
                Choice::Auto => self.is_production(),
                Choice::Yes => true,
                Choice::No => false,
            },
            lease: Duration::from_secs(self.sites.lease_seconds),
            mail: self.mail.settings(data)?,
            archives: self.sites.are_sandboxes().then(|| self.sandbox_folder(data)),
            operator_networks: self.operator.allowed_networks.clone(),
            audit_kept: DAY * self.audit.retention_days,
        })
    }

    /// The host in `public_url`, an IPv6 address without brackets; empty where that is not set.
    pub(crate) fn public_host(&self) -> &str {
        host_of(&self.public_url).trim_matches(['[', ']'])
    }

    /// The port of the first address to listen on, for commands that listen nowhere.
    pub(crate) fn first_port(&self) -> u16 {
        let address = self.listen.first().and_then(|address| address.parse::<SocketAddr>().ok());
        address.map_or(0, |address| address.port())
    }

    fn public_url(&self, port: u16) -> String {
        match self.public_url.trim_end_matches('/') {
            "" => format!("{}://localhost:{port}", self.tls.scheme()),
            url => url.to_owned(),
        }
    }

    fn site_addresses(&self, port: u16) -> SiteAddresses {
        let port = match self.sites.port {
            0 if self.is_production() => String::new(),
            0 => format!(":{port}"),
            port => format!(":{port}"),
        };
        let scheme = match self.sites.scheme.as_str() {
            "" => self.tls.scheme(),
            scheme => scheme,
        };
        SiteAddresses { scheme: scheme.to_owned(), zone: self.sites.zone.clone(), port }
    }
}

impl Sites {
    /// Whether there is a driver that makes them.
    pub(crate) fn can_be_made(&self) -> bool {
        self.driver != "none"
    }

    /// Whether they are sandboxes.
    pub(crate) fn are_sandboxes(&self) -> bool {
        self.driver == "sandbox"
    }
}

impl Billing {
    /// Whether people pay and no money moves.
    pub(crate) fn is_sandbox(&self) -> bool {
        self.provider == "sandbox"
    }
}

impl TlsFiles {
    /// Certificate and key, if they are given.
    pub(crate) fn load(&self) -> Result<Option<Tls>, TlsError> {
        if self.certificate.is_empty() {
            return Ok(None);
        }
        Tls::load(self.certificate.as_ref(), self.key.as_ref()).map(Some)
    }

    const fn scheme(&self) -> &'static str {
        if self.certificate.is_empty() { "http" } else { "https" }
    }
}

impl Connections {
    /// Proxies bring the connections of many; what comes from this machine is ours.
    pub(crate) fn settings(&self, proxies: &[IpNet]) -> ServeSettings {
        let loopback = [IpNet::from(IpAddr::V6(Ipv6Addr::LOCALHOST)), IpNet::V4(LOOPBACK)];
        ServeSettings {
            max_connections: self.limit,
            max_per_address: self.per_address,
            unlimited: proxies.iter().copied().chain(loopback).collect(),
            ..ServeSettings::default()
        }
    }
}

impl Shutdown {
    pub(crate) const fn drain(&self) -> Duration {
        Duration::from_secs(self.drain_seconds)
    }
}

impl Auth {
    fn settings(&self) -> AuthSettings {
        let mut hashing = HashingSettings { queue: self.hash_queue, ..HashingSettings::default() };
        if self.hash_threads > 0 {
            hashing.threads = self.hash_threads;
        }
        AuthSettings {
            access: Duration::from_secs(self.access_seconds),
            refresh: DAY * self.refresh_days,
            session: DAY * self.session_days,
            hashing,
            limits: LoginLimits {
                per_account_and_address: self.login_failures,
                per_address: self.login_failures_per_address,
                per_account: self.login_failures_per_account,
                window: Duration::from_secs(self.login_window_minutes * 60),
                registrations_per_hour: self.registrations_per_hour,
                letters_per_account: self.links_per_hour,
                letters_per_address: self.links_per_hour_per_address,
                key_calls_per_minute: self.key_calls_per_minute,
            },
            ..AuthSettings::default()
        }
    }
}
