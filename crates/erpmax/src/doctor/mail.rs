//! Mail: whether the server lets us in, without sending anything, and whether the sender's domain says that it may send.

use std::path::Path;
use std::time::Duration;

use erpmax_core::mail::{MailTransport, Mailbox, Postman, Security};

use super::resolver::{Resolver, Texts};
use super::{Finding, dns};
use crate::configuration::Configuration;
use crate::mail::advice;

const SERVER: &str = "mail server";
/// Whoever asks a doctor does not want to wait for long.
const PATIENCE: Duration = Duration::from_secs(10);

pub(super) async fn examine(configuration: &Configuration, data: &Path, resolver: &Resolver) -> Vec<Finding> {
    let mut findings = vec![server(configuration, data).await];
    let sender = configuration.mail.from.parse::<Mailbox>().ok();
    let domain = sender.map(|sender| sender.email.domain().to_ascii_lowercase()).unwrap_or_default();
    if configuration.mail.host.is_empty() || dns::is_local(&domain) {
        return findings;
    }
    findings.push(spf(resolver, &domain, &configuration.mail.host).await);
    findings.push(dkim(resolver, &domain).await);
    findings.push(dmarc(resolver, &domain).await);
    findings
}

/// Connects, encrypts and signs in, as for a mail.
async fn server(configuration: &Configuration, data: &Path) -> Finding {
    let mut settings = match configuration.settings(configuration.first_port(), data) {
        Ok(settings) => settings,
        Err(failure) => return Finding::bad(SERVER, failure.to_string()),
    };
    let told = match &mut settings.mail.transport {
        MailTransport::Folder(folder) => return without_server(configuration, folder),
        MailTransport::Smtp(server) => {
            server.patience = server.patience.min(PATIENCE);
            let signs_in = if server.account.is_some() { "name and password are taken" } else { "nobody signs in" };
            let secured = match server.security {
                Security::Starttls => "with STARTTLS",
                Security::Tls => "with TLS",
                Security::None => "without encryption",
            };
            format!("{}:{} answers {secured}, {signs_in}", server.host, server.port)
        }
    };
    let postman = match Postman::new(&settings) {
        Ok(postman) => postman,
        Err(error) => return Finding::bad(SERVER, format!("{error:#}")),
    };
    match postman.try_out().await {
        Ok(()) => Finding::good(SERVER, told),
        Err(failed) => Finding::bad(SERVER, format!("{failed}. {}", advice(&failed, &settings))),
    }
}

fn without_server(configuration: &Configuration, folder: &Path) -> Finding {
    let sentence = format!("there is none (mail.host); mails are files in {}", folder.display());
    if configuration.is_production() {
        Finding::doubtful(SERVER, format!("{sentence}, and nobody can prove an address: set one"))
    } else {
        Finding::good(SERVER, sentence)
    }
}

fn unknown(about: &'static str, problem: &str, name: &str) -> Finding {
    Finding::doubtful(about, format!("it cannot be told ({problem}); look at the TXT records of {name} yourself"))
}

async fn spf(resolver: &Resolver, domain: &str, server: &str) -> Finding {
    match resolver.texts(domain).await {
        Ok(Texts::NoName) => judge_spf(&[], domain, server),
        Ok(Texts::These(texts)) => judge_spf(&texts, domain, server),
        Err(problem) => unknown("SPF", &problem, domain),
    }
}

/// RFC 7208: exactly one record, which ends by saying what becomes of everybody else.
fn judge_spf(texts: &[String], domain: &str, server: &str) -> Finding {
    let about = "SPF";
    let is_spf = |text: &&String| text.split(' ').next().is_some_and(|word| word.eq_ignore_ascii_case("v=spf1"));
    let records: Vec<&String> = texts.iter().filter(is_spf).collect();
    let [record] = records[..] else {
        return if records.is_empty() {
            let example = format!("\"v=spf1 mx include:{server} -all\"");
            let advice = format!("add a TXT record such as {example}, as whoever runs {server} says");
            Finding::doubtful(about, format!("{domain} does not say who may send for it; {advice}"))
        } else {
            Finding::bad(about, format!("{domain} has {} records, which count as none; leave one", records.len()))
        };
    };
    match record.split_ascii_whitespace().find(|word| word.trim_start_matches(['+', '-', '~', '?']) == "all") {
        Some("+all" | "all") => {
            Finding::bad(about, format!("`{record}` of {domain} lets everybody send for it; end it with -all"))
        }
        Some("?all") | None if !record.contains("redirect=") => {
            Finding::doubtful(about, format!("`{record}` of {domain} forbids nobody to send for it; end it with -all"))
        }
        _ => Finding::good(about, format!("{domain} says `{record}`")),
    }
}

/// A key has a name that only its mail server knows; but where none is, nothing is below `_domainkey` (RFC 8020).
async fn dkim(resolver: &Resolver, domain: &str) -> Finding {
    let (about, name) = ("DKIM", format!("_domainkey.{domain}"));
    match resolver.texts(&name).await {
        Ok(Texts::NoName) => {
            let advice = "let your mail server sign, and publish the key that it gives you";
            Finding::doubtful(about, format!("there is no key below {name}; {advice}"))
        }
        Ok(Texts::These(_)) => {
            let advice = "`erpmax mail test` to an address of yours shows `dkim=pass` if the server signs";
            Finding::good(about, format!("there may be keys below {name}; {advice}"))
        }
        Err(problem) => unknown(about, &problem, &name),
    }
}

/// The record of the domain, or of the registered one that it belongs to (RFC 7489, section 6.6.3).
async fn dmarc(resolver: &Resolver, domain: &str) -> Finding {
    let registered = psl::domain_str(domain).unwrap_or(domain);
    let names = [domain, registered].map(|domain| format!("_dmarc.{domain}"));
    for name in &names {
        match resolver.texts(name).await {
            Ok(Texts::NoName) => {}
            Ok(Texts::These(texts)) => {
                if let Some(record) = texts.iter().find(|text| text.starts_with("v=DMARC1")) {
                    return judge_dmarc(record, name);
                }
            }
            Err(problem) => return unknown("DMARC", &problem, name),
        }
    }
    let advice = format!("add a TXT record at {} such as \"v=DMARC1; p=quarantine\"", names[0]);
    Finding::doubtful("DMARC", format!("{domain} does not say what becomes of forged mails; {advice}"))
}

fn judge_dmarc(record: &str, name: &str) -> Finding {
    let policy = record.split(';').find_map(|tag| tag.trim().strip_prefix("p=")).map(str::trim);
    match policy {
        Some("quarantine" | "reject") => Finding::good("DMARC", format!("{name} says `{record}`")),
        _ => Finding::doubtful(
            "DMARC",
            format!("`{record}` at {name} only watches; write p=quarantine once its reports are clean"),
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::Verdict;

    #[test]
    fn spf_is_one_record_that_forbids_others() {
        for (texts, verdict) in [
            (&["v=spf1 mx -all"][..], Verdict::Good),
            (&["google-site-verification=x", "v=spf1 include:mail.example ~all"], Verdict::Good),
            (&["v=spf1 redirect=_spf.mail.example"], Verdict::Good),
            (&["v=spf1 mx"], Verdict::Doubtful),
            (&["v=spf1 mx ?all"], Verdict::Doubtful),
            (&["v=spf10 mx -all"], Verdict::Doubtful),
            (&[], Verdict::Doubtful),
            (&["v=spf1 +all"], Verdict::Bad),
            (&["v=spf1 mx -all", "v=spf1 a -all"], Verdict::Bad),
        ] {
            let texts: Vec<String> = texts.iter().map(ToString::to_string).collect();
            assert!(judge_spf(&texts, "provider.example", "mail.example").verdict == verdict, "{texts:?}");
        }
    }

    #[test]
    fn dmarc_that_only_watches_is_doubtful() {
        for (record, verdict) in [
            ("v=DMARC1; p=reject", Verdict::Good),
            ("v=DMARC1;p=quarantine; rua=mailto:a@b.example", Verdict::Good),
            ("v=DMARC1; p=none; sp=reject", Verdict::Doubtful),
            ("v=DMARC1", Verdict::Doubtful),
        ] {
            assert!(judge_dmarc(record, "_dmarc.provider.example").verdict == verdict, "{record}");
        }
    }
}
