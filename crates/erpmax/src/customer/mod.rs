//! What customers and scripts do on top of the API: a file for each noun. Nothing here looks into the installation.

mod account;
pub(crate) mod args;
mod ask;
mod browser;
pub(crate) mod demo;
mod explain;
mod invoices;
mod jobs;
mod notifications;
mod output;
pub(crate) mod pages;
mod plans;
mod profile;
mod progress;
mod sites;
mod style;
mod subscription;
mod table;
mod tenants;
mod users;
mod watch;

use erpmax_client::ApiClient;
use serde_json::Value;

use args::{CustomerCommand, Reach};
use output::Fields;
use profile::{Profile, variable};
use style::Style;
use table::Table;

use crate::failure::Failure;
use crate::printer::Printer;

/// What every command has at hand.
struct Desk<'a> {
    client: ApiClient,
    profile: Profile,
    printer: &'a Printer,
}

pub(crate) fn run(command: &CustomerCommand, reach: &Reach, printer: &Printer) -> Result<(), Failure> {
    let profile = Profile::choose(reach)?;
    warn_on_stderr(printer);
    let builder =
        ApiClient::builder(&profile.api).language(language()).user_agent(concat!("erpmax/", env!("CARGO_PKG_VERSION")));
    let client = match variable("ERPMAX_API_KEY") {
        Some(key) => builder.api_key(&key),
        None => builder.shared_token_store(profile.tokens()),
    }
    .build()?;
    let desk = Desk { client, profile, printer };
    let runtime = crate::runtime()?;
    let ran = runtime.block_on(carry_out(command, &desk));
    runtime.shutdown_background();
    ran
}

async fn carry_out(command: &CustomerCommand, desk: &Desk<'_>) -> Result<(), Failure> {
    match command {
        CustomerCommand::Register(args) => account::register(args, desk).await,
        CustomerCommand::Login(args) => account::login(args, desk).await,
        CustomerCommand::Logout => account::logout(desk).await,
        CustomerCommand::Whoami => account::whoami(desk).await,
        CustomerCommand::Tenant(command) => tenants::run(command, desk).await,
        CustomerCommand::User(args) => users::run(args, desk).await,
        CustomerCommand::Plan(command) => plans::run(command, desk).await,
        CustomerCommand::Subscription(command) => subscription::run(command, desk).await,
        CustomerCommand::Invoice(command) => invoices::run(command, desk).await,
        CustomerCommand::Site(command) => sites::run(command, desk).await,
        CustomerCommand::Job(command) => jobs::run(command, desk).await,
        CustomerCommand::Notification(command) => notifications::run(command, desk).await,
    }
}

impl Desk<'_> {
    /// A list: for people a table, or a sentence where there is nothing.
    fn table(&self, document: &Value, table: &Table, nothing: &str) {
        if table.is_empty() {
            return self.printer.result(document, nothing);
        }
        self.printer.result(document, &table.render(style::columns(), Style::of_stdout()));
    }

    /// One thing: for people its fields.
    fn fields(&self, document: &Value, fields: &Fields) {
        self.printer.result(document, &fields.render(style::columns(), Style::of_stdout()));
    }
}

/// What the SDK warns of, such as a connection that is not encrypted.
fn warn_on_stderr(printer: &Printer) {
    if printer.is_quiet() || printer.is_json() {
        return;
    }
    let lines = tracing_subscriber::fmt().with_max_level(tracing::Level::WARN).with_writer(std::io::stderr);
    // In a process that logs already, it goes there.
    let _ = lines.without_time().with_target(false).with_ansi(Style::of_stderr().is_rich()).try_init();
}

/// The language of what the server says, as the terminal's.
fn language() -> &'static str {
    let spoken = ["LC_ALL", "LC_MESSAGES", "LANG"].into_iter().find_map(variable);
    if spoken.is_some_and(|language| language.starts_with("uk")) { "uk" } else { "en" }
}
