//! `erpmax invoice`: what was paid.

use erpmax_client::types::billing::PaymentEvent;
use futures_util::TryStreamExt as _;
use serde_json::json;

use super::Desk;
use super::args::InvoiceCommand;
use super::output::{minute, money, word};
use super::table::Table;
use crate::failure::Failure;

pub(super) async fn run(command: &InvoiceCommand, desk: &Desk<'_>) -> Result<(), Failure> {
    match command {
        InvoiceCommand::List => list(desk).await,
    }
}

async fn list(desk: &Desk<'_>) -> Result<(), Failure> {
    let invoices: Vec<PaymentEvent> = desk.client.billing().invoices().size(100).stream().try_collect().await?;
    let mut table = Table::new().whole("When (UTC)").text("What").whole("Amount").whole("Id");
    for invoice in &invoices {
        let amount = money(invoice.amount, &invoice.currency);
        table.row([minute(invoice.created_at), word(&invoice.event_type), amount, invoice.id.to_string()]);
    }
    desk.table(&json!({"invoices": invoices}), &table, "Nothing was paid yet.");
    Ok(())
}
