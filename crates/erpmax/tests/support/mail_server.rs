//! A real mail server that behaves as it is told: `tests/mail/server.py`.

use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use mail_parser::{Message, MessageParser};
use tempfile::TempDir;

use super::{python_program, until};

/// A running mail server; dropping it ends it.
pub struct MailServer {
    process: Child,
    folder: TempDir,
    pub port: u16,
}

impl MailServer {
    /// One that takes mails unencrypted and from anybody.
    pub fn start(behaviour: &str) -> Self {
        Self::with(behaviour, &[])
    }

    /// `arguments` are those of the script.
    pub fn with(behaviour: &str, arguments: &[&str]) -> Self {
        let folder = tempfile::tempdir().expect("a folder can be made");
        std::fs::write(folder.path().join("behaviour"), behaviour).expect("a file can be written");
        let mut command = Command::new(python_program("python"));
        command.arg(script()).arg(folder.path()).args(arguments);
        let mut process = command.stdout(Stdio::piped()).spawn().expect("Python starts");
        let mut line = String::new();
        let output = process.stdout.take().expect("its output is ours");
        BufReader::new(output).read_line(&mut line).expect("the mail server starts");
        Self { process, folder, port: line.trim().parse().expect("it tells its port") }
    }

    /// What it does from now on.
    pub fn behave(&self, behaviour: &str) {
        std::fs::write(self.folder.path().join("behaviour"), behaviour).expect("a file can be written");
    }

    /// Lets it answer what it keeps waiting.
    pub fn go(&self) {
        std::fs::write(self.folder.path().join("go"), "").expect("a file can be written");
    }

    /// The keys of a configuration that sends by it.
    pub fn environment(&self) -> Vec<(&'static str, String)> {
        vec![
            ("MAIL__HOST", "localhost".to_owned()),
            ("MAIL__PORT", self.port.to_string()),
            ("MAIL__SECURITY", "none".to_owned()),
            ("MAIL__FROM", "ERPMax <erpmax@provider.example>".to_owned()),
            ("MAIL__REPLY_TO", "help@provider.example".to_owned()),
        ]
    }

    /// Everything that reached it, oldest first.
    pub fn mails(&self) -> Vec<Vec<u8>> {
        let files = std::fs::read_dir(self.folder.path()).expect("the folder can be read");
        let mut files: Vec<PathBuf> = files.map(|file| file.expect("a file").path()).collect();
        files.retain(|file| file.extension().is_some_and(|extension| extension == "eml"));
        files.sort();
        files.into_iter().map(|file| std::fs::read(file).expect("a mail can be read")).collect()
    }

    /// The mails, once there are as many.
    pub async fn mails_until(&self, count: usize) -> Vec<Vec<u8>> {
        let look = async || Some(self.mails()).filter(|mails| mails.len() >= count);
        until(&format!("{count} mails"), Duration::from_secs(30), look).await
    }
}

impl Drop for MailServer {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// A mail, taken apart.
#[track_caller]
pub fn parse(mail: &[u8]) -> Message<'_> {
    MessageParser::default().parse(mail).expect("it is a mail")
}

fn script() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/mail/server.py")
}
