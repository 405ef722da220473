//! At a pseudo-terminal: the live bar, widths, and questions.

use std::io::Write as _;
use std::process::{Command, Stdio};

use crate::support::{PASSWORD, Server};
use crate::terminal::{OWNER, Terminal};

/// Runs a command line at a terminal of so many columns, with something typed; what the terminal was sent. None without `script`.
fn at_a_terminal(terminal: &Terminal, columns: u32, line: &str, typed: &str) -> Option<String> {
    let binary = env!("CARGO_BIN_EXE_erpmax");
    let whole = format!("stty cols {columns}; {binary} {line}; echo \"[exit $?]\"");
    let mut command = Command::new("script");
    command.args(["--quiet", "--return", "--command", &whole, "/dev/null"]);
    let ours = terminal.command(&[]);
    for (name, value) in ours.get_envs() {
        match value {
            Some(value) => command.env(name, value),
            None => command.env_remove(name),
        };
    }
    command.env("TERM", "xterm").stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = command.spawn().ok()?;
    let mut stdin = child.stdin.take().expect("it has an input");
    for line in typed.lines() {
        // Whoever asks for what is not shown throws away what was typed before.
        std::thread::sleep(std::time::Duration::from_secs(1));
        stdin.write_all(format!("{line}\n").as_bytes()).expect("it listens");
    }
    let output = child.wait_with_output().expect("it ends");
    drop(stdin);
    Some(String::from_utf8_lossy(&output.stdout).into_owned())
}

#[tokio::test]
async fn a_bar_is_drawn_and_cleared_and_tables_fit() {
    let server = Server::start(&[("SANDBOX__STEP_MILLISECONDS", "300")]).await;
    let terminal = Terminal::at(&server);
    terminal.register();
    let Some(drawn) = at_a_terminal(&terminal, 80, "site create", "") else { return };
    assert!(drawn.contains("=>") && drawn.contains(" % 0:0") && drawn.contains("Installing ERPNext…"), "{drawn:?}");
    assert!(drawn.contains("\u{1b}[2K") && drawn.contains("The site is ready."), "{drawn:?}");
    assert!(!drawn.contains("[32m"), "NO_COLOR is set: {drawn:?}");
    for columns in [80, 40] {
        for line in ["tenant list", "tenant show", "user list", "job list", "notification list", "plan list", "whoami"]
        {
            let shown = at_a_terminal(&terminal, columns, line, "").expect("it worked before");
            let widest = shown.lines().map(|line| line.trim_end().chars().count()).max().unwrap_or(0);
            assert!(widest <= columns as usize && shown.contains("[exit 0]"), "{columns} {line}\n{shown}");
        }
    }
}

#[tokio::test]
async fn a_password_that_is_typed_is_not_shown_and_a_deletion_is_confirmed_by_name() {
    let server = Server::start(&[("SANDBOX__STEP_MILLISECONDS", "1")]).await;
    let terminal = Terminal::at(&server);
    terminal.register();
    terminal.must(&["site", "create"]);
    let Some(shown) = at_a_terminal(&terminal, 80, &format!("login {OWNER}"), PASSWORD) else { return };
    assert!(shown.contains("Password: ") && shown.contains("is signed in to Acme Trading"), "{shown}");
    assert!(!shown.contains(PASSWORD), "{shown}");
    let refused = at_a_terminal(&terminal, 80, "site delete", "acme").expect("it worked before");
    assert!(refused.contains("Type acme-trading to go on:") && refused.contains("[exit 2]"), "{refused}");
    let deleted = at_a_terminal(&terminal, 80, "site delete", "acme-trading").expect("it worked before");
    assert!(deleted.contains("The site is deleted.") && deleted.contains("[exit 0]"), "{deleted}");
}
