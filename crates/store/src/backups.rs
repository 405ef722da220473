//! Archives of sites, and the links that hand them out.

use erpmax_types::{BackupId, JobId, SessionId, TenantId, Timestamp, UserId};
use sqlx::FromRow;

use crate::engine::{Conn, StoreError, query};

/// An archive as it is kept.
#[derive(Clone, Debug, PartialEq, Eq, FromRow)]
pub struct BackupRow {
    /// The archive's id.
    pub id: BackupId,
    /// Whose site it is of.
    pub tenant_id: TenantId,
    /// The job that made it.
    pub job_id: JobId,
    /// The site's name.
    pub site_name: String,
    /// Where it lies, relative to the driver's folder.
    pub file: String,
    /// Its size.
    pub bytes: i64,
    /// Its SHA-256, in hexadecimal digits.
    pub sha256: String,
    /// Whether it is the one that was taken before the site was deleted.
    pub is_last: bool,
    /// When it was finished.
    pub created_at: Timestamp,
}

/// A link to an archive, as it is made.
#[derive(Clone, Debug)]
pub struct NewBackupLink<'a> {
    /// SHA-256 of the token in it.
    pub token_hash: &'a str,
    /// The archive.
    pub backup: BackupId,
    /// For whom.
    pub user: UserId,
    /// In which session.
    pub session: SessionId,
    /// When it is made.
    pub created_at: Timestamp,
    /// Until when it is good.
    pub expires_at: Timestamp,
}

/// Adds an archive unless that job's is there.
pub async fn insert(conn: &mut Conn, backup: &BackupRow) -> Result<(), StoreError> {
    query(
        "INSERT INTO backups (id, tenant_id, job_id, site_name, file, bytes, sha256, is_last, created_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT (job_id) DO NOTHING",
    )
    .bind(backup.id)
    .bind(backup.tenant_id)
    .bind(backup.job_id)
    .bind(&backup.site_name)
    .bind(&backup.file)
    .bind(backup.bytes)
    .bind(&backup.sha256)
    .bind(backup.is_last)
    .bind(backup.created_at)
    .execute(conn)
    .await
    .map(drop)
}

/// A page of a tenant's archives, newest first.
pub async fn list(conn: &mut Conn, tenant: TenantId, size: u32, offset: i64) -> Result<Vec<BackupRow>, StoreError> {
    query("SELECT * FROM backups WHERE tenant_id = $1 ORDER BY created_at DESC, id DESC LIMIT $2 OFFSET $3")
        .bind(tenant)
        .bind(i64::from(size))
        .bind(offset)
        .all(conn)
        .await
}

/// How many archives a tenant has.
pub async fn count(conn: &mut Conn, tenant: TenantId) -> Result<u64, StoreError> {
    query("SELECT COUNT(*) FROM backups WHERE tenant_id = $1").bind(tenant).count(conn).await
}

/// An archive of a tenant.
pub async fn find(conn: &mut Conn, tenant: TenantId, id: BackupId) -> Result<Option<BackupRow>, StoreError> {
    query("SELECT * FROM backups WHERE tenant_id = $1 AND id = $2").bind(tenant).bind(id).optional(conn).await
}

/// Adds a link.
pub async fn insert_link(conn: &mut Conn, link: &NewBackupLink<'_>) -> Result<(), StoreError> {
    query(
        "INSERT INTO backup_links (token_hash, backup_id, user_id, session_id, created_at, expires_at)
         VALUES ($1, $2, $3, $4, $5, $6)",
    )
    .bind(link.token_hash)
    .bind(link.backup)
    .bind(link.user)
    .bind(link.session)
    .bind(link.created_at)
    .bind(link.expires_at)
    .execute(conn)
    .await
    .map(drop)
}

/// An archive whose link was opened, and who it was made for.
#[derive(Clone, Debug, FromRow)]
pub struct LinkedBackup {
    /// The archive.
    #[sqlx(flatten)]
    pub backup: BackupRow,
    /// For whom the link was made.
    pub user_id: UserId,
    /// In which session.
    pub session_id: SessionId,
}

/// Spends a link; what it leads to. None if it is spent, over or nobody's, or if its person is no owner or signed out meanwhile.
pub async fn spend_link(conn: &mut Conn, token_hash: &str, now: Timestamp) -> Result<Option<LinkedBackup>, StoreError> {
    let found: Option<LinkedBackup> = query(
        "SELECT b.*, l.user_id, l.session_id FROM backup_links l
         JOIN backups b ON b.id = l.backup_id
         JOIN sessions s ON s.id = l.session_id AND s.ended_at IS NULL AND s.expires_at > $2
         JOIN users u ON u.id = l.user_id AND u.is_active
         JOIN memberships m ON m.tenant_id = b.tenant_id AND m.user_id = l.user_id AND m.role = 'owner'
         WHERE l.token_hash = $1 AND l.used_at IS NULL AND l.expires_at > $2",
    )
    .bind(token_hash)
    .bind(now)
    .optional(conn)
    .await?;
    let spent = query("UPDATE backup_links SET used_at = $2 WHERE token_hash = $1 AND used_at IS NULL")
        .bind(token_hash)
        .bind(now)
        .execute(conn)
        .await?;
    Ok(found.filter(|_| spent > 0))
}

/// Forgets up to `limit` links that were over before `before`.
pub async fn delete_links(conn: &mut Conn, before: Timestamp, limit: i64) -> Result<u64, StoreError> {
    query(
        "DELETE FROM backup_links WHERE token_hash IN
             (SELECT token_hash FROM backup_links WHERE expires_at < $1 LIMIT $2)",
    )
    .bind(before)
    .bind(limit)
    .execute(conn)
    .await
}
