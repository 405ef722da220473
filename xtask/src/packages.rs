//! What the tests need besides Rust: looked for, and installed when it is missing.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Result, bail};

use crate::command::{find, is_root, program, read_text, root, run};
use crate::postgres;

/// The suite that plays the guide's client.
pub(crate) const SEED_CLIENT: &str = "tests/seed-client";
/// Python's packages that tests use: a mail server and a fuzzer.
const PYTHON_PACKAGES: &str = "crates/erpmax/tests/requirements.txt";
const OLDEST_NODE: u32 = 18;

/// What a run needs.
#[derive(Clone, Copy, Default)]
#[expect(clippy::struct_excessive_bools, reason = "each is a thing of its own to look for")]
pub(crate) struct Needs {
    /// A PostgreSQL server to start.
    pub(crate) server: bool,
    /// PostgreSQL's command line client.
    pub(crate) client: bool,
    /// Node and npm.
    pub(crate) node: bool,
    /// Python with the packages that tests use.
    pub(crate) python: bool,
    /// What builds a bare Debian and boots it.
    pub(crate) bare_machine: bool,
}

/// Makes sure that everything needed is here.
pub(crate) fn prepare(needs: Needs) -> Result<()> {
    let missing = missing(needs);
    if !missing.is_empty() {
        install(&missing)?;
    }
    if needs.node {
        check_node()?;
        install_modules()?;
    }
    if needs.python {
        install_python_packages()?;
    }
    Ok(())
}

/// The names of Debian's packages that are missing.
fn missing(needs: Needs) -> Vec<&'static str> {
    let wanted = [
        (needs.server && postgres::installation().is_none(), "postgresql"),
        (needs.client && find("psql").is_none(), "postgresql-client"),
        (needs.node && find("node").is_none(), "nodejs"),
        (needs.node && find("npm").is_none(), "npm"),
        (needs.python && !has_venv(), "python3-venv"),
        (needs.bare_machine && find("mmdebstrap").is_none(), "mmdebstrap"),
        (needs.bare_machine && find("systemd-nspawn").is_none(), "systemd-container"),
        (needs.bare_machine && find("openssl").is_none(), "openssl"),
    ];
    wanted.into_iter().filter(|(missing, _)| *missing).map(|(_, name)| name).collect()
}

fn install(packages: &[&str]) -> Result<()> {
    let names = packages.join(" ");
    if find("apt-get").is_none() || !is_root()? {
        bail!("The tests need what Debian has in these packages; install them first: {names}");
    }
    run(&mut program("apt-get", &["update"]))?;
    let mut command = program("apt-get", &["install", "--yes", "--no-install-recommends"]);
    run(command.args(packages).env("DEBIAN_FRONTEND", "noninteractive"))
}

fn check_node() -> Result<()> {
    let version = read_text(&mut program("node", &["--version"]))?;
    if major(&version).is_none_or(|major| major < OLDEST_NODE) {
        bail!("The tests need Node {OLDEST_NODE} or newer, and `node` is {version}");
    }
    Ok(())
}

/// The 20 of "v20.1.0".
fn major(version: &str) -> Option<u32> {
    version.strip_prefix('v')?.split('.').next()?.parse().ok()
}

fn install_modules() -> Result<()> {
    let folder = root().join(SEED_CLIENT);
    if modules_are_current(&folder) {
        return Ok(());
    }
    run(program("npm", &["ci"]).current_dir(folder))
}

/// Whether Python can make an environment with pip in it.
fn has_venv() -> bool {
    read_text(&mut program("python3", &["-c", "import ensurepip, venv"])).is_ok()
}

/// The folder of the Python that has the packages; tests look for it there.
pub(crate) fn python() -> PathBuf {
    root().join("target/python")
}

/// Python's packages, as new as the list of them.
fn install_python_packages() -> Result<()> {
    let (list, folder) = (root().join(PYTHON_PACKAGES), python());
    let note = folder.join("installed");
    let modified = |file: &Path| fs::metadata(file).and_then(|it| it.modified()).ok();
    if modified(&note).is_some_and(|installed| Some(installed) >= modified(&list)) {
        return Ok(());
    }
    run(program("python3", &["-m", "venv"]).arg(&folder))?;
    let pip = folder.join("bin/pip").display().to_string();
    run(program(&pip, &["install", "--quiet", "--requirement"]).arg(&list))?;
    Ok(fs::write(note, "")?)
}

/// Whether npm's own note of what it installed is as new as the lock file.
fn modules_are_current(folder: &Path) -> bool {
    let modified = |file: &str| fs::metadata(folder.join(file)).and_then(|it| it.modified()).ok();
    let installed = modified("node_modules/.package-lock.json");
    installed.is_some() && installed >= modified("package-lock.json")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_major_version_is_read() {
        assert_eq!(major("v20.1.0"), Some(20));
        assert_eq!(major("20.1.0"), None);
    }

    #[test]
    fn a_folder_without_modules_is_not_current() {
        assert!(!modules_are_current(Path::new(env!("CARGO_MANIFEST_DIR"))));
    }
}
