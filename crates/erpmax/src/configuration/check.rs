//! What is wrong with a configuration that can be read: all of it at once, each with what to do.

use std::net::SocketAddr;

use erpmax_core::mail::{Mailbox, Security};
use erpmax_server::TlsError;

use super::sections::TlsFiles;
use super::{Configuration, Purpose, production};

/// Everything that is wrong, as `key: sentence`.
pub(super) fn complaints(configuration: &Configuration, purpose: Purpose) -> Vec<String> {
    let mut complaints = Complaints(Vec::new());
    check_addresses(configuration, &mut complaints);
    check_tls(&configuration.tls, &mut complaints);
    check_numbers(configuration, &mut complaints);
    check_mail(configuration, &mut complaints);
    check_sites(configuration, &mut complaints);
    check_backup(configuration, &mut complaints);
    check_billing(configuration, &mut complaints);
    if purpose == Purpose::Serving && configuration.is_production() {
        production::check(configuration, &mut complaints);
    }
    complaints.0
}

pub(super) struct Complaints(Vec<String>);

impl Complaints {
    pub(super) fn unless(&mut self, good: bool, key: &str, sentence: &str) {
        if !good {
            self.0.push(format!("{key}: {sentence}"));
        }
    }
}

fn check_addresses(configuration: &Configuration, complaints: &mut Complaints) {
    complaints.unless(!configuration.listen.is_empty(), "listen", "give at least one address, such as 127.0.0.1:8000");
    for address in &configuration.listen {
        let good = address.parse::<SocketAddr>().is_ok();
        complaints.unless(
            good,
            "listen",
            &format!("`{address}` is not an address with a port, such as 127.0.0.1:8000"),
        );
    }
    let url = configuration.public_url.as_str();
    complaints.unless(
        url.is_empty() || is_origin(url),
        "public_url",
        "write scheme and host only, such as https://erpmax.example",
    );
    let database = configuration.database.url.split(':').next().unwrap_or_default();
    let known = matches!(database, "" | "sqlite" | "postgres" | "postgresql");
    complaints.unless(known, "database.url", "begin with sqlite: or postgres:");
    for origin in &configuration.cors.origins {
        let good = origin == "*" || is_origin(origin);
        complaints.unless(good, "cors.origins", &format!("`{origin}` is not an origin, such as https://app.example"));
    }
    for url in &configuration.billing.return_urls {
        let scheme = url
            .strip_suffix(':')
            .is_some_and(|scheme| scheme.chars().all(|c| c.is_ascii_alphanumeric() || "+-.".contains(c)));
        let good = scheme || is_origin(url);
        complaints.unless(
            good,
            "billing.return_urls",
            &format!("`{url}` is neither an origin nor an app scheme such as erpmax:"),
        );
    }
}

fn check_tls(tls: &TlsFiles, complaints: &mut Complaints) {
    let is_whole = tls.certificate.is_empty() == tls.key.is_empty();
    complaints.unless(is_whole, "tls", "give both certificate and key, or neither");
    if is_whole && let Err(error) = tls.load() {
        let key =
            if matches!(error, TlsError::Key(..) | TlsError::Mismatch { .. }) { "tls.key" } else { "tls.certificate" };
        complaints.unless(false, key, &error.to_string());
    }
}

fn check_numbers(configuration: &Configuration, complaints: &mut Complaints) {
    let auth = &configuration.auth;
    let positive = [
        ("connections.limit", configuration.connections.limit as u64),
        ("connections.per_address", configuration.connections.per_address as u64),
        ("database.connections", u64::from(configuration.database.connections)),
        ("auth.access_seconds", auth.access_seconds),
        ("auth.refresh_days", u64::from(auth.refresh_days)),
        ("auth.session_days", u64::from(auth.session_days)),
        ("auth.hash_queue", auth.hash_queue as u64),
        ("auth.login_failures", u64::from(auth.login_failures)),
        ("auth.login_failures_per_address", u64::from(auth.login_failures_per_address)),
        ("auth.login_failures_per_account", u64::from(auth.login_failures_per_account)),
        ("auth.login_window_minutes", auth.login_window_minutes),
        ("auth.registrations_per_hour", u64::from(auth.registrations_per_hour)),
        ("auth.links_per_hour", u64::from(auth.links_per_hour)),
        ("auth.links_per_hour_per_address", u64::from(auth.links_per_hour_per_address)),
        ("auth.key_calls_per_minute", u64::from(auth.key_calls_per_minute)),
        ("mail.timeout_seconds", configuration.mail.timeout_seconds),
        ("sites.slots", configuration.sites.slots as u64),
    ];
    for (key, number) in positive {
        complaints.unless(number > 0, key, "must be at least 1");
    }
    complaints.unless(configuration.sites.lease_seconds >= 3, "sites.lease_seconds", "must be at least 3");
    let kept = configuration.audit.retention_days;
    complaints.unless(kept >= 365, "audit.retention_days", "must be at least 365: a year can be asked about");
    complaints.unless(auth.refresh_days <= auth.session_days, "auth.refresh_days", "must not exceed auth.session_days");
}

fn check_mail(configuration: &Configuration, complaints: &mut Complaints) {
    let mail = &configuration.mail;
    for (key, text) in [("mail.from", &mail.from), ("mail.reply_to", &mail.reply_to)] {
        let good = text.is_empty() || text.parse::<Mailbox>().is_ok();
        complaints.unless(good, key, "write an address such as ERPMax <erpmax@company.example>");
    }
    for (key, file) in [("mail.password_file", &mail.password_file), ("mail.ca_file", &mail.ca_file)] {
        let there = file.is_empty() || std::fs::File::open(file).is_ok();
        complaints.unless(there, key, &format!("the file {file} cannot be read"));
    }
    if mail.host.is_empty() {
        return;
    }
    complaints.unless(!mail.from.is_empty(), "mail.from", "a mail server needs to know the sender's address");
    let has_account = !mail.username.is_empty();
    complaints.unless(
        has_account == mail.has_password(),
        "mail.username",
        "give both a name and a password, or neither",
    );
    complaints.unless(
        mail.security != Security::None || mail.is_on_this_machine() || !configuration.is_production(),
        "mail.security",
        "production speaks without encryption only to a mail server on the same machine; choose starttls or tls",
    );
}

fn check_sites(configuration: &Configuration, complaints: &mut Complaints) {
    let sites = &configuration.sites;
    let driver_is_known = matches!(sites.driver.as_str(), "sandbox" | "none");
    complaints.unless(driver_is_known, "sites.driver", "choose sandbox or none");
    complaints.unless(matches!(sites.scheme.as_str(), "" | "http" | "https"), "sites.scheme", "choose http or https");
    let zone_is_good = !sites.zone.is_empty()
        && sites.zone.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || ".-".contains(c));
    complaints.unless(zone_is_good, "sites.zone", "write a domain in small letters, such as sites.example");
    let provider_is_known = matches!(configuration.billing.provider.as_str(), "sandbox" | "none");
    complaints.unless(provider_is_known, "billing.provider", "choose sandbox or none");
}

fn check_backup(configuration: &Configuration, complaints: &mut Complaints) {
    let backup = &configuration.backup;
    complaints.unless(
        backup.minute_of_day().is_some(),
        "backup.daily_at",
        "write hours and minutes in UTC, such as 03:00",
    );
    complaints.unless(backup.keep > 0, "backup.keep", "must be at least 1");
}

fn check_billing(configuration: &Configuration, complaints: &mut Complaints) {
    let billing = &configuration.billing;
    let range = 1..=3_650;
    complaints.unless(range.contains(&billing.grace_days), "billing.grace_days", "must be from 1 to 3650");
    complaints.unless(range.contains(&billing.keep_days), "billing.keep_days", "must be from 1 to 3650");
    let reminders_are_good = billing.reminder_days.iter().all(|days| range.contains(days));
    complaints.unless(reminders_are_good, "billing.reminder_days", "each must be from 1 to 3650");
    let warnings = &billing.warning_days;
    let warnings_are_good = !warnings.is_empty() && warnings.iter().all(|days| (1..billing.keep_days).contains(days));
    complaints.unless(
        warnings_are_good,
        "billing.warning_days",
        "give at least one, each from 1 and less than billing.keep_days",
    );
}

/// `scheme://host[:port]`, nothing behind it.
fn is_origin(url: &str) -> bool {
    let rest = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://"));
    rest.is_some_and(|rest| {
        let authority = rest.trim_end_matches('/');
        !authority.is_empty() && authority.chars().all(|c| c.is_ascii_alphanumeric() || "-.:[]".contains(c))
    })
}
