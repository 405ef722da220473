//! The ways that mails go, and what can go wrong on them.

mod folder;
mod smtp;

use std::fmt;

use erpmax_types::MailId;
use lettre::Message;

pub(super) use folder::FolderTransport;
pub(super) use smtp::SmtpTransport;

/// A mail on its way.
pub(super) struct Outgoing {
    pub(super) id: MailId,
    pub(super) message: Message,
    /// For the log of a developer.
    pub(super) summary: Summary,
}

/// What a developer wants to see of a mail.
pub(super) struct Summary {
    pub(super) address: String,
    pub(super) subject: String,
    pub(super) link: Option<String>,
}

/// A way that mails go.
pub(super) enum Transport {
    Smtp(Box<SmtpTransport>),
    Folder(FolderTransport),
}

impl Transport {
    /// Hands a mail over; what was said in answer.
    pub(super) async fn deliver(&self, mail: &Outgoing) -> Result<String, Failed> {
        match self {
            Self::Smtp(smtp) => smtp.deliver(mail).await,
            Self::Folder(folder) => folder.deliver(mail).await,
        }
    }

    /// Goes the way of a mail up to where one would be named.
    pub(super) async fn try_out(&self) -> Result<(), Failed> {
        match self {
            Self::Smtp(smtp) => smtp.try_out().await,
            Self::Folder(_) => Ok(()),
        }
    }
}

/// How far a mail came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// Writing it.
    Writing,
    /// Reaching the server.
    Connecting,
    /// Encrypting the connection.
    Securing,
    /// Showing name and password.
    SigningIn,
    /// Naming the sender.
    Sender,
    /// Naming the recipient.
    Recipient,
    /// Handing over the text.
    Message,
    /// Writing the file.
    Folder,
}

/// Why a mail was not taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failed {
    /// How far it came.
    pub stage: Stage,
    /// The server's refusal is meant for good.
    pub is_final: bool,
    /// What the server said, or what went wrong.
    pub reason: String,
}

impl Failed {
    /// What was written cannot be made into a mail, however often it is tried.
    pub(super) fn refused(reason: String) -> Self {
        Self { stage: Stage::Writing, is_final: true, reason }
    }

    /// What was written cannot be read now; another key may open it later.
    pub(super) fn unwritten(reason: String) -> Self {
        Self { stage: Stage::Writing, is_final: false, reason }
    }

    /// Whether trying again is of no use: this recipient or this message is refused.
    pub const fn is_permanent(&self) -> bool {
        self.is_final && matches!(self.stage, Stage::Writing | Stage::Recipient | Stage::Message)
    }

    /// Whether the fault is in the operator's settings.
    pub const fn is_ours(&self) -> bool {
        matches!(self.stage, Stage::Securing | Stage::Folder)
            || (self.is_final && matches!(self.stage, Stage::Connecting | Stage::SigningIn | Stage::Sender))
    }
}

impl fmt::Display for Failed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let what = match self.stage {
            Stage::Writing => "The mail cannot be written",
            Stage::Connecting => "The mail server cannot be reached",
            Stage::Securing => "The connection to the mail server cannot be encrypted",
            Stage::SigningIn => "The mail server does not accept name and password",
            Stage::Sender => "The mail server does not accept the sender",
            Stage::Recipient => "The mail server does not accept the recipient",
            Stage::Message => "The mail server does not accept the mail",
            Stage::Folder => "The outbox folder cannot be written",
        };
        write!(f, "{what}: {}", self.reason)
    }
}

impl std::error::Error for Failed {}
