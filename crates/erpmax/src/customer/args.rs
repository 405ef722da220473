//! What customers and scripts may say on the command line.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};
use clap_complete::Shell;
use erpmax_client::types::billing::BillingPeriod;
use erpmax_client::types::users::Role;

/// Which server, and whose sign-in.
#[derive(Debug, Default, Args)]
#[command(next_help_heading = "Customers and scripts")]
pub(crate) struct Reach {
    /// The server's address; `ERPMAX_API` does the same. Signing in remembers it. Else `http://localhost:8000`.
    #[arg(long, global = true, value_name = "URL")]
    pub(crate) api: Option<String>,
    /// Whose sign-in is used, as somebody may have several; `ERPMAX_PROFILE` does the same.
    #[arg(long, global = true, value_name = "NAME")]
    pub(crate) profile: Option<String>,
}

impl Reach {
    /// The option that was given, if one was.
    pub(crate) fn given(&self) -> Option<&'static str> {
        self.api.as_ref().map(|_| "--api").or_else(|| self.profile.as_ref().map(|_| "--profile"))
    }
}

/// What is done on top of the API, on any machine.
#[derive(Debug, Subcommand)]
pub(crate) enum CustomerCommand {
    /// Open an account with a company of its own, and sign in.
    Register(RegisterArgs),
    /// Sign in.
    Login(LoginArgs),
    /// Sign out, and forget the sign-in.
    Logout,
    /// Show who is signed in, and to which company.
    Whoami,
    /// Look after companies.
    #[command(subcommand)]
    Tenant(TenantCommand),
    /// Look after the members of a company.
    User(UserArgs),
    /// Look at what can be bought.
    #[command(subcommand)]
    Plan(PlanCommand),
    /// Look after the company's subscription.
    #[command(subcommand)]
    Subscription(SubscriptionCommand),
    /// Look at what was paid.
    #[command(subcommand)]
    Invoice(InvoiceCommand),
    /// Look after the company's site.
    #[command(subcommand)]
    Site(SiteCommand),
    /// Look after what is being done to the site.
    #[command(subcommand)]
    Job(JobCommand),
    /// Read messages.
    #[command(subcommand)]
    Notification(NotificationCommand),
}

/// Where a password comes from, if not from `ERPMAX_PASSWORD` or a question at the terminal.
#[derive(Debug, Args)]
pub(crate) struct PasswordArgs {
    /// Read the password from the first line of standard input. It is never an argument.
    #[arg(long)]
    pub(crate) password_stdin: bool,
}

#[derive(Debug, Args)]
pub(crate) struct RegisterArgs {
    /// The account's address. It is asked for, as the rest is, where somebody is at the terminal.
    #[arg(value_name = "EMAIL")]
    pub(crate) email: Option<String>,
    /// The person's name.
    #[arg(long, value_name = "NAME")]
    pub(crate) name: Option<String>,
    /// The company's name, which names the site too.
    #[arg(long, value_name = "NAME")]
    pub(crate) company: Option<String>,
    #[command(flatten)]
    pub(crate) password: PasswordArgs,
}

#[derive(Debug, Args)]
pub(crate) struct LoginArgs {
    /// The account's address.
    #[arg(value_name = "EMAIL")]
    pub(crate) email: Option<String>,
    /// The code of the authenticator app, or a recovery code; good once.
    #[arg(long, value_name = "CODE")]
    pub(crate) code: Option<String>,
    #[command(flatten)]
    pub(crate) password: PasswordArgs,
}

#[derive(Debug, Subcommand)]
pub(crate) enum TenantCommand {
    /// List the companies that you belong to.
    List,
    /// Show a company.
    Show {
        /// Its slug or id. Without it: the present one.
        tenant: Option<String>,
    },
    /// Go to another company; what follows concerns that one.
    Switch {
        /// Its slug or id.
        tenant: String,
    },
    /// Give the company another name. The site's address stays.
    Rename {
        /// The new name.
        name: String,
        #[command(flatten)]
        of: OfTenant,
    },
    /// Change settings; those that are not named stay.
    Set {
        /// Such as `timezone=Europe/Kyiv` or `require_second_factor=true`. Nothing after the = takes the setting away.
        #[arg(required = true, value_name = "KEY=VALUE", value_parser = setting)]
        settings: Vec<(String, String)>,
        #[command(flatten)]
        of: OfTenant,
    },
}

fn setting(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((key, value)) if !key.is_empty() => Ok((key.to_owned(), value.to_owned())),
        _ => Err("write it as KEY=VALUE".to_owned()),
    }
}

/// Which company, where it is not the present one.
#[derive(Debug, Args)]
pub(crate) struct OfTenant {
    /// The company's slug or id. Without it: the present one.
    #[arg(long, value_name = "TENANT", global = true)]
    pub(crate) tenant: Option<String>,
}

#[derive(Debug, Args)]
pub(crate) struct UserArgs {
    #[command(flatten)]
    pub(crate) of: OfTenant,
    #[command(subcommand)]
    pub(crate) command: UserCommand,
}

#[derive(Debug, Subcommand)]
pub(crate) enum UserCommand {
    /// List members and waiting invitations.
    List,
    /// Invite somebody by e-mail.
    Invite {
        /// The person's address.
        email: String,
        /// What the person may do.
        #[arg(long, value_enum, default_value_t = Grade::User)]
        role: Grade,
    },
    /// Give a member another role.
    Role {
        /// The member's address or id.
        #[arg(value_name = "USER")]
        who: String,
        /// What the member may do.
        role: Grade,
    },
    /// Remove a member, or take an invitation back.
    Remove {
        /// The address, or the member's id.
        #[arg(value_name = "USER")]
        who: String,
        #[command(flatten)]
        sure: Sure,
    },
}

/// A role, as it is written.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum Grade {
    /// Everything.
    Owner,
    /// Members, billing and jobs.
    Admin,
    /// Looking, and signing in to the site.
    User,
}

impl From<Grade> for Role {
    fn from(grade: Grade) -> Self {
        match grade {
            Grade::Owner => Self::Owner,
            Grade::Admin => Self::Admin,
            Grade::User => Self::User,
        }
    }
}

/// Whether somebody has thought about it.
#[derive(Debug, Args)]
pub(crate) struct Sure {
    /// Do not ask.
    #[arg(long, short)]
    pub(crate) yes: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum PlanCommand {
    /// Show the price list. It needs no sign-in.
    List,
}

#[derive(Debug, Subcommand)]
pub(crate) enum SubscriptionCommand {
    /// Show plan, price and dates.
    Show,
    /// Begin a payment: the page to pay at is opened in the browser.
    Checkout(CheckoutArgs),
    /// End the subscription with the period that is paid for.
    Cancel(CancelArgs),
}

#[derive(Debug, Args)]
pub(crate) struct CheckoutArgs {
    /// The plan's slug or id, as `erpmax plan list` shows it.
    #[arg(value_name = "PLAN")]
    pub(crate) plan: String,
    /// How often it is paid for.
    #[arg(long, value_enum, default_value_t = Period::Monthly)]
    pub(crate) period: Period,
    /// Where the browser goes afterwards; the installation has a list of such addresses. Without it: the server itself.
    #[arg(long, value_name = "URL")]
    pub(crate) return_to: Option<String>,
    #[command(flatten)]
    pub(crate) showing: Showing,
}

/// Whether a page is opened.
#[derive(Debug, Args)]
pub(crate) struct Showing {
    /// Print the address in place of opening it. So it is done where there is no display.
    #[arg(long)]
    pub(crate) print: bool,
}

/// How often a plan is paid for, as it is written.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum Period {
    /// Every month.
    Monthly,
    /// Every year.
    Yearly,
}

impl From<Period> for BillingPeriod {
    fn from(period: Period) -> Self {
        match period {
            Period::Monthly => Self::Monthly,
            Period::Yearly => Self::Yearly,
        }
    }
}

#[derive(Debug, Args)]
pub(crate) struct CancelArgs {
    /// End it at once, which closes the site.
    #[arg(long)]
    pub(crate) now: bool,
    /// Why.
    #[arg(long, value_name = "TEXT")]
    pub(crate) reason: Option<String>,
    #[command(flatten)]
    pub(crate) sure: Sure,
}

#[derive(Debug, Subcommand)]
pub(crate) enum InvoiceCommand {
    /// List payments, refunds and refused payments.
    List,
}

#[derive(Debug, Subcommand)]
pub(crate) enum SiteCommand {
    /// Have the site built, and watch it.
    Create(Watching),
    /// Have the site deleted after a last backup, and watch it.
    Delete {
        #[command(flatten)]
        sure: Sure,
        #[command(flatten)]
        watching: Watching,
    },
    /// Have an archive of the site made, and watch it.
    Backup(Watching),
    /// List the archives of the site, newest first.
    Backups,
    /// Fetch an archive: the newest, or the one with this id.
    Download {
        /// The archive's id.
        backup: Option<String>,
        /// The file to write; without it, one of the archive's own name in this folder.
        #[arg(long, value_name = "FILE")]
        to: Option<PathBuf>,
        #[command(flatten)]
        password: PasswordArgs,
    },
    /// Sign in to the site in the browser.
    Open(Showing),
}

/// Whether somebody waits.
#[derive(Debug, Args)]
pub(crate) struct Watching {
    /// Do not wait for the end.
    #[arg(long)]
    pub(crate) detach: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum JobCommand {
    /// List what was and is being done, newest first.
    List,
    /// Show a job.
    Show(WhichJob),
    /// Watch a job to its end.
    Watch(WhichJob),
    /// Begin a failed job anew, and watch it.
    Retry {
        #[command(flatten)]
        job: WhichJob,
        #[command(flatten)]
        watching: Watching,
    },
    /// Stop a job; what it has done is undone.
    Cancel(WhichJob),
}

#[derive(Debug, Args)]
pub(crate) struct WhichJob {
    /// The job's id. Without it: the one that it can only be.
    pub(crate) job: Option<String>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum NotificationCommand {
    /// List messages, newest first.
    List {
        /// Only those that you have not read.
        #[arg(long)]
        unread: bool,
    },
    /// Mark messages as read.
    Read {
        /// The message's id.
        #[arg(value_name = "ID", required_unless_present = "all")]
        id: Option<String>,
        /// All of them.
        #[arg(long, conflicts_with = "id")]
        all: bool,
    },
    /// Show messages as they come, until Ctrl-C.
    Follow,
}

/// `erpmax completions`.
#[derive(Debug, Args)]
pub(crate) struct CompletionsArgs {
    /// Whose language the script is in.
    pub(crate) shell: Shell,
}

/// `erpmax man`.
#[derive(Debug, Args)]
pub(crate) struct ManArgs {
    /// Write a page for each command into this folder.
    #[arg(long, value_name = "FOLDER")]
    pub(crate) folder: Option<std::path::PathBuf>,
}
