//! Colours and widths, as the terminal and `NO_COLOR` would have them.

use std::io::IsTerminal as _;

use super::profile::variable;

/// Whether text may be bold or coloured.
#[derive(Clone, Copy)]
pub(super) struct Style {
    is_rich: bool,
}

impl Style {
    #[cfg(test)]
    pub(super) const fn plain() -> Self {
        Self { is_rich: false }
    }

    /// For standard output.
    pub(super) fn of_stdout() -> Self {
        Self { is_rich: std::io::stdout().is_terminal() && is_wanted() }
    }

    /// For standard error.
    pub(super) fn of_stderr() -> Self {
        Self { is_rich: std::io::stderr().is_terminal() && is_wanted() }
    }

    pub(super) const fn is_rich(self) -> bool {
        self.is_rich
    }

    pub(super) fn bold(self, text: &str) -> String {
        if self.is_rich { format!("\u{1b}[1m{text}\u{1b}[0m") } else { text.to_owned() }
    }
}

/// <https://no-color.org>, and terminals that know no colours.
fn is_wanted() -> bool {
    variable("NO_COLOR").is_none() && std::env::var("TERM").is_ok_and(|terminal| terminal != "dumb")
}

/// How many columns standard output has; none if it is no terminal.
pub(super) fn columns() -> Option<usize> {
    let stdout = std::io::stdout();
    if !stdout.is_terminal() {
        return None;
    }
    let size = rustix::termios::tcgetwinsize(&stdout).ok();
    Some(size.map(|size| usize::from(size.ws_col)).filter(|columns| *columns > 0).unwrap_or(80))
}
