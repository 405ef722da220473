//! Without a mail server: a file for each mail, in a folder that the operator can look into.

use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use std::io::Write;

use tracing::info;

use super::{Failed, Outgoing, Stage, Summary};

/// A folder of `.eml` files, readable by its owner alone.
pub(crate) struct FolderTransport {
    path: PathBuf,
    /// Whether the log shows links: on a developer's machine.
    shows_links: bool,
}

impl FolderTransport {
    pub(crate) const fn new(path: PathBuf, shows_links: bool) -> Self {
        Self { path, shows_links }
    }

    pub(super) async fn deliver(&self, mail: &Outgoing) -> Result<String, Failed> {
        let path = self.path.join(format!("{}.eml", mail.id));
        let (folder, file, text) = (self.path.clone(), path.clone(), mail.message.formatted());
        let written = tokio::task::spawn_blocking(move || write(&folder, &file, &text)).await;
        written
            .map_err(|problem| problem.to_string())
            .and_then(|result| result.map_err(|problem| format!("{}: {problem}", path.display())))
            .map_err(|reason| Failed { stage: Stage::Folder, is_final: false, reason })?;
        self.tell(&mail.summary, &path);
        Ok(format!("it is in {}", path.display()))
    }

    fn tell(&self, mail: &Summary, path: &Path) {
        let Summary { address, subject, link } = mail;
        if let Some(link) = link.as_ref().filter(|_| self.shows_links) {
            info!("Mail to {address}: {subject} {link}");
        } else {
            info!("Mail is in {}", path.display());
        }
    }
}

/// Written under another name first, so that whoever watches the folder never reads half a mail.
fn write(folder: &Path, path: &Path, text: &[u8]) -> std::io::Result<()> {
    std::fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    let draft = path.with_extension("draft");
    let mut file = std::fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&draft)?;
    file.write_all(text)?;
    file.sync_all()?;
    std::fs::rename(&draft, path)?;
    std::fs::File::open(folder)?.sync_all()
}
