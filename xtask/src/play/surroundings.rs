//! What the guide takes for granted: names, an authority that everybody trusts, certificates, and a mail server.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Child;

use anyhow::{Context as _, Result, ensure};

use crate::command::{program, run as run_command};
use crate::packages::python;

const NAMES: &str = "127.0.0.1 localhost erpmax.example mail.provider.example\n::1 localhost erpmax.example\n";
const MAIL_PORT: &str = "587";
const MAIL_ACCOUNT: &str = "erpmax:password of the mail account";

/// They end when they are dropped.
pub(super) struct Surroundings {
    folder: PathBuf,
    mail_server: Child,
}

impl Surroundings {
    /// Makes the certificates and starts the mail server.
    pub(super) fn start(folder: &Path) -> Result<Self> {
        if folder.exists() {
            fs::remove_dir_all(folder)?;
        }
        fs::create_dir_all(folder.join("mails"))?;
        found_authority(folder)?;
        certify(folder, "erpmax.example")?;
        certify(folder, "mail.provider.example")?;
        fs::write(folder.join("mails/behaviour"), "take")?;
        let python = python().join("bin/python");
        let mut server = program(&python.to_string_lossy(), &["crates/erpmax/tests/mail/server.py"]);
        server.arg(folder.join("mails")).args(["--port", MAIL_PORT, "--account", MAIL_ACCOUNT]);
        server.arg("--certificate").arg(folder.join("mail.provider.example.pem"));
        server.arg("--key").arg(folder.join("mail.provider.example.key"));
        let mail_server = server.spawn().context("Failed to start the mail server")?;
        Ok(Self { folder: folder.to_owned(), mail_server })
    }

    /// Puts names, the authority and the control plane's certificate on a machine.
    pub(super) fn give_to(&self, machine: &Path) -> Result<()> {
        fs::write(machine.join("etc/hosts"), NAMES)?;
        fs::write(machine.join("etc/hostname"), "erpmax\n")?;
        fs::copy(self.folder.join("erpmax.example.pem"), machine.join("root/certificate.pem"))?;
        fs::copy(self.folder.join("erpmax.example.key"), machine.join("root/key.pem"))?;
        let trusted = machine.join("usr/local/share/ca-certificates/authority.crt");
        fs::copy(self.folder.join("authority.pem"), trusted)?;
        run_command(program("chroot", &[]).arg(machine).arg("update-ca-certificates"))
    }

    /// How many mails came.
    pub(super) fn mails(&self) -> Result<usize> {
        let files = fs::read_dir(self.folder.join("mails"))?.collect::<Result<Vec<_>, _>>()?;
        Ok(files.iter().filter(|file| file.path().extension().is_some_and(|extension| extension == "eml")).count())
    }
}

impl Drop for Surroundings {
    fn drop(&mut self) {
        // Neither can fail but for a process that has ended already.
        let _ = self.mail_server.kill();
        let _ = self.mail_server.wait();
    }
}

/// An authority in `authority.pem`.
fn found_authority(folder: &Path) -> Result<()> {
    let make = ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "30", "-subj", "/CN=Authority"];
    openssl(folder, &[&make[..], &["-out", "authority.pem", "-keyout", "authority.key"]].concat())
}

/// A certificate of the authority for `name`.
fn certify(folder: &Path, name: &str) -> Result<()> {
    let [certificate, key, request] = ["pem", "key", "request"].map(|kind| format!("{name}.{kind}"));
    let subject = format!("/CN={name}");
    openssl(folder, &["req", "-newkey", "rsa:2048", "-nodes", "-subj", &subject, "-out", &request, "-keyout", &key])?;
    fs::write(folder.join("extensions"), format!("subjectAltName=DNS:{name}\nbasicConstraints=CA:FALSE\n"))?;
    let sign = ["x509", "-req", "-days", "30", "-CA", "authority.pem", "-CAkey", "authority.key", "-CAcreateserial"];
    openssl(folder, &[&sign[..], &["-extfile", "extensions", "-in", &request, "-out", &certificate]].concat())
}

fn openssl(folder: &Path, arguments: &[&str]) -> Result<()> {
    let output = program("openssl", arguments).current_dir(folder).output().context("Failed to start openssl")?;
    ensure!(output.status.success(), "openssl: {}", String::from_utf8_lossy(&output.stderr));
    Ok(())
}
