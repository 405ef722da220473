//! What is made from the command line itself: completions and the manual.

use crate::terminal::Terminal;

#[test]
fn every_shell_gets_completions() {
    let terminal = Terminal::talking_to("http://127.0.0.1:1");
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let script = terminal.must(&["completions", shell]);
        assert!(script.contains("notification") && script.contains("profile"), "{shell}: {script}");
    }
    assert_eq!(terminal.run(&["completions", "tcsh"]).exit, Some(2));
}

#[test]
fn the_manual_has_a_page_for_each_command() {
    let terminal = Terminal::talking_to("http://127.0.0.1:1");
    let main = terminal.must(&["man"]);
    for part in [".TH erpmax 1", "erpmax\\-tenant(1)", ".SH FILES", ".SH EXIT STATUS", "ERPMAX_PASSWORD"] {
        assert!(main.contains(part), "{part}\n{main}");
    }
    let folder = terminal.home().join("man");
    terminal.must(&["man", "--folder", folder.to_str().expect("text")]);
    for name in ["erpmax.1", "erpmax-serve.1", "erpmax-site-create.1", "erpmax-notification-follow.1"] {
        let page = std::fs::read_to_string(folder.join(name)).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert!(page.contains(".SH SYNOPSIS"), "{name}: {page}");
    }
}
