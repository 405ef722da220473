//! Attempts to pay: what a webhook is held against.

use erpmax_types::billing::BillingPeriod;
use erpmax_types::{CheckoutId, PlanId, TenantId, Timestamp, UserId};
use sqlx::FromRow;

use crate::engine::{Conn, StoreError, query};

/// A checkout as it is kept.
#[derive(Clone, Debug, FromRow)]
pub struct CheckoutRow {
    /// The checkout's id.
    pub id: CheckoutId,
    /// Who pays.
    pub tenant_id: TenantId,
    /// Who asked for it.
    pub user_id: UserId,
    /// For which plan.
    pub plan_id: PlanId,
    /// For how long.
    pub billing_period: BillingPeriod,
    /// In minor units.
    pub amount: i64,
    /// ISO 4217.
    pub currency: String,
    /// Through whom.
    pub provider: String,
    /// Real money or a test.
    pub is_live: bool,
    /// Where the browser goes after paying.
    pub success_url: String,
    /// Where the browser goes after giving up.
    pub cancel_url: String,
    /// The provider's page.
    pub checkout_url: String,
    /// `open`, `paid` or `cancelled`.
    pub status: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// Until when it can be paid.
    pub expires_at: Timestamp,
}

/// A checkout by its id, for provider pages and webhooks.
pub async fn find(conn: &mut Conn, id: CheckoutId) -> Result<Option<CheckoutRow>, StoreError> {
    query("SELECT * FROM checkouts WHERE id = $1").bind(id).optional(conn).await
}

/// Adds a checkout.
pub async fn insert(conn: &mut Conn, checkout: &CheckoutRow) -> Result<(), StoreError> {
    query(
        "INSERT INTO checkouts (id, tenant_id, user_id, plan_id, billing_period, amount, currency, provider, is_live,
             success_url, cancel_url, checkout_url, status, created_at, expires_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)",
    )
    .bind(checkout.id)
    .bind(checkout.tenant_id)
    .bind(checkout.user_id)
    .bind(checkout.plan_id)
    .bind(checkout.billing_period)
    .bind(checkout.amount)
    .bind(&checkout.currency)
    .bind(&checkout.provider)
    .bind(checkout.is_live)
    .bind(&checkout.success_url)
    .bind(&checkout.cancel_url)
    .bind(&checkout.checkout_url)
    .bind(&checkout.status)
    .bind(checkout.created_at)
    .bind(checkout.expires_at)
    .execute(conn)
    .await
    .map(drop)
}

/// Moves a checkout from one state to another; false if it was not in the first.
pub async fn update_status(conn: &mut Conn, id: CheckoutId, from: &str, to: &str) -> Result<bool, StoreError> {
    query("UPDATE checkouts SET status = $3 WHERE id = $1 AND status = $2")
        .bind(id)
        .bind(from)
        .bind(to)
        .execute(conn)
        .await
        .map(|rows| rows > 0)
}

/// Forgets up to `limit` unpaid checkouts that expired before `before`. One stays while anything was booked on it, or while its
/// provider has reported something that is not worked through yet.
pub async fn delete_unpaid(conn: &mut Conn, before: Timestamp, limit: i64) -> Result<u64, StoreError> {
    query(
        "DELETE FROM checkouts WHERE id IN
             (SELECT c.id FROM checkouts c
              WHERE c.status <> 'paid' AND c.expires_at < $1
                AND NOT EXISTS (SELECT 1 FROM payment_events p WHERE p.checkout_id = c.id)
                AND NOT EXISTS (SELECT 1 FROM provider_events e WHERE e.provider = c.provider AND e.handled_at IS NULL)
              LIMIT $2)",
    )
    .bind(before)
    .bind(limit)
    .execute(conn)
    .await
}
