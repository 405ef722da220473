//! The command line.

use std::path::PathBuf;

use clap::{Args as ClapArgs, Parser, Subcommand};

use crate::configuration::{self, Configuration};
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

/// What beats the configuration file and the environment.
#[derive(Debug, ClapArgs)]
pub(crate) struct ServeArgs {
    /// Configuration file (TOML).
    #[arg(long, value_name = "FILE", env = "ERPMAX_CONFIG")]
    config: Option<PathBuf>,
    /// Folder of the database, the master key and sandbox sites.
    #[arg(long, value_name = "FOLDER")]
    data: Option<PathBuf>,
    /// Address to listen on; may be given several times. Port 0 takes a free one.
    #[arg(long, value_name = "ADDRESS")]
    listen: Vec<String>,
}

impl ServeArgs {
    /// The whole configuration, checked.
    pub(crate) fn load(&self) -> Result<Configuration, Failure> {
        let mut overrides = configuration::Overrides::default();
        overrides.data.clone_from(&self.data);
        overrides.listen.clone_from(&self.listen);
        configuration::load(self.config.as_deref(), &overrides)
    }
}
