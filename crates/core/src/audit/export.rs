//! The audit trail as a table for spreadsheets (RFC 4180).

use std::fmt::Write as _;

use anyhow::Context;
use erpmax_store::audit::{self as store, AuditEntry};
use erpmax_types::audit::AuditFilter;

use crate::access::Admin;
use crate::validation::is_forbidden_in_names;
use crate::{Core, Result};

/// Most lines of one table; what is older is asked for with `until`.
pub const MOST_LINES: u32 = 10_000;

const HEADINGS: [&str; 9] =
    ["time", "action", "actor_email", "actor_name", "actor_id", "session_id", "address", "target", "change"];

/// What was done in a tenant, newest first, as CSV of at most [`MOST_LINES`] lines.
pub async fn export(core: &Core, admin: &Admin, filter: &AuditFilter) -> Result<String> {
    let mut conn = core.store().read().await?;
    let entries = store::list(&mut conn, Some(admin.tenant_id), filter, MOST_LINES, 0).await?;
    drop(conn);
    Ok(table(entries)?)
}

fn table(entries: Vec<AuditEntry>) -> anyhow::Result<String> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(HEADINGS)?;
    for entry in entries {
        writer.write_record(line(entry).iter().map(|cell| inert(cell)))?;
    }
    String::from_utf8(writer.into_inner().context("the table cannot be ended")?).context("the table is no text")
}

fn line(entry: AuditEntry) -> [String; 9] {
    let text = Option::unwrap_or_default;
    [
        entry.at.to_string(),
        entry.action,
        text(entry.actor_email),
        text(entry.actor_name),
        text(entry.actor_id.map(|id| id.to_string())),
        text(entry.session_id.map(|id| id.to_string())),
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
