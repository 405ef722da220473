//! Archives of the tenant's site: what there is, and links that hand one out, once.

use std::path::{Component, Path, PathBuf};
use std::time::Duration;

use erpmax_store::backups::{self, BackupRow, NewBackupLink};
use erpmax_store::jobs::JobRow;
use erpmax_store::{Tx, sites};
use erpmax_types::backups::{Backup, BackupLink};
use erpmax_types::envelope::{Page, PageRequest};
use erpmax_types::provisioning::JobType;
use erpmax_types::{BackupId, ErrorCode};
use serde::Deserialize;
use serde_json::json;
use tokio::fs::File;
use tracing::{error, warn};

use crate::access::{Member, Owner};
use crate::audit::{Action, Actor, record};
use crate::auth::RECENT;
use crate::validation::id;
use crate::{Core, Result, hash, random_token};

/// How long a link is good.
const LIFETIME: Duration = Duration::from_secs(10 * 60);

/// A page of the tenant's archives, newest first.
pub async fn list(core: &Core, member: &Member, page: PageRequest) -> Result<Page<Backup>> {
    let mut conn = core.store().read().await?;
    let rows = backups::list(&mut conn, member.tenant_id, page.size, page.offset()).await?;
    let total = backups::count(&mut conn, member.tenant_id).await?;
    Ok(page.of(rows.into_iter().map(to_backup).collect(), total))
}

/// A link to one of the tenant's archives. It holds all that the company has, so the password of the last minutes is asked for.
pub async fn link(core: &Core, owner: &Owner, backup: &str) -> Result<BackupLink> {
    let backup: BackupId = id(backup)?;
    let session = owner.require_session()?;
    let row = backups::find(&mut core.store().read().await?, owner.tenant_id, backup).await?;
    let row = row.ok_or(ErrorCode::NotFound)?;
    owner.require_confirmation(core, RECENT)?;
    look(core, &row).await?;
    let (token, now) = (random_token(), core.now());
    let link = NewBackupLink {
        token_hash: &hash(&token),
        backup,
        user: owner.user_id,
        session,
        created_at: now,
        expires_at: now + LIFETIME,
    };
    let mut tx = core.store().begin().await?;
    backups::insert_link(&mut tx, &link).await?;
    let (tenant, target, change) = (Some(owner.tenant_id), Some(backup.to_string()), json!({"file": row.file}));
    record(core, &mut tx, (&****owner).into(), Action { name: "backups.link", tenant, target, change }).await?;
    tx.commit().await?;
    let url = format!("{}/api/v1/backups/download/{token}", core.settings().public_url);
    Ok(BackupLink { url, file_name: file_name(&row), expires_at: link.expires_at })
}

/// An archive, ready to be read.
#[derive(Debug)]
pub struct OpenBackup {
    /// Its contents.
    pub file: File,
    /// How many bytes they are.
    pub bytes: u64,
    /// The name that the file is given.
    pub name: String,
}

/// Opens what a link leads to, and spends it.
pub async fn open(core: &Core, token: &str, address: &str) -> Result<OpenBackup> {
    let mut tx = core.store().begin().await?;
    let linked = backups::spend_link(&mut tx, &hash(token), core.now()).await?.ok_or(ErrorCode::NotFound)?;
    let backup = linked.backup;
    let actor = Actor::in_session(linked.user_id, linked.session_id, Some(address));
    let (tenant, target) = (Some(backup.tenant_id), Some(backup.id.to_string()));
    let change = json!({"file": backup.file});
    record(core, &mut tx, actor, Action { name: "backups.download", tenant, target, change }).await?;
    tx.commit().await?;
    let (file, bytes) = look(core, &backup).await?;
    Ok(OpenBackup { file, bytes, name: file_name(&backup) })
}

/// Opens an archive's file; `unavailable` if it is not where this process finds it.
async fn look(core: &Core, backup: &BackupRow) -> Result<(File, u64)> {
    let path = path(core, &backup.file).ok_or(ErrorCode::Unavailable)?;
    let opened = async {
        let file = File::open(&path).await?;
        let bytes = file.metadata().await?.len();
        std::io::Result::Ok((file, bytes))
    };
    opened.await.map_err(|problem| {
        error!(backup.id = %backup.id, tenant.id = %backup.tenant_id, %problem, "An archive cannot be read");
        ErrorCode::Unavailable.into()
    })
}

/// Where a file of the runner's lies; none for what would lead out of its folder.
fn path(core: &Core, file: &str) -> Option<PathBuf> {
    let inside = Path::new(file).components().all(|part| matches!(part, Component::Normal(_)));
    core.settings().archives.as_ref().filter(|_| inside && !file.is_empty()).map(|folder| folder.join(file))
}

/// `acme-2026-11-25.tar.gz`.
fn file_name(backup: &BackupRow) -> String {
    let day: String = backup.created_at.to_string().chars().take(10).collect();
    format!("{}-{day}.tar.gz", backup.site_name)
}

/// What a driver says of an archive.
#[derive(Deserialize)]
struct Archive {
    file: String,
    bytes: i64,
    sha256: String,
}

/// Keeps the archive that a completed job made, if it made one.
pub(super) async fn keep(core: &Core, tx: &mut Tx, job: &JobRow) -> Result<()> {
    let Some(result) = &job.result else { return Ok(()) };
    let Ok(archive) = serde_json::from_str::<Archive>(result) else {
        warn!(job.id = %job.id, "What a runner says of an archive is not understood");
        return Ok(());
    };
    let site = sites::find_of_tenant(tx, job.tenant_id).await?.ok_or(ErrorCode::NotFound)?;
    let row = BackupRow {
        id: core.id(),
        tenant_id: job.tenant_id,
        job_id: job.id,
        site_name: site.name.to_string(),
        file: archive.file,
        bytes: archive.bytes,
        sha256: archive.sha256,
        is_last: job.job_type == JobType::DeleteSite,
        created_at: core.now(),
    };
    Ok(backups::insert(tx, &row).await?)
}

fn to_backup(row: BackupRow) -> Backup {
    Backup {
        id: row.id,
        job_id: row.job_id,
        site_name: row.site_name,
        bytes: row.bytes,
        sha256: row.sha256,
        is_last: row.is_last,
        created_at: row.created_at,
    }
}
