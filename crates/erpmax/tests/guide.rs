//! docs/production.md and the packaged configuration, as far as they can be tried without a machine of their own;
//! `cargo xtask prove production` plays the whole.

mod support;

use std::fs;
use std::process::Output;

use support::command;
use tempfile::TempDir;

const GUIDE: &str = include_str!("../../../docs/production.md");
const PACKAGED: &str = include_str!("../../../packaging/debian/erpmax.toml");
const PLACE: &str = "/etc/erpmax/erpmax.toml";

fn run(arguments: &[&str]) -> Output {
    command(&[]).args(arguments).output().expect("the binary starts")
}

/// What follows `as_erpmax` on the guide's lines.
fn commands() -> impl Iterator<Item = Vec<&'static str>> {
    let lines = GUIDE.lines().filter_map(|line| line.strip_prefix("as_erpmax "));
    lines.map(|line| line.split_whitespace().collect())
}

fn check(folder: &TempDir, content: &str) -> Output {
    let file = folder.path().join("erpmax.toml");
    fs::write(&file, content).expect("a file can be written");
    run(&["config", "check", "--config", file.to_str().expect("a path of text")])
}

#[test]
fn every_command_of_the_guide_exists_with_its_options() {
    let mut count = 0;
    for words in commands() {
        let is_name = |word: &&&str| word.chars().all(|c| c.is_ascii_lowercase());
        let mut help: Vec<&str> =
            words.iter().skip_while(|word| word.starts_with("--")).take_while(is_name).copied().collect();
        help.push("--help");
        let output = run(&help);
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(output.status.success(), "{words:?}");
        for option in words.iter().filter(|word| word.starts_with("--")) {
            assert!(text.contains(option), "{option} of {words:?}");
        }
        count += 1;
    }
    assert!(count > 10, "{count}");
}

#[test]
fn the_configuration_of_the_guide_is_good() {
    let folder = tempfile::tempdir().expect("a folder can be made");
    let keys = folder.path().join("keys");
    fs::create_dir(&keys).expect("a folder can be made");
    let key = keys.join("master.key");
    assert!(run(&["secrets", "create", key.to_str().expect("a path of text")]).status.success());
    for file in ["backup.passphrase", "mail.password"] {
        fs::write(keys.join(file), "a long passphrase\n").expect("a file can be written");
    }
    let written = GUIDE.split(&format!("cat > {PLACE} <<'EOF'\n")).nth(1).and_then(|rest| rest.split("\nEOF\n").next());
    let content =
        written.expect("the guide writes the file").replace("/etc/erpmax/keys", keys.to_str().expect("a path of text"));
    let output = check(&folder, &content);
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
    assert_eq!(output.status.code(), Some(0));
}

#[test]
fn the_packaged_configuration_lacks_nothing_but_the_address() {
    let folder = tempfile::tempdir().expect("a folder can be made");
    let output = check(&folder, PACKAGED);
    let sentence = "public_url: production needs the https address under which people reach ERPMax";
    let expected = format!("error: the configuration cannot be used:\n  {sentence}\n");
    assert_eq!(String::from_utf8_lossy(&output.stderr), expected);
}

#[test]
fn what_the_packaged_configuration_holds_as_comments_can_be_read() {
    let folder = tempfile::tempdir().expect("a folder can be made");
    let all = PACKAGED.lines().map(uncommented).collect::<Vec<_>>().join("\n");
    let error = String::from_utf8_lossy(&check(&folder, &all).stderr).into_owned();
    // Every key is known and can be read: what is complained of are files that are not here.
    assert!(error.starts_with("error: the configuration cannot be used:"), "{error}");
    assert!(error.lines().skip(1).all(|line| line.contains("/etc/erpmax/")), "{error}");
}

fn uncommented(line: &str) -> &str {
    line.strip_prefix('#').filter(|rest| !rest.starts_with(' ')).unwrap_or(line)
}
