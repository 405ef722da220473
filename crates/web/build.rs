//! Makes a constant of each message in the catalogues, and fails where a language lacks one or gives it other places to fill.
//!
//! So a key that is written wrong does not compile, and one that nothing uses is a warning.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs};

use fluent_syntax::ast::{Entry, Expression, InlineExpression, Pattern, PatternElement};
use fluent_syntax::parser;

const FOLDER: &str = "locales";
/// The language that the others are compared with.
const FIRST: &str = "en";

/// A message's key and the names of its places.
type Catalogue = BTreeMap<String, BTreeSet<String>>;

fn main() {
    println!("cargo::rerun-if-changed={FOLDER}");
    match write() {
        Ok(()) => {}
        Err(problem) => {
            println!("cargo::error={problem}");
        }
    }
}

fn write() -> Result<(), String> {
    let first = read(&Path::new(FOLDER).join(FIRST))?;
    for folder in folders()? {
        let language = folder.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        compare(&first, &read(&folder)?, &language)?;
    }
    let mut text = String::new();
    for key in first.keys() {
        let name = key.replace('-', "_").to_uppercase();
        // Nothing can fail when a string is written to.
        let _ = writeln!(text, "/// `{key}`\npub(crate) const {name}: Key = Key(\"{key}\");");
    }
    let place = env::var_os("OUT_DIR").ok_or("no OUT_DIR")?;
    fs::write(PathBuf::from(place).join("key.rs"), text).map_err(|error| error.to_string())
}

fn folders() -> Result<Vec<PathBuf>, String> {
    let entries = fs::read_dir(FOLDER).map_err(|error| format!("{FOLDER}: {error}"))?;
    entries.map(|entry| entry.map(|entry| entry.path()).map_err(|error| error.to_string())).collect()
}

fn read(folder: &Path) -> Result<Catalogue, String> {
    let mut catalogue = Catalogue::new();
    let entries = fs::read_dir(folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    for entry in entries {
        let path = entry.map_err(|error| error.to_string())?.path();
        let text = fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.display()))?;
        let resource = parser::parse(text.as_str()).map_err(|(_, errors)| format!("{}: {errors:?}", path.display()))?;
        for entry in resource.body {
            let Entry::Message(message) = entry else { continue };
            let mut places = BTreeSet::new();
            if let Some(pattern) = &message.value {
                collect(pattern, &mut places);
            }
            if catalogue.insert(message.id.name.to_owned(), places).is_some() {
                return Err(format!("{}: `{}` is there twice", path.display(), message.id.name));
            }
        }
    }
    Ok(catalogue)
}

fn collect(pattern: &Pattern<&str>, places: &mut BTreeSet<String>) {
    for element in &pattern.elements {
        let PatternElement::Placeable { expression } = element else { continue };
        let inline = match expression {
            Expression::Inline(inline) => inline,
            Expression::Select { selector, variants } => {
                for variant in variants {
                    collect(&variant.value, places);
                }
                selector
            }
        };
        if let InlineExpression::VariableReference { id } = inline {
            places.insert(id.name.to_owned());
        }
    }
}

fn compare(first: &Catalogue, other: &Catalogue, language: &str) -> Result<(), String> {
    for (key, places) in first {
        match other.get(key) {
            None => return Err(format!("{FOLDER}/{language} lacks `{key}`")),
            Some(found) if found != places => {
                return Err(format!(
                    "{FOLDER}/{language}: `{key}` has the places {found:?}, and {FIRST} has {places:?}"
                ));
            }
            Some(_) => {}
        }
    }
    match other.keys().find(|key| !first.contains_key(*key)) {
        Some(key) => Err(format!("{FOLDER}/{language} has `{key}`, which {FOLDER}/{FIRST} lacks")),
        None => Ok(()),
    }
}
