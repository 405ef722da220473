//! What is asked of whoever sits at the terminal, or comes from standard input or the environment.

use super::args::{PasswordArgs, Sure};
use super::profile::variable;
use crate::failure::Failure;
use crate::terminal;

/// An answer that was given on the command line, or is asked for.
pub(super) fn given_or_asked(given: Option<&String>, name: &str, question: &str) -> Result<String, Failure> {
    if let Some(given) = given {
        return Ok(given.clone());
    }
    if !terminal::is_at_terminal() {
        return Err(Failure::wrong(format!("{name} is missing, and nobody is at the terminal to be asked")));
    }
    terminal::ask_openly(question)?.ok_or_else(|| Failure::wrong(format!("{name} is missing")))
}

/// The password of an account that is there.
pub(super) fn password(args: &PasswordArgs) -> Result<String, Failure> {
    known_password(args, || terminal::ask("Password: ")?.ok_or_else(|| Failure::wrong("a password is needed")))
}

/// The password of an account to come.
pub(super) fn new_password(args: &PasswordArgs) -> Result<String, Failure> {
    known_password(args, || {
        terminal::ask_twice("Password: ", "passwords")?.ok_or_else(|| Failure::wrong("a password is needed"))
    })
}

fn known_password(args: &PasswordArgs, ask: impl FnOnce() -> Result<String, Failure>) -> Result<String, Failure> {
    if args.password_stdin {
        return terminal::first_line()?.ok_or_else(|| Failure::wrong("standard input holds no password"));
    }
    if let Some(password) = variable("ERPMAX_PASSWORD") {
        return Ok(password);
    }
    if !terminal::is_at_terminal() {
        return Err(Failure::wrong(
            "nobody is at the terminal to be asked for a password; give it by --password-stdin or ERPMAX_PASSWORD",
        ));
    }
    ask()
}

/// The code of the second factor, if somebody can be asked for it.
pub(super) fn code() -> Result<Option<String>, Failure> {
    if terminal::is_at_terminal() { terminal::ask_openly("Code of your authenticator app: ") } else { Ok(None) }
}

/// Goes on only when whoever asks means it, and types `word` to say so.
pub(super) fn confirm(sure: &Sure, what: &str, word: &str) -> Result<(), Failure> {
    if sure.yes {
        return Ok(());
    }
    if !terminal::is_at_terminal() {
        return Err(Failure::wrong(format!("{what} Nobody is at the terminal to confirm it; say so with --yes")));
    }
    match terminal::ask_openly(&format!("{what} Type {word} to go on: "))? {
        Some(answer) if answer == word => Ok(()),
        _ => Err(Failure::wrong("nothing was done, as it was not confirmed")),
    }
}
