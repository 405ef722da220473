//! `cargo xtask openapi`: keeps docs/openapi.json as the program says it.

use std::fs;
use std::path::PathBuf;

use anyhow::{Context as _, Result, bail};
use clap::Args;

use crate::command::{build_erpmax, erpmax, program, read, root};

const DOCUMENT: &str = "docs/openapi.json";

/// What to do with the document.
#[derive(Args)]
pub(crate) struct Options {
    /// Writes nothing, and fails if the document is out of date.
    #[arg(long)]
    check: bool,
}

/// Writes the document, or checks it.
pub(crate) fn run(options: &Options) -> Result<()> {
    if options.check { check() } else { write() }
}

/// Fails if the written document is not the one that the program has.
pub(crate) fn check() -> Result<()> {
    let document = document()?;
    let written = fs::read(path()).with_context(|| format!("Failed to read {DOCUMENT}"))?;
    if written != document {
        bail!("{DOCUMENT} is out of date: run `cargo xtask openapi`");
    }
    println!("{DOCUMENT} is up to date");
    Ok(())
}

fn write() -> Result<()> {
    let document = document()?;
    fs::create_dir_all(root().join("docs")).context("Failed to make the folder docs")?;
    fs::write(path(), document).with_context(|| format!("Failed to write {DOCUMENT}"))?;
    println!("{DOCUMENT} is written");
    Ok(())
}

fn document() -> Result<Vec<u8>> {
    build_erpmax()?;
    read(&mut program(&erpmax().to_string_lossy(), &["openapi"]))
}

fn path() -> PathBuf {
    root().join(DOCUMENT)
}
