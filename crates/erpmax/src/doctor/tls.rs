//! The certificate: a pair with its key, good for some time yet, and for our name.

use std::time::Duration;

use erpmax_core::Clock;
use erpmax_types::Timestamp;
use x509_parser::extensions::GeneralName;
use x509_parser::pem::Pem;

use super::Finding;
use crate::configuration::Configuration;

const ABOUT: &str = "certificate";
const DAY: Duration = Duration::from_secs(86_400);
/// Whatever renews certificates does so before this.
const SOON: i64 = 14;

/// None where no certificate is configured.
pub(super) fn examine(configuration: &Configuration) -> Option<Finding> {
    match configuration.tls.load() {
        Ok(None) => None,
        Err(error) => Some(Finding::bad(ABOUT, error.to_string())),
        Ok(Some(_)) => Some(look_at(configuration).unwrap_or_else(|error| Finding::bad(ABOUT, error))),
    }
}

fn look_at(configuration: &Configuration) -> Result<Finding, String> {
    let file = &configuration.tls.certificate;
    let text = std::fs::read(file).map_err(|error| format!("{file} cannot be read: {error}"))?;
    let unreadable = |error: &dyn std::fmt::Display| format!("the certificate in {file} cannot be read: {error}");
    let first = Pem::iter_from_buffer(&text).next().ok_or_else(|| format!("{file} holds no certificate"))?;
    let first = first.map_err(|error| unreadable(&error))?;
    let certificate = first.parse_x509().map_err(|error| unreadable(&error))?;
    let names = match certificate.subject_alternative_name().map_err(|error| unreadable(&error))? {
        Some(extension) => extension.value.general_names.iter().filter_map(name_of).collect(),
        None => Vec::new(),
    };
    let end = Timestamp::from_micros(certificate.validity().not_after.timestamp().saturating_mul(1_000_000));
    Ok(judge(end, Clock::System.now(), &names, configuration.public_host()))
}

fn name_of(name: &GeneralName<'_>) -> Option<String> {
    match name {
        GeneralName::DNSName(name) => Some(name.to_ascii_lowercase()),
        _ => None,
    }
}

fn judge(end: Timestamp, now: Timestamp, names: &[String], host: &str) -> Finding {
    let days = i64::try_from(end.since(now).as_secs() / DAY.as_secs()).unwrap_or(i64::MAX);
    if end <= now {
        Finding::bad(ABOUT, format!("it ran out at {end}; renew it now, `serve` takes it over by itself"))
    } else if !host.is_empty() && !names.iter().any(|name| covers(name, host)) {
        Finding::bad(ABOUT, format!("it is for {}, and public_url names {host}", names.join(", ")))
    } else if days < SOON {
        Finding::doubtful(ABOUT, format!("it runs out in {days} days; does anything renew it?"))
    } else {
        Finding::good(ABOUT, format!("it fits its key and is good for {days} days, for {}", names.join(", ")))
    }
}

/// A wildcard stands for one label (RFC 6125, section 6.4.3).
fn covers(name: &str, host: &str) -> bool {
    let below = name.strip_prefix("*.").zip(host.split_once('.'));
    name.eq_ignore_ascii_case(host) || below.is_some_and(|(zone, (_, rest))| zone.eq_ignore_ascii_case(rest))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::Verdict;

    #[test]
    fn a_wildcard_stands_for_one_label() {
        assert!(covers("erpmax.example", "ERPMAX.example") && covers("*.acme.example", "erp.acme.example"));
        assert!(!covers("*.acme.example", "a.b.acme.example") && !covers("*.acme.example", "acme.example"));
    }

    #[test]
    fn a_certificate_is_judged_by_its_end_and_its_names() {
        let now: Timestamp = "2026-11-24T09:00:00Z".parse().expect("a time");
        let names = ["erpmax.example".to_owned()];
        for (days, host, verdict) in [
            (90, "erpmax.example", Verdict::Good),
            (90, "", Verdict::Good),
            (5, "erpmax.example", Verdict::Doubtful),
            (0, "erpmax.example", Verdict::Bad),
            (90, "other.example", Verdict::Bad),
        ] {
            assert!(judge(now + DAY * days, now, &names, host).verdict == verdict, "{days} {host}");
        }
    }
}
