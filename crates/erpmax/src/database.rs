//! `erpmax database copy`: an installation outgrows its file and moves to `PostgreSQL`, with everything it has.

pub(crate) mod grant;

use std::fmt::Write as _;
use std::path::Path;

use erpmax_store::copy::{CopiedTable, CopyError, copy};
use serde_json::{Value, json};

use crate::args::CopyArgs;
use crate::configuration::Configuration;
use crate::data::DataFolder;
use crate::failure::Failure;
use crate::printer::Printer;

/// Characters of a checksum that people are shown; JSON has it whole.
const SHOWN: usize = 16;

/// Copies the installation's database to the one at `--to`, while nobody else uses the data folder.
pub(crate) fn copy_database(args: &CopyArgs, printer: &Printer) -> Result<(), Failure> {
    let configuration = args.place.load()?;
    refuse_shared_source(&configuration, &args.to)?;
    if !configuration.data.is_dir() {
        return Err(Failure::wrong(format!(
            "there is no installation to copy: the data folder {} does not exist",
            configuration.data.display()
        )));
    }
    let folder = DataFolder::take(&configuration)?;
    let tables = crate::runtime()?.block_on(copy(&folder.database_url(&configuration), &args.to)).map_err(explain)?;
    let key = folder.master_key_path(&configuration);
    printer.result(&as_json(&tables, &key), &as_text(&tables, &key));
    Ok(())
}

/// What is shared has outgrown its file already.
fn refuse_shared_source(configuration: &Configuration, to: &str) -> Result<(), Failure> {
    let from = configuration.database.url.as_str();
    if from.is_empty() || from.starts_with("sqlite:") {
        return Ok(());
    }
    Err(Failure::wrong(if from == to {
        "database.url is the database to copy to; take it out of the configuration (ERPMAX_DATABASE__URL) until the \
         SQLite database is copied"
    } else {
        "database.url is not a SQLite database; only a SQLite database can be copied"
    }))
}

fn explain(error: CopyError) -> Failure {
    if error.is_wrong_use() { Failure::wrong(error.to_string()) } else { Failure::unexpected(error) }
}

fn as_text(tables: &[CopiedTable], key: &Path) -> String {
    let width = tables.iter().map(|table| table.name.len()).max().unwrap_or(0).max("Table".len());
    let mut text = format!("{:width$}  {:>10}  Checksum\n", "Table", "Rows");
    for table in tables {
        let shown: String = table.checksum.chars().take(SHOWN).collect();
        let _ = writeln!(text, "{:width$}  {:>10}  {shown}", table.name, table.rows);
    }
    let rows: u64 = tables.iter().map(|table| table.rows).sum();
    let _ = write!(
        text,
        "Copied {rows} rows of {} tables. Counts and checksums, read back from the new database, are those of the old \
         one.\n\n{}\nNext: set ERPMAX_DATABASE__URL to the new database and start `erpmax serve`. The old file \
         stays as it was.",
        tables.len(),
        key_note(key),
    );
    text
}

/// Secrets were copied as they are: sealed.
fn key_note(key: &Path) -> String {
    format!(
        "The new database needs the same master key: {}. With this data folder it is found by itself; elsewhere copy \
         the file, and name it by ERPMAX_MASTER_KEY_FILE.",
        key.display()
    )
}

fn as_json(tables: &[CopiedTable], key: &Path) -> Value {
    let tables: Vec<Value> = tables
        .iter()
        .map(|table| json!({"table": table.name, "rows": table.rows, "checksum": table.checksum}))
        .collect();
    json!({"tables": tables, "master_key_file": key})
}
