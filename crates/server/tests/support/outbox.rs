//! The mails that a control plane without a mail server writes into its folder.

use mail_parser::MessageParser;

use super::{TestApp, eventually, token_of};

/// A mail, taken apart.
#[derive(Clone, Debug)]
pub(crate) struct Mail {
    pub(crate) id: String,
    pub(crate) to: String,
    pub(crate) subject: String,
    pub(crate) language: String,
    pub(crate) text: String,
    pub(crate) html: String,
    /// The names of its headers.
    pub(crate) headers: Vec<String>,
    /// As it is sent.
    pub(crate) raw: String,
}

impl Mail {
    fn parse(raw: &[u8]) -> Self {
        let mail = MessageParser::default().parse(raw).expect("it is a mail");
        let to = mail.to().and_then(|list| list.first()).and_then(|one| one.address());
        Self {
            id: mail.message_id().expect("it has an id").to_owned(),
            to: to.expect("it has a recipient").to_owned(),
            subject: mail.subject().expect("it has a subject").to_owned(),
            language: mail.header_raw("Content-Language").unwrap_or_default().trim().to_owned(),
            text: mail.body_text(0).expect("it has a text").into_owned(),
            html: mail.body_html(0).expect("it has a page").into_owned(),
            headers: mail.headers().iter().map(|header| header.name().to_owned()).collect(),
            raw: String::from_utf8_lossy(raw).into_owned(),
        }
    }

    /// The one-time link in it.
    pub(crate) fn link(&self) -> &str {
        let mut lines = self.text.lines();
        lines.find(|line| line.contains("?token=")).unwrap_or_else(|| panic!("no link in {}", self.text)).trim()
    }

    /// The token of that link.
    pub(crate) fn token(&self) -> String {
        token_of(self.link())
    }
}

impl TestApp {
    /// Everything that was sent to an address, oldest first.
    pub(crate) fn mails_to(&self, address: &str) -> Vec<Mail> {
        let files = std::fs::read_dir(self.outbox()).expect("the folder can be read");
        let files = files.map(|file| file.expect("a file").path());
        let mut mails: Vec<_> = files.filter(|file| file.extension().is_some_and(|end| end == "eml")).collect();
        // Ids are ordered by time.
        mails.sort();
        let mails = mails.into_iter().map(|file| Mail::parse(&std::fs::read(file).expect("a mail can be read")));
        mails.filter(|mail| mail.to == address).collect()
    }

    /// So many mails of this subject to an address, oldest first, once they are sent.
    pub(crate) async fn mails_about(&self, address: &str, subject: &str, count: usize) -> Vec<Mail> {
        let look = async || {
            let mails = self.mails_to(address).into_iter();
            let mails: Vec<Mail> = mails.filter(|mail| mail.subject == subject).collect();
            (mails.len() >= count).then_some(mails)
        };
        eventually(look).await.unwrap_or_else(|| {
            let subjects: Vec<String> = self.mails_to(address).into_iter().map(|mail| mail.subject).collect();
            panic!("{count} mails `{subject}` did not come to {address}, but {subjects:?}")
        })
    }

    /// The mail of this subject to an address, once it is sent.
    pub(crate) async fn mail_to(&self, address: &str, subject: &str) -> Mail {
        self.mails_about(address, subject, 1).await.swap_remove(0)
    }
}
