//! `erpmax tenant`: companies.

use erpmax_client::types::TenantId;
use erpmax_client::types::tenants::{Tenant, UpdateTenant};
use erpmax_client::types::users::Me;
use futures_util::TryStreamExt as _;
use serde_json::{Map, Value, json};

use super::args::TenantCommand;
use super::explain::refused;
use super::output::{Fields, document, when, word};
use super::table::Table;
use super::{Desk, table};
use crate::failure::Failure;

pub(super) async fn run(command: &TenantCommand, desk: &Desk<'_>) -> Result<(), Failure> {
    match command {
        TenantCommand::List => list(desk).await,
        TenantCommand::Show { tenant } => show(&find(tenant.as_deref(), desk).await?, desk),
        TenantCommand::Switch { tenant } => switch(tenant, desk).await,
        TenantCommand::Rename { name, of } => rename(name, of.tenant.as_deref(), desk).await,
        TenantCommand::Set { settings, of } => set(settings, of.tenant.as_deref(), desk).await,
    }
}

/// The company that is meant: the present one, or by slug or id.
pub(super) async fn find(tenant: Option<&str>, desk: &Desk<'_>) -> Result<Tenant, Failure> {
    let tenants = desk.client.tenants();
    let Some(wanted) = tenant else { return Ok(tenants.current().await?) };
    if let Ok(id) = wanted.parse::<TenantId>() {
        return Ok(tenants.get(id).await?);
    }
    let mut all = tenants.list().size(100).stream();
    while let Some(tenant) = all.try_next().await? {
        if tenant.slug == wanted {
            return Ok(tenant);
        }
    }
    Err(refused(format!("You belong to no company `{wanted}`."), "See which there are: erpmax tenant list"))
}

async fn list(desk: &Desk<'_>) -> Result<(), Failure> {
    let tenants: Vec<Tenant> = desk.client.tenants().list().size(100).stream().try_collect().await?;
    let me = desk.client.auth().me().await?;
    let present = me.current_tenant.as_ref().map(|tenant| tenant.id);
    let mut table = Table::new().whole("Here").text("Company").whole("Slug").whole("Role").whole("Status").text("Site");
    let mut documents = Vec::new();
    for tenant in &tenants {
        let role = role(&me, tenant.id);
        let is_present = present == Some(tenant.id);
        let site = tenant.erpnext_site_url.clone().unwrap_or_default();
        let mark = if is_present { "here" } else { "" };
        table.row([
            mark.to_owned(),
            tenant.name.clone(),
            tenant.slug.clone(),
            role.clone(),
            word(&tenant.status),
            site,
        ]);
        let mut document = document(tenant)?;
        document["role"] = json!(role);
        document["is_current"] = json!(is_present);
        documents.push(document);
    }
    desk.table(&json!({"tenants": documents}), &table, "You belong to no company.");
    Ok(())
}

fn role(me: &Me, tenant: TenantId) -> String {
    let membership = me.tenants.iter().find(|membership| membership.tenant_id == tenant);
    membership.map(|membership| membership.role.to_string()).unwrap_or_default()
}

fn show(tenant: &Tenant, desk: &Desk<'_>) -> Result<(), Failure> {
    let fields = Fields::default()
        .with("Company", &tenant.name)
        .with("Slug", &tenant.slug)
        .with("Status", word(&tenant.status))
        .with("Site", tenant.erpnext_site_url.as_deref().unwrap_or("none: erpmax site create"))
        .with_some("Settings", Some(settings_as_text(&tenant.settings)).filter(|text| !text.is_empty()))
        .with("Since", when(tenant.created_at))
        .with("Id", tenant.id);
    desk.fields(&document(tenant)?, &fields);
    Ok(())
}

fn settings_as_text(settings: &Map<String, Value>) -> String {
    let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), ToOwned::to_owned);
    settings.iter().map(|(key, value)| format!("{key}={}", text(value))).collect::<Vec<_>>().join(" ")
}

async fn switch(tenant: &str, desk: &Desk<'_>) -> Result<(), Failure> {
    let tenant = find(Some(tenant), desk).await?;
    let tenant = desk.client.auth().switch_tenant(tenant.id).await?.tenant;
    said(&tenant, &format!("You are in {} ({}) now.", tenant.name, tenant.slug), desk)
}

async fn rename(name: &str, of: Option<&str>, desk: &Desk<'_>) -> Result<(), Failure> {
    let before = find(of, desk).await?;
    let update = UpdateTenant { name: Some(name.to_owned()), settings: None };
    let tenant = desk.client.tenants().update(before.id, &update).await?;
    said(&tenant, &format!("{} is called {} now.", before.name, tenant.name), desk)
}

/// Settings are replaced as a whole, so the others are sent along.
async fn set(changes: &[(String, String)], of: Option<&str>, desk: &Desk<'_>) -> Result<(), Failure> {
    let before = find(of, desk).await?;
    let mut settings = before.settings;
    for (key, value) in changes {
        match value.as_str() {
            "" => settings.remove(key),
            text => settings.insert(key.clone(), value_of(text)),
        };
    }
    let update = UpdateTenant { name: None, settings: Some(settings) };
    let tenant = desk.client.tenants().update(before.id, &update).await?;
    let text = match settings_as_text(&tenant.settings) {
        text if text.is_empty() => "There are no settings now.".to_owned(),
        text => format!("Settings: {text}"),
    };
    said(&tenant, &text, desk)
}

/// true, false, numbers and other JSON as such; everything else is text.
fn value_of(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|_| json!(text))
}

fn said(tenant: &Tenant, text: &str, desk: &Desk<'_>) -> Result<(), Failure> {
    desk.printer.done(&document(tenant)?, &table::clean(text));
    Ok(())
}
