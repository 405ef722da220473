//! Makes a letter into a mail and hands it over.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use anyhow::Context;
use erpmax_types::{MailId, Timestamp};
use lettre::message::header::{HeaderName, HeaderValue};
use lettre::message::{Mailbox, MultiPart};
use lettre::{Address, Message};

use super::render::{Page, render};
use super::settings::MailTransport;
use super::transport::{Failed, FolderTransport, Outgoing, SmtpTransport, Summary, Transport};
use super::{Letter, Recipient};
use crate::messages::Language;
use crate::{Environment, Settings};

/// Sends letters, in the operator's name.
pub struct Postman {
    transport: Transport,
    from: Mailbox,
    reply_to: Option<Mailbox>,
    public_url: String,
    host: String,
}

impl Postman {
    /// Makes ready what the settings say.
    pub fn new(settings: &Settings) -> anyhow::Result<Self> {
        let mail = &settings.mail;
        let host = settings.public_host().to_owned();
        let transport = match &mail.transport {
            MailTransport::Smtp(smtp) => Transport::Smtp(Box::new(SmtpTransport::new(smtp.clone(), &host)?)),
            MailTransport::Folder(path) => {
                let shows_links = settings.environment == Environment::Development;
                Transport::Folder(FolderTransport::new(path.clone(), shows_links))
            }
        };
        let mailbox = |text: &str| text.parse::<Mailbox>().with_context(|| format!("`{text}` is no mail address"));
        Ok(Self {
            transport,
            from: mailbox(&mail.from)?,
            reply_to: mail.reply_to.as_deref().map(mailbox).transpose()?,
            public_url: settings.public_url.clone(),
            host,
        })
    }

    /// Sends a mail that shows the operator that mail works; what was said in answer.
    pub async fn test(&self, id: MailId, now: Timestamp, address: &str, language: &Language) -> Result<String, Failed> {
        let name = String::new();
        let to = Recipient { user: None, address: address.to_owned(), name, language: language.clone() };
        self.send(id, now, &to, &Letter::Test).await
    }

    /// Lets the mail server know us, and sends nothing.
    pub async fn try_out(&self) -> Result<(), Failed> {
        self.transport.try_out().await
    }

    /// Sends a letter now; what was said in answer.
    pub(super) async fn send(
        &self,
        id: MailId,
        now: Timestamp,
        to: &Recipient,
        letter: &Letter,
    ) -> Result<String, Failed> {
        let page = render(&to.language, &to.name, letter, &self.public_url)
            .map_err(|problem| Failed::refused(problem.to_string()))?;
        let message = self.write(id, now, to, &page).map_err(|problem| Failed::refused(format!("{problem:#}")))?;
        let summary =
            Summary { address: to.address.clone(), subject: page.subject, link: letter.link().map(str::to_owned) };
        self.transport.deliver(&Outgoing { id, message, summary }).await
    }

    fn write(&self, id: MailId, now: Timestamp, to: &Recipient, page: &Page) -> anyhow::Result<Message> {
        // No name in the header: it is a customer's text.
        let address: Address = to.address.parse().context("the address cannot be written to")?;
        let mut builder = Message::builder()
            .message_id(Some(format!("<{id}@{}>", self.host)))
            .date(time_of(now))
            .from(self.from.clone())
            .to(Mailbox::new(None, address))
            .subject(&page.subject)
            .raw_header(raw("Auto-Submitted", "auto-generated"))
            .raw_header(raw("Content-Language", &to.language.tag()));
        if let Some(reply_to) = &self.reply_to {
            builder = builder.reply_to(reply_to.clone());
        }
        Ok(builder.multipart(MultiPart::alternative_plain_html(page.text.clone(), page.html.clone()))?)
    }
}

fn raw(name: &'static str, value: &str) -> HeaderValue {
    HeaderValue::new(HeaderName::new_from_ascii_str(name), value.to_owned())
}

fn time_of(now: Timestamp) -> SystemTime {
    UNIX_EPOCH + Duration::from_secs(u64::try_from(now.as_seconds()).unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mail::render::render;

    fn write(address: &str) -> anyhow::Result<String> {
        let postman = Postman::new(&Settings::development("http://localhost:8000"))?;
        let language = Language::from_tag("uk");
        let page = render(&language, "", &Letter::Test, "http://localhost:8000")?;
        let to =
            Recipient {
                user: None, address: address.to_owned(), name: "Власник\r\nBcc: x@y.example".into(), language
            };
        let id = "01980000-0000-7000-8000-000000000001".parse()?;
        let mail = postman.write(id, Timestamp::from_micros(0), &to, &page)?.formatted();
        Ok(String::from_utf8(mail)?)
    }

    #[test]
    fn a_mail_has_the_headers_that_programs_look_for() {
        let mail = write("owner@acme.example").expect("it can be written");
        let headers = mail.split("\r\n\r\n").next().expect("headers");
        for line in [
            "Message-ID: <01980000-0000-7000-8000-000000000001@localhost>",
            "Date: Thu, 01 Jan 1970 00:00:00 +0000",
            "From: ERPMax <erpmax@localhost>",
            "To: owner@acme.example",
            "Auto-Submitted: auto-generated",
            "Content-Language: uk",
        ] {
            assert!(headers.lines().any(|there| there == line), "{line} is not among\n{headers}");
        }
        assert!(headers.contains("multipart/alternative") && mail.is_ascii());
    }

    #[test]
    fn neither_name_nor_address_brings_a_header_in() {
        assert!(!write("owner@acme.example").expect("it can be written").contains("\r\nBcc"));
        for address in ["a@b.example\r\nBcc: x@y.example", "a@b.example, x@y.example", "<a@b.example>", ""] {
            assert!(write(address).is_err(), "{address:?}");
        }
    }
}
