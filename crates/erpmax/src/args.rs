//! The command line.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args as ClapArgs, Parser, Subcommand};

use crate::configuration::{self, Configuration, Overrides, Purpose};
use crate::customer::args::{CompletionsArgs, CustomerCommand, ManArgs, Reach};
use crate::failure::Failure;

/// Sells and runs ERPNext as a service.
#[derive(Debug, Parser)]
#[command(name = "erpmax", version, propagate_version = true)]
pub(crate) struct Args {
    /// Print results as JSON, and failures too.
    #[arg(long, global = true)]
    pub(crate) json: bool,
    /// Print only what was asked for, and failures.
    #[arg(long, short, global = true)]
    pub(crate) quiet: bool,
    #[command(flatten)]
    pub(crate) reach: Reach,
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    #[command(flatten)]
    Local(LocalCommand),
    #[command(flatten)]
    Customer(CustomerCommand),
}

/// What is done on the machine of an installation, or needs none.
#[derive(Debug, Subcommand)]
pub(crate) enum LocalCommand {
    /// Run the control plane: API, sockets, runner and everything else.
    Serve(ServeArgs),
    /// Look at the configuration.
    #[command(subcommand)]
    Config(ConfigCommand),
    /// Look after the database.
    #[command(subcommand)]
    Database(DatabaseCommand),
    /// Look after the keys that seal and sign.
    #[command(subcommand)]
    Secrets(SecretsCommand),
    /// Make a backup of the installation, while `serve` may be running; or look at those there are.
    Backup(BackupArgs),
    /// Build an installation from a backup, where there is none.
    Restore(RestoreArgs),
    /// Look at everything this installation leans on, and say what to do. Exit code 1 if anything is bad.
    Doctor(DoctorArgs),
    /// Look after mails.
    #[command(subcommand)]
    Mail(MailCommand),
    /// Look after subscriptions.
    #[command(subcommand)]
    Billing(BillingCommand),
    /// Say who is an operator of this installation.
    #[command(subcommand)]
    Operator(OperatorCommand),
    /// Look around: a sandbox on this machine, from sign-up to the first sign-in to the site. Nothing of it stays.
    Demo,
    /// Print the OpenAPI document.
    Openapi,
    /// Print a script that completes commands in a shell.
    Completions(CompletionsArgs),
    /// Print the manual.
    Man(ManArgs),
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
    /// Bring the schema up to date and let another PostgreSQL role run `serve` on it, which may add audit events and neither change nor
    /// delete them. To be run as the owner of the schema: before the first start, and after each update.
    Grant(GrantArgs),
}

#[derive(Debug, Subcommand)]
pub(crate) enum SecretsCommand {
    /// Make a file with a new master key, for an installation to come.
    Create {
        /// The file, which is not there yet.
        file: PathBuf,
    },
    /// Seal every secret under a new master key, while `serve` may be running. Nobody is signed out.
    Rotate(RotateArgs),
}

#[derive(Debug, Subcommand)]
pub(crate) enum BackupCommand {
    /// List the backups in the folder of the configuration.
    List,
    /// Read a whole backup and say whether it is good. With its passphrase its contents are looked at too.
    Verify {
        /// The backup.
        file: PathBuf,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum MailCommand {
    /// Send a mail to an address at once, and say what came of it.
    Test(MailTestArgs),
    /// Show the newest mails and what became of them.
    List(MailListArgs),
    /// Send a refused mail once more.
    Retry(MailRetryArgs),
}

#[derive(Debug, Subcommand)]
pub(crate) enum BillingCommand {
    /// Show what would happen to a company's subscription when, without touching anything.
    Simulate(SimulateArgs),
}

#[derive(Debug, ClapArgs)]
pub(crate) struct SimulateArgs {
    #[command(flatten)]
    pub(crate) place: Place,
    /// The company's slug or id.
    #[arg(value_name = "TENANT")]
    pub(crate) tenant: String,
    /// How many days are looked at.
    #[arg(long, default_value_t = 90, value_parser = clap::value_parser!(u32).range(1..=3650))]
    pub(crate) days: u32,
    /// The customer pays for one more period so many days from now; may be given several times.
    #[arg(long, value_name = "DAY")]
    pub(crate) pays_on: Vec<u32>,
    /// The owner cancels so many days from now, with the period's end.
    #[arg(long, value_name = "DAY")]
    pub(crate) cancels_on: Option<u32>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum OperatorCommand {
    /// Make an operator's account, whose password is asked for; or make an existing account an operator's.
    Create(OperatorCreateArgs),
    /// Show the operators.
    List(Place),
    /// Take the right away from an account, which stays.
    Revoke(OperatorRevokeArgs),
}

#[derive(Debug, ClapArgs)]
pub(crate) struct OperatorCreateArgs {
    #[command(flatten)]
    pub(crate) place: Place,
    /// The account's address.
    #[arg(value_name = "EMAIL")]
    pub(crate) email: String,
    /// The account is there already, and keeps its password.
    #[arg(long, conflicts_with_all = ["name", "company", "password_stdin"])]
    pub(crate) existing: bool,
    /// The person's name. Without it: the address.
    #[arg(long, value_name = "NAME")]
    pub(crate) name: Option<String>,
    /// The company that comes with every account.
    #[arg(long, value_name = "NAME", default_value = "Operators")]
    pub(crate) company: String,
    /// Read the password from the first line of standard input, in place of asking twice. It is never an argument.
    #[arg(long)]
    pub(crate) password_stdin: bool,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct OperatorRevokeArgs {
    #[command(flatten)]
    pub(crate) place: Place,
    /// The account's address.
    #[arg(value_name = "EMAIL")]
    pub(crate) email: String,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct GrantArgs {
    #[command(flatten)]
    pub(crate) place: Place,
    /// The role that `serve` signs in to the database as. It has to be there.
    #[arg(value_name = "ROLE")]
    pub(crate) role: String,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct MailTestArgs {
    #[command(flatten)]
    pub(crate) place: Place,
    /// Where it goes.
    #[arg(value_name = "ADDRESS")]
    pub(crate) address: String,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct MailListArgs {
    #[command(flatten)]
    pub(crate) place: Place,
    /// Only those that were refused for good.
    #[arg(long)]
    pub(crate) refused: bool,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct MailRetryArgs {
    #[command(flatten)]
    pub(crate) place: Place,
    /// The mail's id, as `erpmax mail list` shows it.
    #[arg(value_name = "ID")]
    pub(crate) id: String,
}

/// What is looked at, and who is asked.
#[derive(Debug, ClapArgs)]
pub(crate) struct DoctorArgs {
    #[command(flatten)]
    pub(crate) place: Place,
    /// Ask this DNS server about mail, in place of the machine's own; 192.0.2.1:53.
    #[arg(long, value_name = "ADDRESS")]
    pub(crate) resolver: Option<SocketAddr>,
}

/// Which installation is meant.
#[derive(Debug, ClapArgs)]
pub(crate) struct Place {
    /// Configuration file (TOML).
    #[arg(long, value_name = "FILE", env = "ERPMAX_CONFIG", global = true)]
    config: Option<PathBuf>,
    /// Folder of the database, the master key and sandbox sites.
    #[arg(long, value_name = "FOLDER", global = true)]
    data: Option<PathBuf>,
}

/// Which key is replaced, and by what.
#[derive(Debug, ClapArgs)]
pub(crate) struct RotateArgs {
    #[command(flatten)]
    pub(crate) place: Place,
    /// Make a new key that signs access tokens, in place of a new master key.
    #[arg(long, conflicts_with_all = ["new_key_file", "prepare"])]
    pub(crate) signing: bool,
    /// File with the new key. Without it one is made.
    #[arg(long, value_name = "FILE")]
    pub(crate) new_key_file: Option<PathBuf>,
    /// Only put the new key before the old one in the key file, so that it can be given to other nodes first.
    #[arg(long)]
    pub(crate) prepare: bool,
}

/// What is backed up, and where to.
#[derive(Debug, ClapArgs)]
pub(crate) struct BackupArgs {
    #[command(subcommand)]
    pub(crate) command: Option<BackupCommand>,
    #[command(flatten)]
    pub(crate) place: Place,
    /// A folder, or a file that is not there yet. Without it: backup.folder.
    #[arg(long, value_name = "FILE OR FOLDER")]
    pub(crate) to: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) passphrase: PassphraseArgs,
}

/// Which backup is restored.
#[derive(Debug, ClapArgs)]
pub(crate) struct RestoreArgs {
    /// The backup.
    pub(crate) file: PathBuf,
    #[command(flatten)]
    pub(crate) place: Place,
    /// Move what is there aside first, in place of refusing.
    #[arg(long)]
    pub(crate) replace: bool,
    #[command(flatten)]
    pub(crate) passphrase: PassphraseArgs,
}

/// Where the passphrase comes from, if not from `ERPMAX_BACKUP_PASSPHRASE`, `ERPMAX_BACKUP_PASSPHRASE_FILE`, the configuration or
/// a question at the terminal. It is never an argument.
#[derive(Clone, Copy, Debug, ClapArgs)]
pub(crate) struct PassphraseArgs {
    /// Read the passphrase from the first line of standard input.
    #[arg(long, global = true)]
    pub(crate) passphrase_stdin: bool,
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
    /// The whole configuration, checked for who looks after the installation.
    pub(crate) fn load(&self) -> Result<Configuration, Failure> {
        self.load_with(&[], Purpose::Tending)
    }

    /// The whole configuration, checked as `serve` checks it.
    pub(crate) fn load_for_serving(&self) -> Result<Configuration, Failure> {
        self.load_with(&[], Purpose::Serving)
    }

    fn load_with(&self, listen: &[String], purpose: Purpose) -> Result<Configuration, Failure> {
        let overrides = Overrides { data: self.data.clone(), listen: listen.to_vec() };
        configuration::load(self.config.as_deref(), &overrides, purpose)
    }
}

impl ServeArgs {
    /// The whole configuration, checked.
    pub(crate) fn load(&self) -> Result<Configuration, Failure> {
        self.place.load_with(&self.listen, Purpose::Serving)
    }
}
