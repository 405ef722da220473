//! Name and settings of a tenant.

use erpmax_store::tenants;
use erpmax_types::ErrorCode;
use erpmax_types::tenants::{Tenant, UpdateTenant};
use serde_json::{Map, Value, json};

use super::switches::{Switch, turn};
use super::to_tenant;
use crate::access::Admin;
use crate::audit::{Action, record};
use crate::messages::Language;
use crate::validation::Fields;
use crate::{Core, Result};

const SETTINGS_BYTES: usize = 16 * 1024;
const SETTINGS_DEPTH: usize = 4;

/// Changes what the request names and leaves the rest.
pub async fn update(core: &Core, admin: &Admin, request: &UpdateTenant) -> Result<Tenant> {
    let mut fields = Fields::default();
    let name = request.name.as_deref().map(|name| fields.name("name", name));
    if let Some(settings) = &request.settings {
        check_settings(&mut fields, settings);
    }
    fields.check()?;

    let mut tx = core.store().begin().await?;
    tenants::lock(&mut tx, admin.tenant_id).await?;
    let settings = match &request.settings {
        Some(settings) => Some(Value::Object(turn(core, &mut tx, admin, settings.clone()).await?).to_string()),
        None => None,
    };
    tenants::update(&mut tx, admin.tenant_id, name.as_deref(), settings.as_deref(), core.now()).await?;
    let row = tenants::find(&mut tx, admin.tenant_id).await?.ok_or(ErrorCode::NotFound)?;
    let tenant = Some(admin.tenant_id);
    let change = json!({"name": name, "settings": request.settings});
    let target = tenant.map(|id| id.to_string());
    record(core, &mut tx, (&***admin).into(), Action { name: "tenants.update", tenant, target, change }).await?;
    tx.commit().await?;
    to_tenant(core, row)
}

/// Settings are the tenant's own; the keys that we know have a type, and none is ever read for rights.
fn check_settings(fields: &mut Fields, settings: &Map<String, Value>) {
    let value = Value::Object(settings.clone());
    if value.to_string().len() > SETTINGS_BYTES {
        fields.problem("settings", "settings_too_large");
    }
    if depth(&value) > SETTINGS_DEPTH {
        fields.problem("settings", "settings_too_deep");
    }
    check_word(fields, settings, "language", |text| Language::from_tag(text).tag() == text);
    check_word(fields, settings, "timezone", is_time_zone);
    check_word(fields, settings, "country", |text| is_upper_case(text, 2));
    check_word(fields, settings, "currency", |text| is_upper_case(text, 3));
    for key in Switch::ALL.map(Switch::key) {
        if settings.get(key).is_some_and(|value| !value.is_boolean()) {
            fields.problem("settings", key);
        }
    }
}

fn check_word(fields: &mut Fields, settings: &Map<String, Value>, key: &'static str, good: fn(&str) -> bool) {
    if let Some(value) = settings.get(key)
        && !value.as_str().is_some_and(good)
    {
        fields.problem("settings", key);
    }
}

fn is_upper_case(text: &str, length: usize) -> bool {
    text.len() == length && text.bytes().all(|byte| byte.is_ascii_uppercase())
}

/// The shape of a name in the IANA time zone database.
fn is_time_zone(text: &str) -> bool {
    let part_is_good = |part: &str| {
        part.starts_with(|first: char| first.is_ascii_alphabetic())
            && part.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '+'))
    };
    text.len() <= 64 && (text == "UTC" || text.contains('/')) && text.split('/').all(part_is_good)
}

/// Levels of nesting; a value that holds no other is level 0.
fn depth(value: &Value) -> usize {
    match value {
        Value::Object(map) => 1 + map.values().map(depth).max().unwrap_or(0),
        Value::Array(list) => 1 + list.iter().map(depth).max().unwrap_or(0),
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn depth_counts_levels() {
        assert_eq!(depth(&json!({})), 1);
        assert_eq!(depth(&json!({"a": {"b": [1]}})), 3);
    }

    #[test]
    fn time_zones_have_a_shape() {
        assert!(is_time_zone("Europe/Kyiv") && is_time_zone("UTC") && is_time_zone("America/Argentina/Buenos_Aires"));
        assert!(!is_time_zone("Kyiv") && !is_time_zone("../etc/passwd") && !is_time_zone("Europe/"));
    }
}
