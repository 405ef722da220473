//! `erpmax completions` and `erpmax man`: what is made from the command line itself.

use std::io::Write;
use std::path::Path;

use clap::{Command, CommandFactory as _};
use clap_mangen::Man;

use super::args::{CompletionsArgs, ManArgs};
use crate::args::Args;
use crate::failure::Failure;
use crate::printer::Printer;

/// What the main page says beside the commands.
const MORE: &str = include_str!("man.roff");

pub(crate) fn completions(args: &CompletionsArgs, printer: &Printer) {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Args::command(), "erpmax", &mut script);
    printer.text(&String::from_utf8_lossy(&script));
}

pub(crate) fn man(args: &ManArgs, printer: &Printer) -> Result<(), Failure> {
    let mut command = Args::command().disable_help_subcommand(true);
    command.build();
    let Some(folder) = &args.folder else {
        printer.text(&String::from_utf8_lossy(&page(&command, true).map_err(Failure::unexpected)?));
        return Ok(());
    };
    let unusable = |error| Failure::wrong(format!("the pages cannot be written to {}: {error}", folder.display()));
    std::fs::create_dir_all(folder).map_err(unusable)?;
    write_all(&command, folder, true).map_err(unusable)?;
    printer.note(&format!("The manual is in {}.", folder.display()));
    Ok(())
}

fn write_all(command: &Command, folder: &Path, is_main: bool) -> std::io::Result<()> {
    let name = command.get_display_name().unwrap_or_else(|| command.get_name());
    std::fs::write(folder.join(format!("{name}.1")), page(command, is_main)?)?;
    command
        .get_subcommands()
        .filter(|command| !command.is_hide_set())
        .try_for_each(|command| write_all(command, folder, false))
}

fn page(command: &Command, is_main: bool) -> std::io::Result<Vec<u8>> {
    let mut page = Vec::new();
    Man::new(command.clone()).render(&mut page)?;
    if is_main {
        page.write_all(MORE.as_bytes())?;
    }
    Ok(page)
}
