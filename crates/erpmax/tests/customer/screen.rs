//! At a pseudo-terminal: the live bar, widths, and questions.

use std::io::{Read as _, Write as _};
use std::process::{ChildStdout, Command, Stdio};
use std::time::Duration;

use crate::support::{PASSWORD, Server};
use crate::terminal::{OWNER, Terminal};

/// A question at the terminal, and what is typed then.
type Answer<'a> = (&'a str, &'a str);

/// Runs a command line at a terminal of so many columns; what the terminal was sent. None without `script`.
fn at_a_terminal(terminal: &Terminal, columns: u32, line: &str, answer: Option<Answer<'_>>) -> Option<String> {
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
    let mut stdout = child.stdout.take().expect("it has an output");
    let mut shown = Vec::new();
    if let Some((question, typed)) = answer {
        read_until(&mut stdout, question, &mut shown);
        // What was typed before the answer is hidden would be thrown away.
        std::thread::sleep(Duration::from_millis(500));
        stdin.write_all(format!("{typed}\n").as_bytes()).expect("it listens");
    }
    stdout.read_to_end(&mut shown).expect("it can be read");
    child.wait().expect("it ends");
    drop(stdin);
    Some(String::from_utf8_lossy(&shown).into_owned())
}

fn read_until(stdout: &mut ChildStdout, words: &str, shown: &mut Vec<u8>) {
    let mut byte = [0];
    while !shown.ends_with(words.as_bytes()) {
        stdout.read_exact(&mut byte).expect("the question comes");
        shown.extend(byte);
    }
}

#[tokio::test]
async fn a_bar_is_drawn_and_cleared_and_tables_fit() {
    let server = Server::start(&[("SANDBOX__STEP_MILLISECONDS", "300")]).await;
    let terminal = Terminal::at(&server);
    terminal.register();
    let Some(drawn) = at_a_terminal(&terminal, 80, "site create", None) else { return };
    assert!(drawn.contains("=>") && drawn.contains(" % 0:0") && drawn.contains("Installing ERPNext…"), "{drawn:?}");
    assert!(drawn.contains("\u{1b}[2K") && drawn.contains("The site is ready."), "{drawn:?}");
    assert!(!drawn.contains("[32m"), "NO_COLOR is set: {drawn:?}");
    for columns in [80, 40] {
        for line in ["tenant list", "tenant show", "user list", "job list", "notification list", "plan list", "whoami"]
        {
            let shown = at_a_terminal(&terminal, columns, line, None).expect("it worked before");
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
    let Some(shown) = at_a_terminal(&terminal, 80, &format!("login {OWNER}"), Some(("Password: ", PASSWORD))) else {
        return;
    };
    assert!(shown.contains("Password: ") && shown.contains("is signed in to Acme Trading"), "{shown}");
    assert!(!shown.contains(PASSWORD), "{shown}");
    let question = "Type acme-trading to go on: ";
    let refused = at_a_terminal(&terminal, 80, "site delete", Some((question, "acme"))).expect("it worked before");
    assert!(refused.contains("[exit 2]"), "{refused}");
    let deleted =
        at_a_terminal(&terminal, 80, "site delete", Some((question, "acme-trading"))).expect("it worked before");
    assert!(deleted.contains("The site is deleted.") && deleted.contains("[exit 0]"), "{deleted}");
}

#[tokio::test]
async fn giving_up_at_a_hidden_question_leaves_a_terminal_that_shows_what_is_typed() {
    let terminal = Terminal::talking_to("http://127.0.0.1:9");
    let line = format!("login {OWNER}; echo \"[was $?]\"; stty -a");
    let Some(shown) = at_a_terminal(&terminal, 80, &line, Some(("Password: ", "secret\u{3}"))) else { return };
    assert!(shown.contains("[was 130]") && shown.contains("Nothing was done."), "{shown}");
    let modes: Vec<_> = shown.split_whitespace().collect();
    assert!(["echo", "icanon", "isig"].iter().all(|mode| modes.contains(mode)), "{shown}");
    assert!(!shown.contains("secret"), "{shown}");
}
