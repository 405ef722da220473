//! `erpmax doctor`: looks at everything an installation leans on, and says what to do.

mod clock;
mod database;
mod dns;
mod folders;
mod key;
mod mail;
mod operators;
mod resolver;
mod tls;

use serde_json::{Value, json};

use crate::args::DoctorArgs;
use crate::configuration::Configuration;
use crate::data::DataFolder;
use crate::failure::Failure;
use crate::printer::Printer;
use resolver::Resolver;

/// What was found out about one thing.
struct Finding {
    about: &'static str,
    verdict: Verdict,
    sentence: String,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Verdict {
    Good,
    /// It works, but not for long or not as it should.
    Doubtful,
    Bad,
}

impl Finding {
    fn good(about: &'static str, sentence: impl Into<String>) -> Self {
        Self { about, verdict: Verdict::Good, sentence: sentence.into() }
    }

    fn doubtful(about: &'static str, sentence: impl Into<String>) -> Self {
        Self { about, verdict: Verdict::Doubtful, sentence: sentence.into() }
    }

    fn bad(about: &'static str, sentence: impl Into<String>) -> Self {
        Self { about, verdict: Verdict::Bad, sentence: sentence.into() }
    }

    fn line(&self) -> String {
        let mark = match self.verdict {
            Verdict::Good => '✓',
            Verdict::Doubtful => '!',
            Verdict::Bad => '✗',
        };
        format!("{mark} {:<14} {}", self.about, self.sentence)
    }

    fn as_json(&self) -> Value {
        let verdict = match self.verdict {
            Verdict::Good => "good",
            Verdict::Doubtful => "doubtful",
            Verdict::Bad => "bad",
        };
        json!({"about": self.about, "verdict": verdict, "sentence": self.sentence})
    }
}

/// Looks at everything; fails if anything is bad.
pub(crate) fn run(args: &DoctorArgs, printer: &Printer) -> Result<(), Failure> {
    let findings = match args.place.load_for_serving() {
        Ok(configuration) => examine(&configuration, &Resolver::new(args.resolver))?,
        Err(failure) => vec![Finding::bad("configuration", failure.to_string())],
    };
    let lines: Vec<String> = findings.iter().map(Finding::line).collect();
    let document: Vec<Value> = findings.iter().map(Finding::as_json).collect();
    printer.result(&json!({"findings": document}), &lines.join("\n"));
    match findings.iter().filter(|finding| finding.verdict == Verdict::Bad).count() {
        0 => Ok(()),
        bad => Err(Failure::Unwell(format!("{bad} of {} findings are bad", findings.len()))),
    }
}

fn examine(configuration: &Configuration, resolver: &Resolver) -> Result<Vec<Finding>, Failure> {
    let good = format!("good for {}", configuration.environment_name());
    let mut findings = vec![Finding::good("configuration", good)];
    let folder = match DataFolder::look(configuration) {
        Ok(folder) => folder,
        Err(failure) => {
            findings.push(Finding::bad("data folder", format!("{failure}; the first `erpmax serve` makes it")));
            return Ok(findings);
        }
    };
    findings.push(folders::privacy(folder.path()));
    findings.extend(folders::space(configuration, &folder));
    let master = key::file(configuration, &folder, &mut findings);
    let runtime = crate::runtime()?;
    findings.extend(runtime.block_on(database::examine(
        &folder.database_url(configuration),
        master.as_ref(),
        configuration,
    )));
    findings.extend(operators::networks(configuration));
    findings.push(clock::kept());
    findings.extend(runtime.block_on(mail::examine(configuration, folder.path(), resolver)));
    findings.extend(dns::examine(configuration));
    findings.extend(tls::examine(configuration));
    Ok(findings)
}
