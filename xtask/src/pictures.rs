//! `cargo xtask pictures`: every letter in every language, as a telephone and a computer show it.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Result, bail};

use crate::command::{cargo, find, program, read, root, run as run_command};

/// Widths of a window, in pixels.
const WIDTHS: [u32; 2] = [375, 700];

/// Writes `target/letters/{letter}-{language}-{width}.png`.
pub(crate) fn run() -> Result<()> {
    let Some(browser) = ["chromium", "google-chrome"].into_iter().find(|name| find(name).is_some()) else {
        bail!("Pictures need Chromium; install Debian's package chromium");
    };
    let test = ["test", "--package", "erpmax-core", "--lib", "lay_the_letters_out", "--", "--ignored"];
    run_command(&mut cargo(&test))?;
    let pages = pages(&root().join("target/letters"))?;
    for page in &pages {
        for width in WIDTHS {
            take(browser, page, width)?;
        }
    }
    println!("{} pictures are in target/letters", pages.len() * WIDTHS.len());
    Ok(())
}

fn pages(folder: &Path) -> Result<Vec<PathBuf>> {
    let files = fs::read_dir(folder)?.map(|entry| entry.map(|entry| entry.path())).collect::<Result<Vec<_>, _>>()?;
    Ok(files.into_iter().filter(|file| file.extension().is_some_and(|extension| extension == "html")).collect())
}

fn take(browser: &str, page: &Path, width: u32) -> Result<()> {
    let name = page.file_stem().unwrap_or_default().to_string_lossy();
    let picture = page.with_file_name(format!("{name}-{width}.png"));
    let mut command = program(browser, &["--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars"]);
    command.arg(format!("--window-size={width},760")).arg(format!("--screenshot={}", picture.display()));
    read(command.arg(format!("file://{}", page.display()))).map(drop)
}
