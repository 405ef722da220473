//! Subscriptions: one a tenant.

use erpmax_types::billing::{BillingPeriod, SubscriptionStatus};
use erpmax_types::{PlanId, SubscriptionId, TenantId, Timestamp};
use sqlx::FromRow;

use crate::engine::{Conn, StoreError, query};
use crate::plans::PlanRow;

/// A subscription as it is kept.
#[derive(Clone, Debug, FromRow)]
pub struct SubscriptionRow {
    /// The subscription's id.
    pub id: SubscriptionId,
    /// Whose it is.
    pub tenant_id: TenantId,
    /// The plan.
    pub plan_id: PlanId,
    /// Where it stands.
    pub status: SubscriptionStatus,
    /// How often it is paid for.
    pub billing_period: BillingPeriod,
    /// End of the trial.
    pub trial_ends_at: Option<Timestamp>,
    /// When the trial's period was moved to begin with the ready site; it is moved once.
    pub trial_moved_at: Option<Timestamp>,
    /// Start of the present period.
    pub current_period_start: Timestamp,
    /// End of the present period.
    pub current_period_end: Timestamp,
    /// When it was cancelled.
    pub cancelled_at: Option<Timestamp>,
    /// Whether it ends with the present period.
    pub cancel_at_period_end: bool,
    /// Why it was cancelled.
    pub cancel_reason: Option<String>,
    /// Who takes the money.
    pub provider: Option<String>,
    /// When it has to be looked at again; none if nothing comes by itself.
    pub next_step_at: Option<Timestamp>,
    /// End of the grace; of a subscription that is over, when the site is deleted. None as long as neither was told.
    pub deadline_at: Option<Timestamp>,
    /// The end of which the last reminder told.
    pub reminded_of: Option<Timestamp>,
    /// How many days before it that was.
    pub reminded_days: i64,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was changed last.
    pub updated_at: Timestamp,
}

/// The tenant's subscription.
pub async fn find_of_tenant(conn: &mut Conn, tenant: TenantId) -> Result<Option<SubscriptionRow>, StoreError> {
    query("SELECT * FROM subscriptions WHERE tenant_id = $1").bind(tenant).optional(conn).await
}

/// The tenant's subscription with its plan.
pub async fn find_with_plan(
    conn: &mut Conn,
    tenant: TenantId,
) -> Result<Option<(SubscriptionRow, PlanRow)>, StoreError> {
    #[derive(FromRow)]
    struct Row {
        #[sqlx(flatten)]
        subscription: SubscriptionRow,
        name: String,
        slug: String,
        description: Option<String>,
        price_monthly: i64,
        price_yearly: i64,
        currency: String,
        limits: String,
        features: String,
        is_active: bool,
        is_default: bool,
        sort_order: i64,
    }
    let row: Option<Row> = query(
        "SELECT s.*, p.name, p.slug, p.description, p.price_monthly, p.price_yearly, p.currency, p.limits, p.features,
                p.is_active, p.is_default, p.sort_order
         FROM subscriptions s JOIN plans p ON p.id = s.plan_id WHERE s.tenant_id = $1",
    )
    .bind(tenant)
    .optional(conn)
    .await?;
    Ok(row.map(|row| {
        let plan = PlanRow {
            id: row.subscription.plan_id,
            name: row.name,
            slug: row.slug,
            description: row.description,
            price_monthly: row.price_monthly,
            price_yearly: row.price_yearly,
            currency: row.currency,
            limits: row.limits,
            features: row.features,
            is_active: row.is_active,
            is_default: row.is_default,
            sort_order: row.sort_order,
        };
        (row.subscription, plan)
    }))
}

/// Adds a subscription.
pub async fn insert(conn: &mut Conn, subscription: &SubscriptionRow) -> Result<(), StoreError> {
    query(
        "INSERT INTO subscriptions (id, tenant_id, plan_id, status, billing_period, trial_ends_at, current_period_start,
             current_period_end, cancel_at_period_end, created_at, updated_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
    )
    .bind(subscription.id)
    .bind(subscription.tenant_id)
    .bind(subscription.plan_id)
    .bind(subscription.status)
    .bind(subscription.billing_period)
    .bind(subscription.trial_ends_at)
    .bind(subscription.current_period_start)
    .bind(subscription.current_period_end)
    .bind(subscription.cancel_at_period_end)
    .bind(subscription.created_at)
    .bind(subscription.updated_at)
    .execute(conn)
    .await
    .map(drop)
}

/// Writes everything that can change about a subscription but how far it is in its life. It is looked at again at once; another
/// status begins without a deadline.
pub async fn update(conn: &mut Conn, subscription: &SubscriptionRow) -> Result<(), StoreError> {
    query(
        "UPDATE subscriptions SET plan_id = $2, status = $3, billing_period = $4, trial_ends_at = $5,
             trial_moved_at = $6, current_period_start = $7, current_period_end = $8, cancelled_at = $9,
             cancel_at_period_end = $10, cancel_reason = $11, provider = $12, updated_at = $13, next_step_at = 0,
             deadline_at = CASE WHEN status = $3 THEN deadline_at END
         WHERE id = $1",
    )
    .bind(subscription.id)
    .bind(subscription.plan_id)
    .bind(subscription.status)
    .bind(subscription.billing_period)
    .bind(subscription.trial_ends_at)
    .bind(subscription.trial_moved_at)
    .bind(subscription.current_period_start)
    .bind(subscription.current_period_end)
    .bind(subscription.cancelled_at)
    .bind(subscription.cancel_at_period_end)
    .bind(&subscription.cancel_reason)
    .bind(&subscription.provider)
    .bind(subscription.updated_at)
    .execute(conn)
    .await
    .map(drop)
}

/// Writes status and how far a subscription is in its life.
pub async fn update_life(conn: &mut Conn, subscription: &SubscriptionRow) -> Result<(), StoreError> {
    query(
        "UPDATE subscriptions SET status = $2, next_step_at = $3, deadline_at = $4, reminded_of = $5,
             reminded_days = $6, updated_at = $7
         WHERE id = $1",
    )
    .bind(subscription.id)
    .bind(subscription.status)
    .bind(subscription.next_step_at)
    .bind(subscription.deadline_at)
    .bind(subscription.reminded_of)
    .bind(subscription.reminded_days)
    .bind(subscription.updated_at)
    .execute(conn)
    .await
    .map(drop)
}

/// Lets a tenant's subscription be looked at again at this time; never by itself with none.
pub async fn update_next_step(conn: &mut Conn, tenant: TenantId, at: Option<Timestamp>) -> Result<(), StoreError> {
    query("UPDATE subscriptions SET next_step_at = $2 WHERE tenant_id = $1")
        .bind(tenant)
        .bind(at)
        .execute(conn)
        .await
        .map(drop)
}

/// Tenants whose subscriptions have to be looked at, the longest due first.
pub async fn list_due(conn: &mut Conn, now: Timestamp, limit: i64) -> Result<Vec<TenantId>, StoreError> {
    query(
        "SELECT tenant_id FROM subscriptions WHERE next_step_at IS NOT NULL AND next_step_at <= $1
         ORDER BY next_step_at LIMIT $2",
    )
    .bind(now)
    .bind(limit)
    .column(conn)
    .await
}
