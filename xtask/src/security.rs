//! docs/security.md names the test that shows each item: such a test has to be there.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};

use crate::command::root;

const DOCUMENT: &str = "docs/security.md";
const CODE: [&str; 2] = ["crates", "xtask/src"];

/// Looks for every test that the document names, as `file::name` or `folder::file::name`.
pub(crate) fn check() -> Result<()> {
    let document = fs::read_to_string(root().join(DOCUMENT)).with_context(|| format!("Failed to read {DOCUMENT}"))?;
    let mut files = Vec::new();
    for folder in CODE {
        collect(&root().join(folder), &mut files)?;
    }
    let named = named_tests(&document);
    let missing: Vec<&str> = named.iter().copied().filter(|name| !exists(name, &files)).collect();
    if named.is_empty() || !missing.is_empty() {
        bail!("{DOCUMENT} names tests that there are not: {}", missing.join(", "));
    }
    println!("{DOCUMENT} names {} tests, and all of them are there", named.len());
    Ok(())
}

/// What stands between backquotes and has a `::`, without blanks.
fn named_tests(document: &str) -> Vec<&str> {
    let quoted = document.split('`').skip(1).step_by(2);
    quoted.filter(|text| text.contains("::") && !text.contains(char::is_whitespace)).collect()
}

fn collect(folder: &Path, files: &mut Vec<(PathBuf, String)>) -> Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            collect(&path, files)?;
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push((path.clone(), fs::read_to_string(&path)?));
        }
    }
    Ok(())
}

/// Whether a file at the end of whose path the modules stand has a test of this name, or makes one by a macro.
fn exists(name: &str, files: &[(PathBuf, String)]) -> bool {
    let Some((modules, test)) = name.rsplit_once("::") else { return false };
    let file = modules.replace("::", "/");
    let ends = [format!("{file}.rs"), format!("{file}/main.rs"), format!("{file}/mod.rs")];
    let holds = |text: &str| text.contains(&format!("fn {test}()")) || text.contains(&format!(" {test}: "));
    files.iter().any(|(path, text)| ends.iter().any(|end| path.ends_with(end)) && holds(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_what_stands_in_backquotes_with_colons() {
        let document = "| 6.2.1 | `register::a_name` and `auth::login::other` | `no name` `cargo test a::b c` |";
        assert_eq!(named_tests(document), ["register::a_name", "auth::login::other"]);
    }

    #[test]
    fn a_test_is_looked_for_in_its_file() {
        let text = "async fn it_works() {}\nhappens! {\n    it_happens: run,\n}".to_owned();
        let files = [(PathBuf::from("crates/server/tests/api/auth/login.rs"), text)];
        for (name, found) in [
            ("login::it_works", true),
            ("auth::login::it_works", true),
            ("login::it_happens", true),
            ("logout::it_works", false),
            ("login::it_work", false),
        ] {
            assert_eq!(exists(name, &files), found, "{name}");
        }
    }
}
