//! The transactional queue: work commits with what causes it, is leased with a fence, and comes back when a lease runs out.

use erpmax_types::{LeaseId, Timestamp, WorkId};
use sqlx::FromRow;

use crate::engine::{Conn, StoreError, Tx, query};

/// A piece of work as it is kept.
#[derive(Clone, Debug, FromRow)]
pub struct WorkRow {
    /// The work's id; ids are in the order of asking.
    pub id: WorkId,
    /// Who carries it out.
    pub queue: String,
    /// What it is about: a job's id, an event's id.
    pub subject: String,
    /// How often it was leased.
    pub attempts: i64,
    /// The present lease.
    pub lease_id: Option<LeaseId>,
    /// When the present lease runs out.
    pub lease_until: Option<Timestamp>,
    /// Grows with each lease.
    pub fence: i64,
    /// The last call that counted under this lease.
    pub sequence: i64,
}

/// Who leases, and for how long.
#[derive(Clone, Debug)]
pub struct NewLease<'a> {
    /// The lease's id.
    pub id: LeaseId,
    /// The leaseholder's host.
    pub host: &'a str,
    /// The leaseholder's start.
    pub boot: &'a str,
    /// When the lease runs out.
    pub until: Timestamp,
}

/// Queues work to be done from `run_at` on. Work of one lane is done in the order of ids.
pub async fn insert(
    tx: &mut Tx,
    id: WorkId,
    queue: &str,
    subject: &str,
    lane: &str,
    run_at: Timestamp,
) -> Result<(), StoreError> {
    tx.work_was_queued();
    query(
        "INSERT INTO work (id, queue, subject, lane, run_at, attempts, fence, sequence, created_at)
         VALUES ($1, $2, $3, $4, $5, 0, 0, 0, $5) ON CONFLICT (queue, subject) DO NOTHING",
    )
    .bind(id)
    .bind(queue)
    .bind(subject)
    .bind(lane)
    .bind(run_at)
    .execute(tx)
    .await
    .map(drop)
}

macro_rules! lease {
    ($skip_locked:literal) => {
        concat!(
            "UPDATE work SET lease_id = $3, lease_host = $4, lease_boot = $5, lease_until = $6, fence = fence + 1,
                 sequence = 0, attempts = attempts + 1
             WHERE id = (SELECT w.id FROM work w
                         WHERE w.queue = $1 AND w.run_at <= $2 AND (w.lease_until IS NULL OR w.lease_until <= $2)
                           AND NOT EXISTS (SELECT 1 FROM work e WHERE e.lane = w.lane AND e.id < w.id)
                         ORDER BY w.run_at, w.id LIMIT 1 ",
            $skip_locked,
            ") RETURNING id, queue, subject, attempts, lease_id, lease_until, fence, sequence"
        )
    };
}

/// Leases the next due work of a queue.
pub async fn lease(
    conn: &mut Conn,
    queue: &str,
    lease: &NewLease<'_>,
    now: Timestamp,
) -> Result<Option<WorkRow>, StoreError> {
    let sql = if conn.is_postgres() { lease!("FOR UPDATE SKIP LOCKED") } else { lease!("") };
    query(sql)
        .bind(queue)
        .bind(now)
        .bind(lease.id)
        .bind(lease.host)
        .bind(lease.boot)
        .bind(lease.until)
        .optional(conn)
        .await
}

/// Whether any work of a queue is due, without taking it.
pub async fn is_due(conn: &mut Conn, queue: &str, now: Timestamp) -> Result<bool, StoreError> {
    let row: Option<(WorkId,)> = query(
        "SELECT w.id FROM work w
         WHERE w.queue = $1 AND w.run_at <= $2 AND (w.lease_until IS NULL OR w.lease_until <= $2)
           AND NOT EXISTS (SELECT 1 FROM work e WHERE e.lane = w.lane AND e.id < w.id) LIMIT 1",
    )
    .bind(queue)
    .bind(now)
    .optional(conn)
    .await?;
    Ok(row.is_some())
}

/// Frees what earlier starts of this host held: they cannot be running any more.
pub async fn free_older_boots(conn: &mut Conn, queue: &str, host: &str, boot: &str) -> Result<u64, StoreError> {
    query(
        "UPDATE work SET lease_id = NULL, lease_until = NULL
         WHERE queue = $1 AND lease_host = $2 AND lease_boot <> $3 AND lease_id IS NOT NULL",
    )
    .bind(queue)
    .bind(host)
    .bind(boot)
    .execute(conn)
    .await
}

/// The work under a lease that is still held with this fence; takes the row until the transaction ends and extends the lease.
pub async fn hold(
    conn: &mut Conn,
    lease: LeaseId,
    fence: i64,
    until: Timestamp,
) -> Result<Option<WorkRow>, StoreError> {
    query(
        "UPDATE work SET lease_until = $3 WHERE lease_id = $1 AND fence = $2
         RETURNING id, queue, subject, attempts, lease_id, lease_until, fence, sequence",
    )
    .bind(lease)
    .bind(fence)
    .bind(until)
    .optional(conn)
    .await
}

/// Takes the work on a subject until the transaction ends; false if there is none.
pub async fn lock(conn: &mut Conn, queue: &str, subject: &str) -> Result<bool, StoreError> {
    query("UPDATE work SET id = id WHERE queue = $1 AND subject = $2")
        .bind(queue)
        .bind(subject)
        .execute(conn)
        .await
        .map(|rows| rows > 0)
}

/// Notes the last call that counted under a lease.
pub async fn update_sequence(conn: &mut Conn, id: WorkId, sequence: i64) -> Result<(), StoreError> {
    query("UPDATE work SET sequence = $2 WHERE id = $1").bind(id).bind(sequence).execute(conn).await.map(drop)
}

/// Gives a lease back, so that the work is taken up again at once.
pub async fn release(tx: &mut Tx, lease: LeaseId, fence: i64) -> Result<(), StoreError> {
    tx.work_was_queued();
    query("UPDATE work SET lease_id = NULL, lease_until = NULL WHERE lease_id = $1 AND fence = $2")
        .bind(lease)
        .bind(fence)
        .execute(tx)
        .await
        .map(drop)
}

/// Puts work off to a later time, with the reason; false if somebody leased it since it had this fence.
pub async fn put_off(
    conn: &mut Conn,
    id: WorkId,
    fence: i64,
    run_at: Timestamp,
    error: &str,
) -> Result<bool, StoreError> {
    query(
        "UPDATE work SET lease_id = NULL, lease_until = NULL, run_at = $3, last_error = $4
         WHERE id = $1 AND fence = $2",
    )
    .bind(id)
    .bind(fence)
    .bind(run_at)
    .bind(error)
    .execute(conn)
    .await
    .map(|rows| rows > 0)
}

/// Takes finished work off the queue; what waited behind it in its lane may run.
pub async fn delete(tx: &mut Tx, queue: &str, subject: &str) -> Result<(), StoreError> {
    tx.work_was_queued();
    query("DELETE FROM work WHERE queue = $1 AND subject = $2").bind(queue).bind(subject).execute(tx).await.map(drop)
}
