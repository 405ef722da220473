//! Python's programs that tests use: `cargo xtask test` prepares them.

use std::path::{Path, PathBuf};

/// Where a program is, such as `python`.
pub fn python_program(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/python/bin");
    let program = folder.join(name);
    assert!(program.exists(), "{} is missing: `cargo xtask test` prepares it", program.display());
    program
}
