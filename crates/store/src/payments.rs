//! What payment providers reported: their raw events, and the payments, refunds and failures made of them.

use erpmax_types::billing::{Amount, PaymentEvent, PaymentEventType};
use erpmax_types::{CheckoutId, PaymentEventId, TenantId, Timestamp};
use sqlx::FromRow;

use crate::engine::{Conn, StoreError, query};

/// A provider's event as it came in.
#[derive(Clone, Debug, FromRow)]
pub struct ProviderEventRow {
    /// The provider's name.
    pub provider: String,
    /// The provider's id of it.
    pub event_id: String,
    /// The body, as it was signed.
    pub body: String,
    /// When it came in.
    pub received_at: Timestamp,
    /// When it was worked through.
    pub handled_at: Option<Timestamp>,
}

/// A payment, refund or failure; the amount in minor units.
#[derive(Clone, Debug, FromRow)]
pub struct PaymentEventRow {
    /// The event's id.
    pub id: PaymentEventId,
    /// Whose it is.
    pub tenant_id: TenantId,
    /// The checkout it settles.
    pub checkout_id: Option<CheckoutId>,
    /// The provider's name.
    pub provider: String,
    /// The provider's id of the payment: a payment counts once.
    pub provider_reference: String,
    /// What happened.
    pub event_type: PaymentEventType,
    /// In minor units.
    pub amount: i64,
    /// ISO 4217.
    pub currency: String,
    /// When it happened.
    pub created_at: Timestamp,
}

impl From<PaymentEventRow> for PaymentEvent {
    fn from(row: PaymentEventRow) -> Self {
        Self {
            id: row.id,
            event_type: row.event_type,
            amount: Amount::from_minor(row.amount, &row.currency),
            currency: row.currency,
            created_at: row.created_at,
        }
    }
}

/// Keeps a provider's event; false if it came before.
pub async fn insert_provider_event(
    conn: &mut Conn,
    provider: &str,
    event_id: &str,
    body: &str,
    now: Timestamp,
) -> Result<bool, StoreError> {
    query(
        "INSERT INTO provider_events (provider, event_id, body, received_at) VALUES ($1, $2, $3, $4)
         ON CONFLICT DO NOTHING",
    )
    .bind(provider)
    .bind(event_id)
    .bind(body)
    .bind(now)
    .execute(conn)
    .await
    .map(|rows| rows > 0)
}

/// A provider's event.
pub async fn find_provider_event(
    conn: &mut Conn,
    provider: &str,
    event_id: &str,
) -> Result<Option<ProviderEventRow>, StoreError> {
    query(
        "SELECT provider, event_id, body, received_at, handled_at FROM provider_events
         WHERE provider = $1 AND event_id = $2",
    )
    .bind(provider)
    .bind(event_id)
    .optional(conn)
    .await
}

/// Notes what became of a provider's event.
pub async fn mark_handled(
    conn: &mut Conn,
    provider: &str,
    event_id: &str,
    outcome: &str,
    now: Timestamp,
) -> Result<(), StoreError> {
    query("UPDATE provider_events SET handled_at = $3, outcome = $4 WHERE provider = $1 AND event_id = $2")
        .bind(provider)
        .bind(event_id)
        .bind(now)
        .bind(outcome)
        .execute(conn)
        .await
        .map(drop)
}

/// Keeps a payment event; false if the same payment was kept before.
pub async fn insert(conn: &mut Conn, event: &PaymentEventRow) -> Result<bool, StoreError> {
    query(
        "INSERT INTO payment_events (id, tenant_id, checkout_id, provider, provider_reference, event_type, amount,
             currency, created_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT (provider, provider_reference) DO NOTHING",
    )
    .bind(event.id)
    .bind(event.tenant_id)
    .bind(event.checkout_id)
    .bind(&event.provider)
    .bind(&event.provider_reference)
    .bind(event.event_type)
    .bind(event.amount)
    .bind(&event.currency)
    .bind(event.created_at)
    .execute(conn)
    .await
    .map(|rows| rows > 0)
}

/// A page of a tenant's payment history, newest first.
pub async fn list(
    conn: &mut Conn,
    tenant: TenantId,
    size: u32,
    offset: i64,
) -> Result<Vec<PaymentEventRow>, StoreError> {
    query(
        "SELECT id, tenant_id, checkout_id, provider, provider_reference, event_type, amount, currency, created_at
         FROM payment_events WHERE tenant_id = $1 ORDER BY created_at DESC, id DESC LIMIT $2 OFFSET $3",
    )
    .bind(tenant)
    .bind(i64::from(size))
    .bind(offset)
    .all(conn)
    .await
}

/// How many payment events a tenant has.
pub async fn count(conn: &mut Conn, tenant: TenantId) -> Result<u64, StoreError> {
    query("SELECT COUNT(*) FROM payment_events WHERE tenant_id = $1").bind(tenant).count(conn).await
}

/// Forgets up to `limit` provider events that were worked through before `before`. One that was not stays for ever, and so does
/// what was booked.
pub async fn delete_handled(conn: &mut Conn, before: Timestamp, limit: i64) -> Result<u64, StoreError> {
    query(
        "DELETE FROM provider_events WHERE (provider, event_id) IN
             (SELECT provider, event_id FROM provider_events WHERE handled_at < $1 LIMIT $2)",
    )
    .bind(before)
    .bind(limit)
    .execute(conn)
    .await
}
