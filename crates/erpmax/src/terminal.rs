//! Secrets from whoever sits at the terminal, or from standard input: never from an argument, which other users of the machine can
//! read.

use std::io::{BufRead as _, IsTerminal as _, Write as _};

use rustix::termios::{LocalModes, OptionalActions, tcgetattr, tcsetattr};

use crate::failure::Failure;

/// Whether somebody is there to answer.
pub(crate) fn is_at_terminal() -> bool {
    std::io::stdin().is_terminal() && std::io::stderr().is_terminal()
}

/// The first line of standard input; none if it is empty.
pub(crate) fn first_line() -> Result<Option<String>, Failure> {
    let mut line = String::new();
    std::io::stdin().lock().read_line(&mut line).map_err(Failure::unexpected)?;
    Ok(Some(line.trim_end_matches(['\r', '\n']).to_owned()).filter(|line| !line.is_empty()))
}

/// Asks at the terminal, which shows nothing of the answer.
pub(crate) fn ask(question: &str) -> Result<Option<String>, Failure> {
    let (stdin, mut stderr, mut line) = (std::io::stdin(), std::io::stderr(), String::new());
    stderr.write_all(question.as_bytes()).map_err(Failure::unexpected)?;
    let shown = tcgetattr(&stdin).map_err(Failure::unexpected)?;
    let mut hidden = shown.clone();
    hidden.local_modes.remove(LocalModes::ECHO);
    tcsetattr(&stdin, OptionalActions::Flush, &hidden).map_err(Failure::unexpected)?;
    let read = stdin.lock().read_line(&mut line);
    tcsetattr(&stdin, OptionalActions::Flush, &shown).map_err(Failure::unexpected)?;
    stderr.write_all(b"\n").and(read).map_err(Failure::unexpected)?;
    Ok(Some(line.trim_end_matches(['\r', '\n']).to_owned()).filter(|line| !line.is_empty()))
}

/// Asks for what cannot be seen while it is typed, and once more; none if the first answer is empty. `what` is the two together.
pub(crate) fn ask_twice(question: &str, what: &str) -> Result<Option<String>, Failure> {
    let Some(first) = ask(question)? else { return Ok(None) };
    if ask("Once more: ")?.as_ref() == Some(&first) {
        Ok(Some(first))
    } else {
        Err(Failure::wrong(format!("the two {what} differ")))
    }
}

/// Asks at the terminal, which shows the answer.
pub(crate) fn ask_openly(question: &str) -> Result<Option<String>, Failure> {
    std::io::stderr().write_all(question.as_bytes()).map_err(Failure::unexpected)?;
    let line = first_line()?;
    Ok(line.map(|line| line.trim().to_owned()).filter(|line| !line.is_empty()))
}
