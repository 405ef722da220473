//! `erpmax operator`: who is an operator. Whoever has the database decides, while `serve` may be running.

use std::fmt::Write as _;

use erpmax_core::billing::provider::Providers;
use erpmax_core::messages::Language;
use erpmax_core::operators::accounts::{self, NewOperator};
use erpmax_core::{Clock, Core, Error};
use erpmax_store::operators::OperatorRow;
use erpmax_types::ErrorCode;
use serde_json::{Value, json};

use crate::args::{OperatorCommand, OperatorCreateArgs, OperatorRevokeArgs, Place};
use crate::data::DataFolder;
use crate::failure::Failure;
use crate::key_file;
use crate::printer::Printer;
use crate::terminal;

pub(crate) fn run(command: &OperatorCommand, printer: &Printer) -> Result<(), Failure> {
    crate::runtime()?.block_on(async {
        match command {
            OperatorCommand::Create(args) if args.existing => raise(args, printer).await,
            OperatorCommand::Create(args) => create(args, printer).await,
            OperatorCommand::List(place) => list(place, printer).await,
            OperatorCommand::Revoke(args) => revoke(args, printer).await,
        }
    })
}

async fn create(args: &OperatorCreateArgs, printer: &Printer) -> Result<(), Failure> {
    let core = start(&args.place).await?;
    if accounts::find(core.store(), &args.email).await.map_err(explain)?.is_some() {
        return Err(taken(&args.email));
    }
    let new = NewOperator {
        email: args.email.clone(),
        full_name: args.name.clone().unwrap_or_else(|| args.email.trim().to_owned()),
        company: args.company.clone(),
        password: password(args)?,
        language: Language::english(),
    };
    let id = accounts::create(&core, &new).await.map_err(|error| match error.code() {
        ErrorCode::EmailTaken => taken(&args.email),
        _ => explain(error),
    })?;
    core.store().close().await;
    let text = format!("{} is an operator now. {NEXT}", args.email);
    printer.result(&json!({"id": id, "email": args.email, "existing": false}), &text);
    Ok(())
}

const NEXT: &str = "Operators need a second factor: it is set up by signing in and POST /auth/two-factor.";

fn taken(email: &str) -> Failure {
    Failure::wrong(format!(
        "{email} has an account; with --existing it becomes an operator's and keeps its password and companies"
    ))
}

fn password(args: &OperatorCreateArgs) -> Result<String, Failure> {
    if args.password_stdin {
        return terminal::first_line()?.ok_or_else(|| Failure::wrong("standard input holds no password"));
    }
    if !terminal::is_at_terminal() {
        return Err(Failure::wrong(
            "nobody is at the terminal to be asked for a password; give it by --password-stdin",
        ));
    }
    let given = terminal::ask_twice("Password of the operator: ", "passwords")?;
    given.ok_or_else(|| Failure::wrong("a password is needed"))
}

async fn raise(args: &OperatorCreateArgs, printer: &Printer) -> Result<(), Failure> {
    let core = start(&args.place).await?;
    let email = &args.email;
    let raised = accounts::raise(&core, email).await.map_err(|error| match error.code() {
        ErrorCode::NotFound => Failure::wrong(format!("{email} has no account; without --existing one is made")),
        ErrorCode::AccountDisabled => Failure::wrong(format!("the account of {email} is disabled")),
        ErrorCode::EmailNotVerified => Failure::wrong(format!(
            "the address {email} was never proven, so its account may be somebody else's; let its owner prove it first"
        )),
        _ => explain(error),
    })?;
    core.store().close().await;
    let text = if raised {
        format!(
            "The existing account {email} is an operator's now. Its password and companies stay as they are. {NEXT}"
        )
    } else {
        format!("{email} is an operator already.")
    };
    printer.result(&json!({"email": email, "existing": true, "raised": raised}), &text);
    Ok(())
}

async fn revoke(args: &OperatorRevokeArgs, printer: &Printer) -> Result<(), Failure> {
    let none = || Failure::wrong(format!("{} is no operator; `erpmax operator list` shows them", args.email));
    let core = start(&args.place).await?;
    let revoked = accounts::revoke(&core, &args.email).await.map_err(|error| match error.code() {
        ErrorCode::NotFound => none(),
        _ => explain(error),
    })?;
    core.store().close().await;
    if !revoked {
        return Err(none());
    }
    let text = format!(
        "{} is no operator any more; support accesses under way have ended. The account and its companies stay.",
        args.email
    );
    printer.result(&json!({"email": args.email, "revoked": true}), &text);
    Ok(())
}

async fn list(place: &Place, printer: &Printer) -> Result<(), Failure> {
    let configuration = place.load()?;
    let store = DataFolder::look(&configuration)?.open_store(&configuration).await?;
    let rows = accounts::list(&store).await.map_err(explain)?;
    store.close().await;
    let document: Vec<Value> = rows.iter().map(as_json).collect();
    printer.result(&json!({"operators": document}), &as_text(&rows));
    Ok(())
}

fn as_json(row: &OperatorRow) -> Value {
    json!({
        "id": row.id, "email": row.email, "full_name": row.full_name, "is_active": row.is_active,
        "second_factor": row.second_factor_at.is_some(), "last_used_at": row.last_used_at,
    })
}

fn as_text(rows: &[OperatorRow]) -> String {
    if rows.is_empty() {
        return "There are none. `erpmax operator create EMAIL` makes one.".to_owned();
    }
    let width = rows.iter().map(|row| row.email.chars().count()).max().unwrap_or(0).max("E-mail".len());
    let mut text = format!("{:width$}  Second factor  Last used                    Name\n", "E-mail");
    for row in rows {
        let factor = if row.second_factor_at.is_some() { "yes" } else { "not yet" };
        let used = row.last_used_at.map_or_else(|| "never".to_owned(), |at| at.to_string());
        let closed = if row.is_active { "" } else { " (account disabled)" };
        let _ = writeln!(text, "{:width$}  {factor:13}  {used:27}  {}{closed}", row.email, row.full_name);
    }
    text
}

/// The rules on the database of the configuration, beside a `serve` that may be using it.
async fn start(place: &Place) -> Result<Core, Failure> {
    let configuration = place.load()?;
    let folder = DataFolder::look(&configuration)?;
    let store = folder.open_store(&configuration).await?;
    let settings = configuration.settings(configuration.first_port(), &configuration.data)?;
    let master = key_file::load(&folder.master_key_path(&configuration))?;
    Core::start(store, Clock::System, settings, master, Providers::default())
        .await
        .map_err(|error| Failure::wrong(format!("{error:#}")))
}

/// A refusal in the words that people get from the API.
fn explain(error: Error) -> Failure {
    match error {
        Error::Refused(refusal) => {
            let body = Language::english().error(&refusal);
            Failure::wrong(sentences(&json!(body)))
        }
        Error::Internal(cause) => Failure::Unexpected(cause),
    }
}

fn sentences(body: &Value) -> String {
    let Some(details) = body["details"].as_object().filter(|details| !details.is_empty()) else {
        return body["message"].as_str().unwrap_or_default().to_owned();
    };
    let lines = details.iter().flat_map(|(field, problems)| {
        problems
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
            .map(move |problem| format!("{field}: {problem}"))
    });
    lines.collect::<Vec<_>>().join("; ")
}
