//! Plans that can be bought.

use erpmax_types::PlanId;
use sqlx::FromRow;

use crate::engine::{Conn, StoreError, query};

/// A plan as it is kept; prices in minor units.
#[derive(Clone, Debug, FromRow)]
pub struct PlanRow {
    /// The plan's id.
    pub id: PlanId,
    /// Its name.
    pub name: String,
    /// Its stable word.
    pub slug: String,
    /// One sentence about it.
    pub description: Option<String>,
    /// Price of a month.
    pub price_monthly: i64,
    /// Price of a year.
    pub price_yearly: i64,
    /// ISO 4217.
    pub currency: String,
    /// JSON object of limits.
    pub limits: String,
    /// JSON list of sentences.
    pub features: String,
    /// Whether it can be bought.
    pub is_active: bool,
    /// Whether new tenants try this one.
    pub is_default: bool,
    /// Place in the price list.
    pub sort_order: i64,
}

/// The plans that can be bought, in the order of the price list.
pub async fn list_active(conn: &mut Conn) -> Result<Vec<PlanRow>, StoreError> {
    query("SELECT * FROM plans WHERE is_active ORDER BY sort_order, slug").all(conn).await
}

/// A plan by its id.
pub async fn find(conn: &mut Conn, id: PlanId) -> Result<Option<PlanRow>, StoreError> {
    query("SELECT * FROM plans WHERE id = $1").bind(id).optional(conn).await
}

/// The plan that new tenants try.
pub async fn find_default(conn: &mut Conn) -> Result<Option<PlanRow>, StoreError> {
    query("SELECT * FROM plans WHERE is_default AND is_active ORDER BY sort_order LIMIT 1").optional(conn).await
}

/// Adds a plan unless its slug is there.
pub async fn insert(conn: &mut Conn, plan: &PlanRow) -> Result<(), StoreError> {
    query(
        "INSERT INTO plans (id, name, slug, description, price_monthly, price_yearly, currency, limits, features,
             is_active, is_default, sort_order)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) ON CONFLICT (slug) DO NOTHING",
    )
    .bind(plan.id)
    .bind(&plan.name)
    .bind(&plan.slug)
    .bind(&plan.description)
    .bind(plan.price_monthly)
    .bind(plan.price_yearly)
    .bind(&plan.currency)
    .bind(&plan.limits)
    .bind(&plan.features)
    .bind(plan.is_active)
    .bind(plan.is_default)
    .bind(plan.sort_order)
    .execute(conn)
    .await
    .map(drop)
}
