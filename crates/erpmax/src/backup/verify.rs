//! `erpmax backup verify`: reads a whole backup, and looks at its contents where it can be opened.

use std::io::{self, Read, Write};
use std::path::Path;

use erpmax_store::backup::{Contents, contents_of_sqlite};
use flate2::read::GzDecoder;
use serde_json::json;

use super::archive::{self, damaged};
use super::create::explain;
use super::manifest::{Kind, Manifest};
use super::programs;
use crate::failure::Failure;
use crate::key_file::private_file;
use crate::printer::Printer;

pub(super) fn run(file: &Path, passphrase: Option<&str>, printer: &Printer) -> Result<(), Failure> {
    let manifest = archive::manifest(file)?;
    archive::check_sums(file)?;
    let can_be_opened = manifest.sealed.is_none() || passphrase.is_some();
    if can_be_opened {
        archive::check_passphrase(file, passphrase)?;
        look_inside(file, passphrase, &manifest)?;
    }
    let rows: u64 = manifest.tables.values().sum();
    let depth = if can_be_opened {
        "It was opened, and its contents are whole."
    } else {
        "It is sealed; without its passphrase the checksums were compared, but it was not opened."
    };
    let text = format!(
        "The backup {} is good: {} of {}, {rows} rows of {} tables, migration {}, written by ERPMax {}.\n{depth}",
        file.display(),
        manifest.database.name(),
        manifest.created_at,
        manifest.tables.len(),
        manifest.schema,
        manifest.erpmax,
    );
    printer.result(&json!({"file": file, "opened": can_be_opened, "manifest": manifest}), &text);
    Ok(())
}

fn look_inside(file: &Path, passphrase: Option<&str>, manifest: &Manifest) -> Result<(), Failure> {
    let scratch = std::env::temp_dir().join(format!("erpmax-verify-{}", erpmax_core::random_token()));
    let looked = match manifest.database {
        Kind::Sqlite => open_copy(file, passphrase, manifest, &scratch),
        Kind::Postgres => programs::read(&scratch, |to| feed_dump(file, passphrase, to)),
    };
    let _ = std::fs::remove_file(&scratch);
    looked
}

fn open_copy(file: &Path, passphrase: Option<&str>, manifest: &Manifest, copy: &Path) -> Result<(), Failure> {
    extract_sqlite(file, passphrase, copy)?;
    let contents = crate::runtime()?.block_on(contents_of_sqlite(copy)).map_err(explain)?;
    compare(file, manifest, &contents)
}

/// Hands the dump of a backup to `pg_restore`.
pub(super) fn feed_dump(file: &Path, passphrase: Option<&str>, to: &mut dyn Write) -> Result<(), Failure> {
    let found = archive::read_entry(file, passphrase, Kind::Postgres.entry(), |entry| {
        copy(entry, to).map_err(|problem| match problem {
            Problem::Reading(error) => damaged(file, &error),
            Problem::Writing(_) => Failure::wrong("pg_restore stopped reading"),
        })
    })?;
    if found { Ok(()) } else { Err(damaged(file, &"it holds no database")) }
}

/// Writes the database of a backup to a new file.
pub(super) fn extract_sqlite(file: &Path, passphrase: Option<&str>, to: &Path) -> Result<(), Failure> {
    let unwritable = |error: io::Error| Failure::wrong(format!("{} cannot be written: {error}", to.display()));
    let mut target = private_file().create_new(true).open(to).map_err(unwritable)?;
    let found = archive::read_entry(file, passphrase, Kind::Sqlite.entry(), |entry| {
        copy(&mut GzDecoder::new(entry), &mut target).map_err(|problem| match problem {
            Problem::Reading(error) => damaged(file, &error),
            Problem::Writing(error) => unwritable(error),
        })
    })?;
    if found { target.sync_all().map_err(unwritable) } else { Err(damaged(file, &"it holds no database")) }
}

enum Problem {
    Reading(io::Error),
    Writing(io::Error),
}

fn copy(from: &mut dyn Read, to: &mut dyn Write) -> Result<(), Problem> {
    let mut buffer = vec![0; 64 * 1024];
    loop {
        match from.read(&mut buffer).map_err(Problem::Reading)? {
            0 => return Ok(()),
            read => to.write_all(&buffer[..read]).map_err(Problem::Writing)?,
        }
    }
}

/// Refuses contents that are not those of the manifest.
pub(super) fn compare(file: &Path, manifest: &Manifest, contents: &Contents) -> Result<(), Failure> {
    let tables = contents.tables.iter().cloned().collect();
    if contents.schema == manifest.schema && manifest.tables == tables {
        return Ok(());
    }
    Err(damaged(file, &"the tables have other numbers of rows than its manifest says"))
}
