//! `erpmax plan`: the price list.

use serde_json::json;

use super::Desk;
use super::args::PlanCommand;
use super::output::money;
use super::table::Table;
use crate::failure::Failure;

pub(super) async fn run(command: &PlanCommand, desk: &Desk<'_>) -> Result<(), Failure> {
    match command {
        PlanCommand::List => list(desk).await,
    }
}

async fn list(desk: &Desk<'_>) -> Result<(), Failure> {
    let plans = desk.client.billing().plans().await?;
    let mut table = Table::new().whole("Plan").text("Name").whole("A month").whole("A year").whole("Users");
    for plan in &plans {
        let (month, year) = (money(plan.price_monthly, &plan.currency), money(plan.price_yearly, &plan.currency));
        let users = plan.limits.get("users").map_or_else(|| "any".to_owned(), ToString::to_string);
        table.row([plan.slug.clone(), plan.name.clone(), month, year, users]);
    }
    desk.table(&json!({"plans": plans}), &table, "Nothing can be bought here.");
    Ok(())
}
