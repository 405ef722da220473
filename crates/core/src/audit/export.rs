//! The audit trail as a table for spreadsheets (RFC 4180).

use std::fmt::Write as _;

use anyhow::Context;
use erpmax_store::audit::{self as store, AuditEntry};
use erpmax_types::TenantId;
use erpmax_types::audit::AuditFilter;

use crate::access::Admin;
use crate::validation::is_forbidden_in_names;
use crate::{Core, Result};

/// Most lines of one table; what is older is asked for with `until`.
pub const MOST_LINES: u32 = 10_000;

const HEADINGS: [&str; 11] = [
    "time",
    "action",
    "actor_email",
    "actor_name",
    "actor_id",
    "session_id",
    "api_key_id",
    "api_key_name",
    "address",
    "target",
    "change",
];

/// What was done in a tenant, newest first, as CSV of at most [`MOST_LINES`] lines.
pub async fn export(core: &Core, admin: &Admin, filter: &AuditFilter) -> Result<String> {
    let entries = entries(core, Some(admin.tenant_id), filter).await?;
    Ok(table(&HEADINGS, entries.into_iter().map(|entry| line(entry).to_vec()))?)
}

/// What was done in a tenant, or anywhere, with whose it is in a column more.
pub(crate) async fn export_all(core: &Core, tenant: Option<TenantId>, filter: &AuditFilter) -> Result<String> {
    let entries = entries(core, tenant, filter).await?;
    let headings: Vec<&str> = HEADINGS.into_iter().chain(["tenant_id"]).collect();
    let line_of_all = |entry: AuditEntry| {
        let tenant = entry.tenant_id.map(|id| id.to_string()).unwrap_or_default();
        line(entry).into_iter().chain([tenant]).collect()
    };
    Ok(table(&headings, entries.into_iter().map(line_of_all))?)
}

async fn entries(core: &Core, tenant: Option<TenantId>, filter: &AuditFilter) -> Result<Vec<AuditEntry>> {
    let mut conn = core.store().read().await?;
    Ok(store::list(&mut conn, tenant, filter, MOST_LINES, 0).await?)
}

fn table(headings: &[&str], lines: impl Iterator<Item = Vec<String>>) -> anyhow::Result<String> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(headings)?;
    for line in lines {
        writer.write_record(line.iter().map(|cell| inert(cell)))?;
    }
    String::from_utf8(writer.into_inner().context("the table cannot be ended")?).context("the table is no text")
}

fn line(entry: AuditEntry) -> [String; 11] {
    let text = Option::unwrap_or_default;
    [
        entry.at.to_string(),
        entry.action,
        text(entry.actor_email),
        text(entry.actor_name),
        text(entry.actor_id.map(|id| id.to_string())),
        text(entry.session_id.map(|id| id.to_string())),
        text(entry.api_key_id.map(|id| id.to_string())),
        text(entry.api_key_name),
        text(entry.address),
        text(entry.target),
        entry.change,
    ]
}

/// A cell that no spreadsheet takes for a formula (OWASP, CSV injection), and in which nothing turns the direction of what
/// follows or breaks its line.
fn inert(cell: &str) -> String {
    let mut plain = String::with_capacity(cell.len());
    for character in cell.chars() {
        if is_forbidden_in_names(character) {
            // Writing to a string cannot fail.
            let _ = write!(plain, "\\u{:04x}", u32::from(character));
        } else {
            plain.push(character);
        }
    }
    // Some take the wide forms of East Asia as well, and look past spaces.
    let begins_formula = |first| matches!(first, '=' | '+' | '-' | '@' | '＝' | '＋' | '－' | '＠');
    if plain.trim_start().starts_with(begins_formula) { format!("'{plain}") } else { plain }
}

#[cfg(test)]
mod tests {
    use super::inert;

    #[test]
    fn no_cell_is_a_formula() {
        for formula in ["=HYPERLINK(\"https://evil.example\")", "+1", "-1", "@SUM(A1)", "  =1", "＝1"] {
            assert_eq!(inert(formula), format!("'{formula}"));
        }
        assert_eq!(inert("\t=1"), r"\u0009=1");
        assert_eq!(inert("Acme = owner"), "Acme = owner");
        assert_eq!(inert(""), "");
    }

    #[test]
    fn no_cell_breaks_its_line_or_turns_the_direction() {
        assert_eq!(inert("Acme\r\n\u{202e}moc"), r"Acme\u000d\u000a\u202emoc");
    }
}
