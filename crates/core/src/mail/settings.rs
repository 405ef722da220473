//! How mail is sent, as the operator decides.

use std::path::PathBuf;
use std::time::Duration;

use secrecy::SecretString;

/// How mail is sent.
#[derive(Clone, Debug)]
pub struct MailSettings {
    /// The sender, as `Name <address>`.
    pub from: String,
    /// Where answers go, if not to the sender.
    pub reply_to: Option<String>,
    /// By which way.
    pub transport: MailTransport,
}

/// The ways that mails go.
#[derive(Clone, Debug)]
pub enum MailTransport {
    /// To a mail server.
    Smtp(SmtpSettings),
    /// Into a folder, a file for each mail.
    Folder(PathBuf),
}

/// A mail server.
#[derive(Clone, Debug)]
pub struct SmtpSettings {
    /// Its name or address.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// How the connection is protected.
    pub security: Security,
    /// The name to sign in with, and the password.
    pub account: Option<(String, SecretString)>,
    /// A certificate (PEM) that is trusted beside the machine's own.
    pub trusted: Option<Vec<u8>>,
    /// How long one mail may take, from connecting to the server's answer.
    pub patience: Duration,
}

/// How a connection to a mail server is protected.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Security {
    /// Encrypted after `STARTTLS`; a server without it is not used.
    Starttls,
    /// Encrypted from the first byte.
    Tls,
    /// Not at all: for a server on the same machine.
    None,
}

impl Default for MailSettings {
    fn default() -> Self {
        Self {
            from: "ERPMax <erpmax@localhost>".to_owned(),
            reply_to: None,
            transport: MailTransport::Folder(PathBuf::from("outbox")),
        }
    }
}

impl MailSettings {
    /// Whether mails reach people: an address can only be proven where they do.
    pub const fn is_configured(&self) -> bool {
        matches!(self.transport, MailTransport::Smtp(_))
    }
}
