//! `erpmax site`: the company's site.

use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use data_encoding::HEXLOWER;
use erpmax_client::types::backups::{Backup, BackupLink};
use erpmax_client::types::provisioning::JobType;
use erpmax_client::types::{BackupId, ErrorCode};
use futures_util::TryStreamExt as _;
use serde_json::json;
use sha2::{Digest as _, Sha256};
use tempfile::NamedTempFile;

use super::args::{PasswordArgs, Showing, SiteCommand, Watching};
use super::explain::refused;
use super::output::{document, minute, size};
use super::table::Table;
use super::{Desk, ask, browser, watch};
use crate::failure::Failure;

pub(super) async fn run(command: &SiteCommand, desk: &Desk<'_>) -> Result<(), Failure> {
    match command {
        SiteCommand::Create(watching) => begin(JobType::CreateSite, watching, desk).await,
        SiteCommand::Backup(watching) => begin(JobType::BackupSite, watching, desk).await,
        SiteCommand::Delete { sure, watching } => {
            let tenant = desk.client.tenants().current().await?;
            // Where there is none, the server says so.
            if tenant.erpnext_site_url.is_some() {
                let what = format!("The site {} is to be deleted with all that is in it.", tenant.slug);
                ask::confirm(sure, &what, &tenant.slug)?;
            }
            begin(JobType::DeleteSite, watching, desk).await
        }
        SiteCommand::Backups => list(desk).await,
        SiteCommand::Download { backup, to, password } => {
            download(backup.as_deref(), to.as_deref(), password, desk).await
        }
        SiteCommand::Open(showing) => open(showing, desk).await,
    }
}

async fn begin(job_type: JobType, watching: &Watching, desk: &Desk<'_>) -> Result<(), Failure> {
    let job = desk.client.provisioning().create(job_type).await?;
    watch::unless_detached(&job, watching, desk).await
}

async fn list(desk: &Desk<'_>) -> Result<(), Failure> {
    let backups: Vec<Backup> = desk.client.backups().list().size(100).stream().try_collect().await?;
    let mut table = Table::new().whole("Archive").text("Site").whole("Size").whole("Made (UTC)");
    for backup in &backups {
        let made = minute(backup.created_at);
        table.row([backup.id.to_string(), backup.site_name.clone(), size(backup.bytes), made]);
    }
    desk.table(&json!({"backups": backups}), &table, "There are none. Have one made: erpmax site backup");
    Ok(())
}

/// Fetches an archive into a new file, which has its name only when it is whole and as the server measured it.
async fn download(
    backup: Option<&str>,
    to: Option<&Path>,
    password: &PasswordArgs,
    desk: &Desk<'_>,
) -> Result<(), Failure> {
    let backup = which(backup, desk).await?;
    let link = link(backup.id, password, desk).await?;
    // The name alone: which folder, the server does not say.
    let name = Path::new(&link.file_name).file_name().unwrap_or_else(|| "archive.tar.gz".as_ref());
    let file = to.map_or_else(|| PathBuf::from(name), Path::to_owned);
    if file.exists() {
        return Err(Failure::wrong(format!("--to: {} is there already; name another file", file.display())));
    }
    // The kind alone: the error itself names the file that it is written under.
    let unwritable =
        |error: io::Error| Failure::wrong(format!("--to: {} cannot be written: {}", file.display(), error.kind()));
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut part = NamedTempFile::new_in(folder).map_err(unwritable)?;
    let mut download = desk.client.backups().download(&link).await?;
    let mut hasher = Sha256::new();
    while let Some(piece) = download.next().await? {
        part.write_all(&piece).map_err(unwritable)?;
        hasher.update(&piece);
    }
    part.as_file().sync_all().map_err(unwritable)?;
    if HEXLOWER.encode(&hasher.finalize()) != backup.sha256 {
        return Err(refused(
            "What came is not what was saved.",
            "Nothing was kept. Try it again: erpmax site download",
        ));
    }
    part.persist_noclobber(&file).map_err(|error| unwritable(error.error))?;
    let text = format!("{} holds the archive ({}), whole and checked.", file.display(), size(backup.bytes));
    desk.printer.done(&json!({"backup": backup, "file": file, "bytes": backup.bytes, "sha256": backup.sha256}), &text);
    Ok(())
}

/// The newest archive, or the one with this id.
async fn which(backup: Option<&str>, desk: &Desk<'_>) -> Result<Backup, Failure> {
    let mut all = desk.client.backups().list().size(100).stream();
    while let Some(found) = all.try_next().await? {
        if backup.is_none_or(|id| found.id.to_string() == id) {
            return Ok(found);
        }
    }
    Err(match backup {
        Some(id) => refused(format!("There is no archive {id}."), "See them all: erpmax site backups"),
        None => refused("There is no archive yet.", "Have one made: erpmax site backup"),
    })
}

/// A link to an archive; the password is asked for where it was not shown for a while.
async fn link(backup: BackupId, password: &PasswordArgs, desk: &Desk<'_>) -> Result<BackupLink, Failure> {
    let backups = desk.client.backups();
    match backups.link(backup).await {
        Err(error) if error.code() == Some(ErrorCode::ConfirmationRequired) => {
            desk.client.auth().confirm(&ask::password(password)?).await?;
            Ok(backups.link(backup).await?)
        }
        answered => Ok(answered?),
    }
}

async fn open(showing: &Showing, desk: &Desk<'_>) -> Result<(), Failure> {
    let pass = desk.client.sso().token().await?;
    browser::show(&pass.sso_url, "The site, for a minute and once", &document(&pass)?, showing, desk);
    Ok(())
}
