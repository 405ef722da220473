//! The price list.

use erpmax_store::plans::{self, PlanRow};
use erpmax_store::{Store, installation};
use erpmax_types::billing::{Amount, Plan};
use serde_json::json;

use crate::{Clock, Core, Result};

/// Marks that the first plans were made: an operator who removes one does not get it back.
const SEEDED: &str = "plans_seeded";

/// The plans that can be bought.
pub async fn list(core: &Core) -> Result<Vec<Plan>> {
    plans::list_active(&mut core.store().read().await?).await?.into_iter().map(to_plan).collect()
}

/// A plan as the wire shows it.
pub(crate) fn to_plan(row: PlanRow) -> Result<Plan> {
    Ok(Plan {
        id: row.id,
        name: row.name,
        slug: row.slug,
        description: row.description,
        price_monthly: Amount::from_minor(row.price_monthly, &row.currency),
        price_yearly: Amount::from_minor(row.price_yearly, &row.currency),
        currency: row.currency,
        limits: serde_json::from_str(&row.limits)?,
        features: serde_json::from_str(&row.features)?,
        is_active: row.is_active,
        sort_order: row.sort_order,
    })
}

/// Makes the first price list.
pub(crate) async fn seed(store: &Store, clock: &Clock) -> anyhow::Result<()> {
    if installation::find(&mut store.read().await?, SEEDED).await?.is_some() {
        return Ok(());
    }
    let mut tx = store.begin().await?;
    if installation::insert(&mut tx, SEEDED, "1").await? {
        for plan in first_plans(clock) {
            plans::insert(&mut tx, &plan).await?;
        }
    }
    Ok(tx.commit().await?)
}

fn first_plans(clock: &Clock) -> [PlanRow; 3] {
    let plan =
        |number: i64, name: &str, description: &str, monthly: i64, limits: serde_json::Value, features: &[&str]| {
            PlanRow {
                id: clock.id(),
                name: name.to_owned(),
                slug: name.to_lowercase(),
                description: Some(description.to_owned()),
                price_monthly: monthly,
                price_yearly: monthly * 10,
                currency: "USD".to_owned(),
                limits: limits.to_string(),
                features: json!(features).to_string(),
                is_active: true,
                is_default: number == 1,
                sort_order: number,
            }
        };
    [
        plan(
            1,
            "Starter",
            "For a company that begins.",
            2_900,
            json!({"users": 3, "sites": 1, "storage_gb": 5}),
            &["ERPNext with all modules", "3 people", "5 GB of files", "Daily backups"],
        ),
        plan(
            2,
            "Business",
            "For a company that grows.",
            7_900,
            json!({"users": 15, "sites": 1, "storage_gb": 30}),
            &["ERPNext with all modules", "15 people", "30 GB of files", "Daily backups, kept for a month"],
        ),
        plan(
            3,
            "Enterprise",
            "For many people in many places.",
            24_900,
            json!({"sites": 1, "storage_gb": 200}),
            &[
                "ERPNext with all modules",
                "As many people as you like",
                "200 GB of files",
                "Daily backups, kept for a year",
            ],
        ),
    ]
}
