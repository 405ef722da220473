//! The command line.

use std::path::PathBuf;

use clap::{Args as ClapArgs, Parser, Subcommand};

use crate::configuration::{self, Configuration, Overrides};
use crate::failure::Failure;

/// Sells and runs ERPNext as a service.
#[derive(Debug, Parser)]
#[command(name = "erpmax", version, propagate_version = true)]
pub(crate) struct Args {
    /// Print results as JSON.
    #[arg(long, global = true)]
    pub(crate) json: bool,
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Run the control plane: API, sockets, runner and everything else.
    Serve(ServeArgs),
    /// Look at the configuration.
    #[command(subcommand)]
    Config(ConfigCommand),
    /// Look after the database.
    #[command(subcommand)]
    Database(DatabaseCommand),
    /// Print the OpenAPI document.
    Openapi,
}

#[derive(Debug, Subcommand)]
pub(crate) enum ConfigCommand {
    /// Check the configuration that `serve` would use, and explain each error.
    Check(ServeArgs),
    /// Print every key with its default.
    Show,
}

#[derive(Debug, Subcommand)]
pub(crate) enum DatabaseCommand {
    /// Copy a SQLite installation to an empty PostgreSQL database, while `serve` is stopped.
    Copy(CopyArgs),
}

/// Which installation is meant.
#[derive(Debug, ClapArgs)]
pub(crate) struct Place {
    /// Configuration file (TOML).
    #[arg(long, value_name = "FILE", env = "ERPMAX_CONFIG")]
    config: Option<PathBuf>,
    /// Folder of the database, the master key and sandbox sites.
    #[arg(long, value_name = "FOLDER")]
    data: Option<PathBuf>,
}

/// What beats the configuration file and the environment.
#[derive(Debug, ClapArgs)]
pub(crate) struct ServeArgs {
    #[command(flatten)]
    place: Place,
    /// Address to listen on; may be given several times. Port 0 takes a free one.
    #[arg(long, value_name = "ADDRESS")]
    listen: Vec<String>,
}

/// What is copied, and where to.
#[derive(ClapArgs)]
pub(crate) struct CopyArgs {
    #[command(flatten)]
    pub(crate) place: Place,
    /// The PostgreSQL database, as `postgres://user@host/database`. With a password in it, use the variable: other users
    /// of the machine can read arguments.
    #[arg(long, value_name = "URL", env = "ERPMAX_TO_URL", hide_env_values = true)]
    pub(crate) to: String,
}

impl std::fmt::Debug for CopyArgs {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("CopyArgs").field("place", &self.place).finish_non_exhaustive()
    }
}

impl Place {
    /// The whole configuration, checked.
    pub(crate) fn load(&self) -> Result<Configuration, Failure> {
        self.load_with(&[])
    }

    fn load_with(&self, listen: &[String]) -> Result<Configuration, Failure> {
        let overrides = Overrides { data: self.data.clone(), listen: listen.to_vec() };
        configuration::load(self.config.as_deref(), &overrides)
    }
}

impl ServeArgs {
    /// The whole configuration, checked.
    pub(crate) fn load(&self) -> Result<Configuration, Failure> {
        self.place.load_with(&self.listen)
    }
}
