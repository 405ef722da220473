//! Pages that are shown in the browser, or whose address is printed.

use std::process::{Command, Stdio};

use serde_json::Value;

use super::Desk;
use super::args::Showing;
use super::profile::variable;
use super::table::clean;
use crate::terminal;

/// Opens a page; prints its address where that is wanted, where a program reads it or where there is no display.
pub(super) fn show(url: &str, what: &str, document: &Value, showing: &Showing, desk: &Desk<'_>) {
    let is_to_open = !showing.print && !desk.printer.is_json() && terminal::is_at_terminal() && has_display();
    if is_to_open && open(url) {
        desk.printer.note(&format!("{what} opens in the browser."));
    } else {
        desk.printer.aside(&format!("{what}:"));
        desk.printer.result(document, &clean(url));
    }
}

fn has_display() -> bool {
    cfg!(target_os = "macos") || variable("DISPLAY").is_some() || variable("WAYLAND_DISPLAY").is_some()
}

fn open(url: &str) -> bool {
    // Nothing but a page: what a server answers must not start another program.
    if !url.starts_with("https://") && !url.starts_with("http://") {
        return false;
    }
    let program = if cfg!(target_os = "macos") { "open" } else { "xdg-open" };
    let mut command = Command::new(program);
    command.arg(url).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command.status().is_ok_and(|status| status.success())
}
