//! ERPMax: the control plane in one binary.

mod args;
mod backup;
mod billing;
mod configuration;
mod control;
mod customer;
mod data;
mod database;
mod doctor;
mod failure;
mod key_file;
mod listen;
mod mail;
mod operator;
mod printer;
mod secrets;
mod serve;
mod signals;
mod terminal;

use std::process::ExitCode;

use clap::Parser;
use tokio::runtime::{Builder, Runtime};

use args::{Args, BillingCommand, Command, ConfigCommand, DatabaseCommand, LocalCommand, SecretsCommand};
use failure::Failure;
use printer::Printer;

fn main() -> ExitCode {
    let args = match Args::try_parse() {
        Ok(args) => args,
        Err(error) => return misused(&error),
    };
    let printer = Printer::new(args.json, args.quiet);
    match run(args, &printer) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            printer.failure(&failure);
            failure.exit_code()
        }
    }
}

/// What clap has to say, which for a program is a document too.
fn misused(error: &clap::Error) -> ExitCode {
    if !error.use_stderr() || !std::env::args().any(|argument| argument == "--json") {
        error.exit();
    }
    let told = error.to_string();
    let failure = Failure::wrong(told.trim_start_matches("error: ").trim_end());
    Printer::new(true, false).failure(&failure);
    failure.exit_code()
}

fn run(args: Args, printer: &Printer) -> Result<(), Failure> {
    match (args.command, args.reach.given()) {
        (Command::Customer(command), _) => customer::run(&command, &args.reach, printer),
        (Command::Local(command), None) => run_here(command, printer),
        (Command::Local(_), Some(option)) => {
            Err(Failure::wrong(format!("{option} is for commands that talk to a server; this one does not")))
        }
    }
}

/// What needs no server.
fn run_here(command: LocalCommand, printer: &Printer) -> Result<(), Failure> {
    match command {
        LocalCommand::Serve(serve) => serve::run(&serve.load()?, printer),
        LocalCommand::Config(ConfigCommand::Check(serve)) => {
            let settings = serve.load()?;
            printer.note(&format!("The configuration is good for {}.", settings.environment_name()));
            Ok(())
        }
        LocalCommand::Config(ConfigCommand::Show) => {
            printer.text(configuration::DEFAULTS);
            Ok(())
        }
        LocalCommand::Database(DatabaseCommand::Copy(copy)) => database::copy_database(&copy, printer),
        LocalCommand::Database(DatabaseCommand::Grant(grant)) => database::grant::run(&grant, printer),
        LocalCommand::Secrets(SecretsCommand::Create { file }) => secrets::create(&file, printer),
        LocalCommand::Secrets(SecretsCommand::Rotate(rotate)) => secrets::rotate(&rotate, printer),
        LocalCommand::Backup(backup) => backup::run(&backup, printer),
        LocalCommand::Restore(restore) => backup::restore::run(&restore, printer),
        LocalCommand::Doctor(doctor) => doctor::run(&doctor, printer),
        LocalCommand::Mail(command) => mail::run(&command, printer),
        LocalCommand::Billing(BillingCommand::Simulate(args)) => billing::simulate(&args, printer),
        LocalCommand::Operator(command) => operator::run(&command, printer),
        LocalCommand::Completions(args) => {
            customer::pages::completions(&args, printer);
            Ok(())
        }
        LocalCommand::Demo => customer::demo::run(printer),
        LocalCommand::Man(args) => customer::pages::man(&args, printer),
        LocalCommand::Openapi => {
            let document = erpmax_server::openapi::document().to_pretty_json();
            printer.text(&document.map_err(Failure::unexpected)?);
            Ok(())
        }
    }
}

/// What commands run their futures on: this thread is enough for one command.
pub(crate) fn runtime() -> Result<Runtime, Failure> {
    Builder::new_current_thread().enable_all().build().map_err(Failure::unexpected)
}
