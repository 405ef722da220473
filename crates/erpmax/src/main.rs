//! ERPMax: the control plane in one binary.

mod args;
mod backup;
mod billing;
mod configuration;
mod control;
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

use args::{Args, BillingCommand, Command, ConfigCommand, DatabaseCommand, SecretsCommand};
use failure::Failure;
use printer::Printer;

fn main() -> ExitCode {
    let args = Args::parse();
    let printer = Printer::new(args.json);
    match run(args, &printer) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            printer.failure(&failure);
            failure.exit_code()
        }
    }
}

fn run(args: Args, printer: &Printer) -> Result<(), Failure> {
    match args.command {
        Command::Serve(serve) => serve::run(&serve.load()?, printer),
        Command::Config(ConfigCommand::Check(serve)) => {
            let settings = serve.load()?;
            printer.note(&format!("The configuration is good for {}.", settings.environment_name()));
            Ok(())
        }
        Command::Config(ConfigCommand::Show) => {
            printer.text(configuration::DEFAULTS);
            Ok(())
        }
        Command::Database(DatabaseCommand::Copy(copy)) => database::copy_database(&copy, printer),
        Command::Database(DatabaseCommand::Grant(grant)) => database::grant::run(&grant, printer),
        Command::Secrets(SecretsCommand::Create { file }) => secrets::create(&file, printer),
        Command::Secrets(SecretsCommand::Rotate(rotate)) => secrets::rotate(&rotate, printer),
        Command::Backup(backup) => backup::run(&backup, printer),
        Command::Restore(restore) => backup::restore::run(&restore, printer),
        Command::Doctor(doctor) => doctor::run(&doctor, printer),
        Command::Mail(command) => mail::run(&command, printer),
        Command::Billing(BillingCommand::Simulate(args)) => billing::simulate(&args, printer),
        Command::Operator(command) => operator::run(&command, printer),
        Command::Openapi => {
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
