//! What sockets are let in on, and what they are told of a site that is being built.

use std::time::Duration;

use erpmax_store::jobs::{self, JobRow};
use erpmax_store::outbox::Reader;
use erpmax_store::sockets::{self, SocketSessionRow, list_sessions};
use erpmax_store::{Conn, outbox};
use erpmax_types::events::{Event, StatusUpdate};
use erpmax_types::provisioning::JobStatus;
use erpmax_types::{ErrorCode, EventId, JobId, SessionId, TenantId, Timestamp, UserId};

pub use erpmax_store::outbox::{Audience, Emission, News};

use crate::access::check_living;
use crate::auth::keys::Claims;
use crate::{Core, Result, provisioning};

/// How long the end of a creation is told to those who come late (contract, trap 10).
const RECENT: Duration = Duration::from_secs(120);
/// How many sessions are looked up at once.
pub const SESSIONS_AT_ONCE: usize = 500;
/// How many events, the newest, are told to somebody who missed more.
const MISSED_AT_MOST: i64 = 150;

/// A session that may have sockets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seat {
    /// The session.
    pub session: SessionId,
    /// Its account.
    pub user: UserId,
    /// The current tenant, while the person belongs to it.
    pub tenant: Option<TenantId>,
}

/// A session whose socket wants a seat.
#[derive(Clone, Debug)]
pub struct Arrival {
    /// What the socket is to hear.
    pub seat: Seat,
    /// The number of the newest event at that moment.
    pub newest: i64,
    /// The number of an event up to which the session certainly heard all; none before its first socket.
    pub heard: Option<i64>,
    member_since: Option<Timestamp>,
}

/// The newest attempt to build a tenant's site.
#[derive(Clone, Debug, PartialEq)]
pub enum Creation {
    /// It goes on.
    Unfinished(StatusUpdate),
    /// It ended just now.
    Ended(Box<Ended>),
}

/// The end of an attempt.
#[derive(Clone, Debug, PartialEq)]
pub struct Ended {
    /// The job.
    pub job: JobId,
    /// Which attempt it was.
    pub attempt: i64,
    /// What is told of it.
    pub event: Event,
    /// The same for everybody who is told of this end, by the event or after it: whoever hears it twice drops the second.
    pub event_id: EventId,
}

/// The seat for the bearer of a verified token. The session's row decides the tenant, not the token: a socket that reconnects
/// with its old token hears the present tenant.
pub async fn arrive(core: &Core, claims: &Claims) -> Result<Arrival> {
    let (rows, newest) = list_sessions(&mut core.store().read().await?, &[claims.session]).await?;
    let row = rows.into_iter().next().ok_or(ErrorCode::Unauthorized)?;
    check_living(core, row.ended_at, row.expires_at, row.is_active)?;
    Ok(Arrival { seat: to_seat(&row), newest, heard: row.heard_event, member_since: row.member_since })
}

/// The events after number `after` that an arriving session may have missed: not those of a creation, of which everybody is
/// told by the job's row, nor those of a tenant from before the person belonged to it.
pub async fn missed(core: &Core, arrival: &Arrival, after: i64) -> Result<Vec<(EventId, Event)>> {
    let reader = Reader { user: arrival.seat.user, tenant: arrival.seat.tenant.zip(arrival.member_since) };
    let mut conn = core.store().read().await?;
    let missed = outbox::list_missed(&mut conn, reader, after, arrival.newest, MISSED_AT_MOST).await?;
    Ok(missed.into_iter().filter_map(worth_telling).collect())
}

fn worth_telling(emission: Emission) -> Option<(EventId, Event)> {
    match emission.news {
        News::Close
        | News::MoveTo(_)
        | News::Event(Event::StatusUpdate(_) | Event::StatusCompleted(_) | Event::StatusFailed(_)) => None,
        News::Event(event) => Some((emission.id, event)),
    }
}

/// Notes up to which event's number each of up to [`SESSIONS_AT_ONCE`] sessions certainly heard all.
pub async fn note_heard(core: &Core, heard: i64, sessions: &[SessionId]) -> Result<()> {
    let mut tx = core.store().begin().await?;
    sockets::note_heard(&mut tx, sessions, heard).await?;
    Ok(tx.commit().await?)
}

/// Those of up to [`SESSIONS_AT_ONCE`] sessions that may still have sockets, and the number of the newest event at that moment.
pub async fn seats(core: &Core, sessions: &[SessionId]) -> Result<(Vec<Seat>, i64)> {
    let (rows, number) = list_sessions(&mut core.store().read().await?, sessions).await?;
    let lives = |row: &&SocketSessionRow| check_living(core, row.ended_at, row.expires_at, row.is_active).is_ok();
    let living = rows.iter().filter(lives);
    Ok((living.map(to_seat).collect(), number))
}

fn to_seat(row: &SocketSessionRow) -> Seat {
    Seat { session: row.id, user: row.user_id, tenant: row.member_since.map(|_| row.tenant_id) }
}

/// The number of the newest event, 0 if there is none.
pub async fn last_number(core: &Core) -> Result<i64> {
    Ok(outbox::last_number(&mut core.store().read().await?).await?)
}

/// Up to `limit` events after number `after`, in the order of commits. Each that cannot be read is an error of its own.
pub async fn news_after(core: &Core, after: i64, limit: i64) -> Result<Vec<(i64, Result<Emission>)>> {
    let news = outbox::list_after(&mut core.store().read().await?, after, limit).await?;
    Ok(news.into_iter().map(|(number, emission)| (number, emission.map_err(Into::into))).collect())
}

/// The creation of the tenant's site that those who come late are told of, built from the job's row, and the number of the
/// newest event at that moment.
pub async fn creation(core: &Core, tenant: TenantId) -> Result<(Option<Creation>, i64)> {
    let mut conn = core.store().read().await?;
    let (job, number) = jobs::find_newest_creation(&mut conn, tenant).await?;
    let Some(job) = job else { return Ok((None, number)) };
    if matches!(job.status, JobStatus::Pending | JobStatus::Running) {
        return Ok((Some(Creation::Unfinished((&job.to_job()).into())), number));
    }
    let ended_at = job.completed_at.unwrap_or(job.updated_at);
    if core.now().since(ended_at) > RECENT {
        return Ok((None, number));
    }
    Ok((ended(core, &mut conn, &job).await?.map(|ended| Creation::Ended(ended.into())), number))
}

async fn ended(core: &Core, conn: &mut Conn, job: &JobRow) -> Result<Option<Ended>> {
    let site_url = provisioning::site_url(core, conn, job.tenant_id).await?;
    if job.status == JobStatus::Completed && site_url.is_none() {
        return Ok(None);
    }
    let event = provisioning::end_of_creation(job, &site_url.unwrap_or_default());
    Ok(Some(Ended { job: job.id, attempt: job.attempt, event, event_id: provisioning::end_id(job)? }))
}

/// Those of the sessions of which a socket was told of this end.
pub async fn list_told(core: &Core, sessions: &[SessionId], ended: &Ended) -> Result<Vec<SessionId>> {
    let mut conn = core.store().read().await?;
    Ok(sockets::list_told_job(&mut conn, sessions, ended.job, ended.attempt).await?)
}

/// Notes that sockets of these sessions were told how `job` ended.
pub async fn note_told(core: &Core, sessions: &[SessionId], job: JobId) -> Result<()> {
    let mut tx = core.store().begin().await?;
    let Some(row) = jobs::find(&mut tx, job).await? else { return Ok(()) };
    let runs_again = matches!(row.status, JobStatus::Pending | JobStatus::Running);
    let attempt = if runs_again { row.attempt - 1 } else { row.attempt };
    for sessions in sessions.chunks(SESSIONS_AT_ONCE) {
        sockets::note_told_job(&mut tx, sessions, job, attempt).await?;
    }
    Ok(tx.commit().await?)
}
