//! Starting other programs, and the folders of the workspace.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::{env, fs};

use anyhow::{Context as _, Result, bail};

/// The variables that belong to the command as one would type it.
const SHOWN_VARIABLES: [&str; 3] = ["ERPMAX_PROVE", "ERPMAX_TEST_DATABASE", "PROPTEST_CASES"];

/// The workspace's folder.
pub(crate) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap_or(Path::new("."))
}

/// Where everything is built.
pub(crate) fn target() -> PathBuf {
    root().join(env::var_os("CARGO_TARGET_DIR").map_or_else(|| PathBuf::from("target"), PathBuf::from))
}

/// The program that `cargo build -p erpmax` makes.
pub(crate) fn erpmax() -> PathBuf {
    target().join("debug/erpmax")
}

/// A program to be run in the workspace's folder, without anything to read.
pub(crate) fn program(name: &str, arguments: &[&str]) -> Command {
    let mut command = Command::new(name);
    command.args(arguments).current_dir(root()).stdin(Stdio::null());
    command
}

/// Cargo, without the variables that it set for this program: some build scripts would run again because of them.
pub(crate) fn cargo(arguments: &[&str]) -> Command {
    let mut command = program("cargo", arguments);
    for (name, _) in env::vars_os() {
        let text = name.to_string_lossy();
        if text.starts_with("CARGO_PKG_") || text.starts_with("CARGO_MANIFEST_") {
            command.env_remove(&name);
        }
    }
    command
}

/// Builds `erpmax` as the tests run it.
pub(crate) fn build_erpmax() -> Result<()> {
    run(&mut cargo(&["build", "--package", "erpmax"]))
}

/// Runs a command to its end; an error when it does not succeed.
pub(crate) fn run(command: &mut Command) -> Result<()> {
    let shown = line(command);
    println!("$ {shown}");
    let status = command.status().with_context(|| format!("Failed to start `{shown}`"))?;
    if !status.success() {
        bail!("`{shown}` ended with {status}");
    }
    Ok(())
}

/// Runs a command and returns what it wrote to its standard output.
pub(crate) fn read(command: &mut Command) -> Result<Vec<u8>> {
    let shown = line(command);
    let output = command.stderr(Stdio::inherit()).output().with_context(|| format!("Failed to start `{shown}`"))?;
    if !output.status.success() {
        bail!("`{shown}` ended with {}", output.status);
    }
    Ok(output.stdout)
}

/// As [`read`], as text without the white space around it.
pub(crate) fn read_text(command: &mut Command) -> Result<String> {
    let output = read(command)?;
    Ok(String::from_utf8_lossy(&output).trim().to_owned())
}

/// The command as one would type it in the workspace's folder.
pub(crate) fn line(command: &Command) -> String {
    let program = Path::new(command.get_program());
    let program = program.strip_prefix(root()).unwrap_or(program);
    let variables = command.get_envs().filter_map(|(name, value)| {
        let name = SHOWN_VARIABLES.into_iter().find(|shown| name == *shown)?;
        Some(format!("{name}={}", value?.to_string_lossy()))
    });
    let arguments = command.get_args().map(|word| quoted(&word.to_string_lossy()));
    variables.chain([program.display().to_string()]).chain(arguments).collect::<Vec<_>>().join(" ")
}

/// A word in quotes, where the shell would read it as something else.
fn quoted(word: &str) -> String {
    if word.contains([' ', '(', '*']) { format!("'{word}'") } else { word.to_owned() }
}

/// Where a program is that the shell would find.
pub(crate) fn find(program: &str) -> Option<PathBuf> {
    let path = env::var_os("PATH")?;
    env::split_paths(&path)
        .map(|folder| folder.join(program))
        .find(|file| fs::metadata(file).is_ok_and(|it| it.is_file()))
}

/// Whether this program runs as root.
pub(crate) fn is_root() -> Result<bool> {
    Ok(read_text(&mut program("id", &["-u"]))? == "0")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_is_shown_as_one_would_type_it() {
        let mut command = cargo(&["test", "two words"]);
        command.env("ERPMAX_TEST_DATABASE", "sqlite").env("ERPMAX_TEST_POSTGRES_URL", "postgres://a:secret@b/c");
        assert_eq!(line(&command), "ERPMAX_TEST_DATABASE=sqlite cargo test 'two words'");
    }

    #[test]
    fn a_program_in_the_workspace_is_shown_by_its_path_there() {
        let path = root().join("target/debug/erpmax");
        assert_eq!(line(&program(&path.to_string_lossy(), &["openapi"])), "target/debug/erpmax openapi");
    }

    #[test]
    fn a_failed_command_is_named_in_the_error() {
        let message = run(&mut program("false", &[])).map_err(|error| error.to_string());
        assert_eq!(message, Err("`false` ended with exit status: 1".to_owned()));
    }
}
