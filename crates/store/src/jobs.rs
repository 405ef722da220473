//! Provisioning jobs: what was asked for, and how far it is.

use erpmax_types::provisioning::{JobStatus, JobType, ProvisioningJob};
use erpmax_types::runner::Direction;
use erpmax_types::{JobId, SiteId, TenantId, Timestamp, UserId};
use sqlx::FromRow;

use crate::engine::{Conn, StoreError, query};

/// A job as it is kept.
#[derive(Clone, Debug, FromRow)]
pub struct JobRow {
    /// The job's id.
    pub id: JobId,
    /// Whose it is.
    pub tenant_id: TenantId,
    /// The site it is about.
    pub site_id: Option<SiteId>,
    /// Who asked for it; an owner, if it is automatic.
    pub requested_by: UserId,
    /// Whether nobody asked for it but the life of the subscription.
    pub is_automatic: bool,
    /// What it does.
    pub job_type: JobType,
    /// Where it stands.
    pub status: JobStatus,
    /// Percent.
    pub progress: i64,
    /// What is being done.
    pub message: Option<String>,
    /// Why it failed.
    pub error: Option<String>,
    /// The step that runs or ran last.
    pub step: Option<String>,
    /// Counts retries, from 1.
    pub attempt: i64,
    /// Onwards or back.
    pub direction: Direction,
    /// JSON list of the steps whose effects stand.
    pub done_steps: String,
    /// The step that was begun and neither done nor undone.
    pub begun_step: Option<String>,
    /// Why it is being undone.
    pub reason: Option<String>,
    /// Whether it is past its point of no return.
    pub is_irrevocable: bool,
    /// When somebody cancelled it.
    pub cancel_requested_at: Option<Timestamp>,
    /// Who did.
    pub cancelled_by: Option<String>,
    /// What there is to say of it.
    pub result: Option<String>,
    /// What could not be undone.
    pub leak: Option<String>,
    /// When the first runner took this attempt.
    pub started_at: Option<Timestamp>,
    /// When it ended.
    pub completed_at: Option<Timestamp>,
    /// When it was asked for.
    pub created_at: Timestamp,
    /// When the row was changed last.
    pub updated_at: Timestamp,
}

impl JobRow {
    /// The job as the wire shows it.
    pub fn to_job(&self) -> ProvisioningJob {
        ProvisioningJob {
            id: self.id,
            tenant_id: self.tenant_id,
            status: self.status,
            job_type: self.job_type,
            progress: self.progress,
            message: self.message.clone(),
            error: self.error.clone(),
            step: self.step.clone(),
            attempt: self.attempt,
            started_at: self.started_at,
            completed_at: self.completed_at,
            created_at: self.created_at,
        }
    }
}

macro_rules! job_columns {
    () => {
        "id, tenant_id, site_id, requested_by, is_automatic, job_type, status, progress, message, error, step, attempt, direction,
         done_steps, begun_step, reason, is_irrevocable, cancel_requested_at, cancelled_by, result, leak, started_at,
         completed_at, created_at, updated_at"
    };
}

macro_rules! select_job {
    ($($rest:tt)*) => {
        concat!("SELECT ", job_columns!(), " FROM jobs ", $($rest)*)
    };
}

/// A job by its id, for those who act on behalf of the system.
pub async fn find(conn: &mut Conn, id: JobId) -> Result<Option<JobRow>, StoreError> {
    query(select_job!("WHERE id = $1")).bind(id).optional(conn).await
}

/// A job by its id, taken until the transaction ends. Whoever also takes its work does that first.
pub async fn lock(conn: &mut Conn, id: JobId) -> Result<Option<JobRow>, StoreError> {
    query(concat!("UPDATE jobs SET id = id WHERE id = $1 RETURNING ", job_columns!())).bind(id).optional(conn).await
}

/// A tenant's job.
pub async fn find_of_tenant(conn: &mut Conn, tenant: TenantId, id: JobId) -> Result<Option<JobRow>, StoreError> {
    query(select_job!("WHERE id = $1 AND tenant_id = $2")).bind(id).bind(tenant).optional(conn).await
}

/// A tenant's jobs, of all types or of the guide's: those that are not asked for by the subscription alone.
macro_rules! of_tenant {
    () => {
        "tenant_id = $1 AND ($2 OR job_type IN ('create_site', 'delete_site', 'backup_site'))"
    };
}

/// A page of a tenant's jobs, newest first; of the guide's types only, or of all.
pub async fn list(
    conn: &mut Conn,
    tenant: TenantId,
    all_types: bool,
    size: u32,
    offset: i64,
) -> Result<Vec<JobRow>, StoreError> {
    query(select_job!("WHERE ", of_tenant!(), " ORDER BY created_at DESC, id DESC LIMIT $3 OFFSET $4"))
        .bind(tenant)
        .bind(all_types)
        .bind(i64::from(size))
        .bind(offset)
        .all(conn)
        .await
}

/// How many jobs a tenant has, of the guide's types only or of all.
pub async fn count(conn: &mut Conn, tenant: TenantId, all_types: bool) -> Result<u64, StoreError> {
    query(concat!("SELECT COUNT(*) FROM jobs WHERE ", of_tenant!())).bind(tenant).bind(all_types).count(conn).await
}

/// A tenant's unfinished job of a type.
pub async fn find_unfinished(
    conn: &mut Conn,
    tenant: TenantId,
    job_type: JobType,
) -> Result<Option<JobRow>, StoreError> {
    query(select_job!(
        "WHERE tenant_id = $1 AND job_type = $2 AND status IN ('pending', 'running') ORDER BY created_at LIMIT 1"
    ))
    .bind(tenant)
    .bind(job_type)
    .optional(conn)
    .await
}

/// The tenant's unfinished `create_site` job, else the one that ended last, together with the number of the newest event, as of
/// one moment.
pub async fn find_newest_creation(conn: &mut Conn, tenant: TenantId) -> Result<(Option<JobRow>, i64), StoreError> {
    #[derive(FromRow)]
    struct Row {
        #[sqlx(flatten)]
        job: JobRow,
        last_event: i64,
    }
    let row: Option<Row> = query(
        "SELECT jobs.*, (SELECT COALESCE(MAX(id), 0) FROM outbox) AS last_event FROM jobs
         WHERE tenant_id = $1 AND job_type = 'create_site'
         ORDER BY CASE WHEN status IN ('pending', 'running') THEN 0 ELSE 1 END, updated_at DESC, id DESC LIMIT 1",
    )
    .bind(tenant)
    .optional(conn)
    .await?;
    Ok(row.map_or((None, 0), |row| (Some(row.job), row.last_event)))
}

/// Adds a job.
pub async fn insert(conn: &mut Conn, job: &JobRow) -> Result<(), StoreError> {
    query(
        "INSERT INTO jobs (id, tenant_id, site_id, requested_by, job_type, status, progress, message, attempt, direction,
             done_steps, is_irrevocable, created_at, updated_at, is_automatic)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)",
    )
    .bind(job.id)
    .bind(job.tenant_id)
    .bind(job.site_id)
    .bind(job.requested_by)
    .bind(job.job_type)
    .bind(job.status)
    .bind(job.progress)
    .bind(&job.message)
    .bind(job.attempt)
    .bind(job.direction)
    .bind(&job.done_steps)
    .bind(job.is_irrevocable)
    .bind(job.created_at)
    .bind(job.updated_at)
    .bind(job.is_automatic)
    .execute(conn)
    .await
    .map(drop)
}

/// Writes everything that can change about a job.
pub async fn update(conn: &mut Conn, job: &JobRow) -> Result<(), StoreError> {
    query(
        "UPDATE jobs SET site_id = $2, status = $3, progress = $4, message = $5, error = $6, step = $7, attempt = $8,
             direction = $9, done_steps = $10, begun_step = $11, reason = $12, is_irrevocable = $13,
             cancel_requested_at = $14, cancelled_by = $15, result = $16, leak = $17, started_at = $18,
             completed_at = $19, updated_at = $20
         WHERE id = $1",
    )
    .bind(job.id)
    .bind(job.site_id)
    .bind(job.status)
    .bind(job.progress)
    .bind(&job.message)
    .bind(&job.error)
    .bind(&job.step)
    .bind(job.attempt)
    .bind(job.direction)
    .bind(&job.done_steps)
    .bind(&job.begun_step)
    .bind(&job.reason)
    .bind(job.is_irrevocable)
    .bind(job.cancel_requested_at)
    .bind(&job.cancelled_by)
    .bind(&job.result)
    .bind(&job.leak)
    .bind(job.started_at)
    .bind(job.completed_at)
    .bind(job.updated_at)
    .execute(conn)
    .await
    .map(drop)
}

/// Keeps transient progress, never lower than what is kept.
pub async fn update_progress(
    conn: &mut Conn,
    id: JobId,
    progress: i64,
    message: &str,
    now: Timestamp,
) -> Result<(), StoreError> {
    query(
        "UPDATE jobs SET progress = CASE WHEN progress < $2 THEN $2 ELSE progress END, message = $3, updated_at = $4
         WHERE id = $1 AND status = 'running'",
    )
    .bind(id)
    .bind(progress)
    .bind(message)
    .bind(now)
    .execute(conn)
    .await
    .map(drop)
}
