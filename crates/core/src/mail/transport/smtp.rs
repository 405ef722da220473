//! One conversation with a mail server for each mail (RFC 5321), step by step, so that a refusal is known for what it is.

use std::time::Duration;

use anyhow::Context;
use lettre::Address;
use lettre::transport::smtp::authentication::{Credentials, Mechanism};
use lettre::transport::smtp::client::{AsyncSmtpConnection, Certificate, TlsParameters};
use lettre::transport::smtp::commands::{Data, Mail, Rcpt};
use lettre::transport::smtp::extension::{ClientId, Extension, MailParameter};
use lettre::transport::smtp::response::Severity;
use lettre::transport::smtp::{Error, response::Response};
use secrecy::ExposeSecret;
use tokio::time::{Instant, timeout, timeout_at};

use super::super::settings::{Security, SmtpSettings};
use super::{Failed, Outgoing, Stage};

/// How long a server may take to answer our good-bye.
const GOOD_BYE: Duration = Duration::from_secs(1);

/// Sends by SMTP.
pub(crate) struct SmtpTransport {
    settings: SmtpSettings,
    /// How we call ourselves in `EHLO`.
    own_name: ClientId,
    tls: TlsParameters,
}

impl SmtpTransport {
    /// Reads the certificates that are trusted; `own_host` is the host of our public address.
    pub(crate) fn new(settings: SmtpSettings, own_host: &str) -> anyhow::Result<Self> {
        let mut tls = TlsParameters::builder(settings.host.clone());
        if let Some(pem) = &settings.trusted {
            let certificate = Certificate::from_pem(pem).context("mail.ca_file holds no certificate")?;
            tls = tls.add_root_certificate(certificate);
        }
        let tls = tls.build().context("the certificates for mail cannot be used")?;
        Ok(Self { settings, own_name: ClientId::Domain(own_host.to_owned()), tls })
    }

    pub(super) async fn deliver(&self, mail: &Outgoing) -> Result<String, Failed> {
        let deadline = Instant::now() + self.settings.patience;
        let mut link = self.connect_until(deadline).await?;
        let mut stage = Stage::Sender;
        let taken = timeout_at(deadline, hand_over(&mut link, mail, &mut stage)).await;
        let taken = taken.map_err(|_| self.late(stage))?;
        say_good_bye(link).await;
        taken
    }

    /// Connects, encrypts and signs in, and leaves again.
    pub(super) async fn try_out(&self) -> Result<(), Failed> {
        say_good_bye(self.connect_until(Instant::now() + self.settings.patience).await?).await;
        Ok(())
    }

    async fn connect_until(&self, deadline: Instant) -> Result<AsyncSmtpConnection, Failed> {
        let mut stage = Stage::Connecting;
        let connected = timeout_at(deadline, self.connect(&mut stage)).await;
        connected.unwrap_or_else(|_| Err(self.late(stage)))
    }

    fn late(&self, stage: Stage) -> Failed {
        let reason = format!("it did not answer within {} seconds", self.settings.patience.as_secs());
        Failed { stage, is_final: false, reason }
    }

    async fn connect(&self, stage: &mut Stage) -> Result<AsyncSmtpConnection, Failed> {
        let settings = &self.settings;
        let server = (settings.host.as_str(), settings.port);
        let tls = (settings.security == Security::Tls).then(|| self.tls.clone());
        let link = AsyncSmtpConnection::connect_tokio1(server, None, &self.own_name, tls, None).await;
        let mut link = link.map_err(|error| explain(if error.is_tls() { Stage::Securing } else { *stage }, &error))?;
        if settings.security == Security::Starttls {
            *stage = Stage::Securing;
            link.starttls(self.tls.clone(), &self.own_name).await.map_err(|error| explain(*stage, &error))?;
        }
        if let Some((name, password)) = &settings.account {
            *stage = Stage::SigningIn;
            let account = Credentials::new(name.clone(), password.expose_secret().to_owned());
            let signed_in = link.auth(&[Mechanism::Plain, Mechanism::Login], &account).await;
            signed_in.map_err(|error| explain(*stage, &error))?;
        }
        Ok(link)
    }
}

/// What counts is said. A server that is polite hears a good-bye; whether it answers changes nothing.
async fn say_good_bye(mut link: AsyncSmtpConnection) {
    if !link.has_broken() {
        let _ = timeout(GOOD_BYE, link.quit()).await;
    }
}

async fn hand_over(link: &mut AsyncSmtpConnection, mail: &Outgoing, stage: &mut Stage) -> Result<String, Failed> {
    let envelope = mail.message.envelope();
    let to = envelope.to().first().cloned();
    let to = to.ok_or_else(|| Failed::refused("there is no recipient".to_owned()))?;
    *stage = Stage::Sender;
    let options = international(link, envelope.from(), &to)?;
    link.command(Mail::new(envelope.from().cloned(), options)).await.map_err(|error| explain(*stage, &error))?;
    *stage = Stage::Recipient;
    link.command(Rcpt::new(to, Vec::new())).await.map_err(|error| explain(*stage, &error))?;
    *stage = Stage::Message;
    link.command(Data).await.map_err(|error| explain(*stage, &error))?;
    let answer = link.message(&mail.message.formatted()).await.map_err(|error| explain(*stage, &error))?;
    Ok(sentence(&answer))
}

/// Addresses beyond ASCII need a server that says it can (RFC 6531 §3.4).
fn international(
    link: &AsyncSmtpConnection,
    from: Option<&Address>,
    to: &Address,
) -> Result<Vec<MailParameter>, Failed> {
    let is_plain = |address: &Address| AsRef::<str>::as_ref(address).is_ascii();
    if is_plain(to) && from.is_none_or(is_plain) {
        return Ok(Vec::new());
    }
    if link.server_info().supports_feature(Extension::SmtpUtfEight) {
        return Ok(vec![MailParameter::SmtpUtfEight]);
    }
    let reason = "it takes no addresses beyond ASCII".to_owned();
    Err(Failed { stage: Stage::Recipient, is_final: true, reason })
}

fn sentence(answer: &Response) -> String {
    let lines: Vec<&str> = answer.message().collect();
    format!("{} {}", answer.code(), lines.join(" "))
}

/// The server's own words where it said any; else all that is known of the fault.
fn explain(stage: Stage, error: &Error) -> Failed {
    let code = error.status();
    let cause = std::error::Error::source(error).map_or_else(|| error.to_string(), ToString::to_string);
    let reason = code.map_or_else(|| cause.clone(), |code| format!("{code} {cause}"));
    let is_final = code.is_some_and(|code| code.severity == Severity::PermanentNegativeCompletion);
    Failed { stage, is_final, reason: clean(&reason) }
}

/// A server's words on one line, and not too many of them.
fn clean(words: &str) -> String {
    let words: String = words.chars().map(|c| if c.is_control() { ' ' } else { c }).take(400).collect();
    words.split_whitespace().collect::<Vec<_>>().join(" ")
}
