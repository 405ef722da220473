//! The section `[mail]`.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use erpmax_core::mail::{MailSettings, MailTransport, Security, SmtpSettings};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;

use super::sections::word;
use crate::failure::Failure;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Mail {
    pub(crate) host: String,
    pub(crate) port: u16,
    #[serde(deserialize_with = "word")]
    pub(crate) security: Security,
    pub(crate) username: String,
    pub(crate) password: SecretString,
    pub(crate) password_file: String,
    pub(crate) ca_file: String,
    pub(crate) from: String,
    pub(crate) reply_to: String,
    pub(crate) timeout_seconds: u64,
    pub(crate) folder: String,
}

impl Mail {
    /// What the rules need to know; `data` is the data folder. Files are read here.
    pub(crate) fn settings(&self, data: &Path) -> Result<MailSettings, Failure> {
        let defaults = MailSettings::default();
        Ok(MailSettings {
            from: given(&self.from).unwrap_or(defaults.from),
            reply_to: given(&self.reply_to),
            transport: self.transport(data)?,
        })
    }

    fn transport(&self, data: &Path) -> Result<MailTransport, Failure> {
        if self.host.is_empty() {
            return Ok(MailTransport::Folder(given(&self.folder).map_or_else(|| data.join("outbox"), PathBuf::from)));
        }
        Ok(MailTransport::Smtp(SmtpSettings {
            host: self.host.clone(),
            port: self.port_or_usual(),
            security: self.security,
            account: given(&self.username).map(|name| self.password().map(|password| (name, password))).transpose()?,
            trusted: given(&self.ca_file).map(|file| read("mail.ca_file", &file)).transpose()?.map(String::into_bytes),
            patience: Duration::from_secs(self.timeout_seconds),
        }))
    }

    const fn port_or_usual(&self) -> u16 {
        match (self.port, self.security) {
            (0, Security::Starttls) => 587,
            (0, Security::Tls) => 465,
            (0, Security::None) => 25,
            (port, _) => port,
        }
    }

    fn password(&self) -> Result<SecretString, Failure> {
        match self.password_file.as_str() {
            "" => Ok(self.password.clone()),
            file => Ok(read("mail.password_file", file)?.trim_end_matches(['\r', '\n']).to_owned().into()),
        }
    }

    pub(super) fn has_password(&self) -> bool {
        !self.password.expose_secret().is_empty() || !self.password_file.is_empty()
    }

    pub(super) fn is_on_this_machine(&self) -> bool {
        let address = self.host.parse::<std::net::IpAddr>();
        self.host == "localhost" || address.is_ok_and(|address| address.is_loopback())
    }
}

fn given(text: &str) -> Option<String> {
    (!text.is_empty()).then(|| text.to_owned())
}

fn read(key: &str, file: &str) -> Result<String, Failure> {
    fs::read_to_string(file).map_err(|error| Failure::wrong(format!("{key}: {file} cannot be read: {error}")))
}
