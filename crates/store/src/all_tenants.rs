//! What operators ask of all tenants: searching them by the beginning of a word, failed jobs, and numbers.

use erpmax_types::billing::{BillingPeriod, SubscriptionStatus};
use erpmax_types::site_name::SiteName;
use erpmax_types::tenants::TenantStatus;
use erpmax_types::{TenantId, Timestamp};
use sqlx::FromRow;

use crate::engine::{Conn, Query, StoreError, query};
use crate::jobs::JobRow;

/// Behind every text that begins with the same characters.
const LAST: char = '\u{10ffff}';

/// What a tenant is searched by: any of these beginnings, in small letters. The empty one finds all, none finds nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Beginnings {
    /// Of the name.
    pub name: Option<String>,
    /// Of the slug.
    pub slug: Option<String>,
    /// Of the site's label.
    pub site: Option<String>,
    /// Of a member's address.
    pub email: Option<String>,
}

/// A tenant in the list of all.
#[derive(Clone, Debug, FromRow)]
pub struct FoundTenant {
    /// The tenant's id.
    pub id: TenantId,
    /// The company's name.
    pub name: String,
    /// Its slug.
    pub slug: String,
    /// Where it stands.
    pub status: TenantStatus,
    /// The ready site's label.
    pub site_name: Option<SiteName>,
    /// Where its subscription stands.
    pub subscription_status: Option<SubscriptionStatus>,
    /// How many members it has.
    pub members: i64,
    /// When it was made.
    pub created_at: Timestamp,
}

macro_rules! among_found {
    ($columns:literal, $bytes:literal, $end:literal) => {
        concat!(
            "SELECT ",
            $columns,
            " FROM tenants t LEFT JOIN sites i ON i.tenant_id = t.id AND i.ready_at IS NOT NULL
              LEFT JOIN subscriptions s ON s.tenant_id = t.id
              WHERE t.id IN (
                  SELECT id FROM tenants WHERE name_key",
            $bytes,
            " >= $1 AND name_key",
            $bytes,
            " < $2 UNION SELECT id FROM tenants WHERE slug",
            $bytes,
            " >= $3 AND slug",
            $bytes,
            " < $4 UNION SELECT tenant_id FROM sites WHERE name",
            $bytes,
            " >= $5 AND name",
            $bytes,
            " < $6 UNION SELECT m.tenant_id FROM users u JOIN memberships m ON m.user_id = u.id WHERE u.email_key",
            $bytes,
            " >= $7 AND u.email_key",
            $bytes,
            " < $8) ",
            $end
        )
    };
}

macro_rules! page_of_found {
    ($bytes:literal) => {
        among_found!(
            "t.id, t.name, t.slug, t.status, i.name AS site_name, s.status AS subscription_status,
             (SELECT COUNT(*) FROM memberships m WHERE m.tenant_id = t.id) AS members, t.created_at",
            $bytes,
            "ORDER BY t.created_at DESC, t.id DESC LIMIT $9 OFFSET $10"
        )
    };
}

/// A page of the tenants that are found, newest first.
pub async fn list(
    conn: &mut Conn,
    beginnings: &Beginnings,
    limit: u32,
    offset: i64,
) -> Result<Vec<FoundTenant>, StoreError> {
    // Indexes of PostgreSQL answer for beginnings only in the order of bytes, which is SQLite's own.
    let sql = if conn.is_postgres() { page_of_found!(" COLLATE \"C\"") } else { page_of_found!("") };
    narrow(query(sql), beginnings).bind(i64::from(limit)).bind(offset).all(conn).await
}

/// How many tenants [`list`] has in all.
pub async fn count(conn: &mut Conn, beginnings: &Beginnings) -> Result<u64, StoreError> {
    let sql = if conn.is_postgres() {
        among_found!("COUNT(*)", " COLLATE \"C\"", "")
    } else {
        among_found!("COUNT(*)", "", "")
    };
    narrow(query(sql), beginnings).count(conn).await
}

fn narrow<'q>(query: Query<'q>, beginnings: &Beginnings) -> Query<'q> {
    [&beginnings.name, &beginnings.slug, &beginnings.site, &beginnings.email]
        .into_iter()
        .fold(query, |query, beginning| {
            query.bind(beginning.clone()).bind(beginning.as_ref().map(|text| format!("{text}{LAST}")))
        })
}

/// A job with its tenant's name.
#[derive(Clone, Debug, FromRow)]
pub struct TenantJob {
    /// The job.
    #[sqlx(flatten)]
    pub job: JobRow,
    /// The company's name.
    pub tenant_name: String,
}

/// A tenant's last jobs, newest first.
pub async fn list_jobs(conn: &mut Conn, tenant: TenantId, limit: u32) -> Result<Vec<TenantJob>, StoreError> {
    query(
        "SELECT j.*, t.name AS tenant_name FROM jobs j JOIN tenants t ON t.id = j.tenant_id
         WHERE j.tenant_id = $1 ORDER BY j.created_at DESC, j.id DESC LIMIT $2",
    )
    .bind(tenant)
    .bind(i64::from(limit))
    .all(conn)
    .await
}

/// A page of the failed jobs of all tenants, or only of those that left something behind; what happened last comes first.
pub async fn list_failed_jobs(
    conn: &mut Conn,
    leaked: bool,
    limit: u32,
    offset: i64,
) -> Result<Vec<TenantJob>, StoreError> {
    query(
        "SELECT j.*, t.name AS tenant_name FROM jobs j JOIN tenants t ON t.id = j.tenant_id
         WHERE j.status = 'failed' AND ($1 = FALSE OR j.leak IS NOT NULL)
         ORDER BY j.updated_at DESC, j.id DESC LIMIT $2 OFFSET $3",
    )
    .bind(leaked)
    .bind(i64::from(limit))
    .bind(offset)
    .all(conn)
    .await
}

/// How many jobs [`list_failed_jobs`] has in all.
pub async fn count_failed_jobs(conn: &mut Conn, leaked: bool) -> Result<u64, StoreError> {
    query("SELECT COUNT(*) FROM jobs WHERE status = 'failed' AND ($1 = FALSE OR leak IS NOT NULL)")
        .bind(leaked)
        .count(conn)
        .await
}

/// How many tenants there are of a state.
pub async fn count_by_status(conn: &mut Conn) -> Result<Vec<(TenantStatus, i64)>, StoreError> {
    query("SELECT status, COUNT(*) FROM tenants GROUP BY status").all(conn).await
}

/// Subscriptions that are alike, with the list prices of their plans summed up, in minor units.
#[derive(Clone, Debug, FromRow)]
pub struct SubscriptionCount {
    /// Where they stand.
    pub status: SubscriptionStatus,
    /// How often they are paid for.
    pub billing_period: BillingPeriod,
    /// The currency of their plans.
    pub currency: String,
    /// How many there are.
    pub subscriptions: i64,
    /// What a month costs, if it is paid by the month.
    pub monthly: i64,
    /// What a year costs, if it is paid by the year.
    pub yearly: i64,
}

/// How many subscriptions there are of each kind.
pub async fn count_subscriptions(conn: &mut Conn) -> Result<Vec<SubscriptionCount>, StoreError> {
    query(
        "SELECT s.status, s.billing_period, p.currency, COUNT(*) AS subscriptions,
                CAST(SUM(p.price_monthly) AS BIGINT) AS monthly, CAST(SUM(p.price_yearly) AS BIGINT) AS yearly
         FROM subscriptions s JOIN plans p ON p.id = s.plan_id
         GROUP BY s.status, s.billing_period, p.currency",
    )
    .all(conn)
    .await
}
