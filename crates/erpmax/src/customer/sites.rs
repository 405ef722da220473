//! `erpmax site`: the company's site.

use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use data_encoding::HEXLOWER;
use erpmax_client::types::backups::{Backup, BackupLink};
use erpmax_client::types::provisioning::JobType;
use erpmax_client::types::{BackupId, ErrorCode};
use futures_util::TryStreamExt as _;
use serde_json::json;
use sha2::{Digest as _, Sha256};

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
    let file = to.map_or_else(|| PathBuf::from(&link.file_name), Path::to_owned);
    if file.exists() {
        return Err(Failure::wrong(format!("--to: {} is there already; name another file", file.display())));
    }
    let unwritable = |error| Failure::wrong(format!("--to: {} cannot be written: {error}", file.display()));
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let part = tempfile::NamedTempFile::new_in(folder).map_err(unwritable)?;
    let mut writer = tokio::fs::File::from_std(part.reopen().map_err(unwritable)?);
    desk.client.backups().download(&link).await?.write_to(&mut writer).await?;
    writer.sync_all().await.map_err(unwritable)?;
    let (bytes, sha256) = measure(part.path()).map_err(unwritable)?;
    if sha256 != backup.sha256 {
        return Err(refused(
            "What came is not what was saved.",
            "Nothing was kept. Try it again: erpmax site download",
        ));
    }
    part.persist_noclobber(&file).map_err(|error| unwritable(error.error))?;
    let text = format!("{} holds the archive ({}), whole and checked.", file.display(), size(bytes));
    desk.printer.done(&json!({"backup": backup, "file": file, "bytes": bytes, "sha256": sha256}), &text);
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

fn measure(file: &Path) -> io::Result<(i64, String)> {
    let (mut file, mut hasher) = (std::fs::File::open(file)?, Sha256::new());
    let (mut buffer, mut bytes) = (vec![0; 64 * 1024], 0);
    loop {
        match file.read(&mut buffer)? {
            0 => return Ok((bytes, HEXLOWER.encode(&hasher.finalize()))),
            read => {
                hasher.update(&buffer[..read]);
                bytes += i64::try_from(read).unwrap_or_default();
            }
        }
    }
}

async fn open(showing: &Showing, desk: &Desk<'_>) -> Result<(), Failure> {
    let pass = desk.client.sso().token().await?;
    browser::show(&pass.sso_url, "The site, for a minute and once", &document(&pass)?, showing, desk);
    Ok(())
}
