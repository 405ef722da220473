//! `erpmax mail`: whether mail works, what became of mails, and another try for what was refused.

use std::fmt::Write as _;

use erpmax_core::mail::{Failed, MailTransport, Postman, Stage};
use erpmax_core::messages::Language;
use erpmax_core::{Clock, Settings, mail};
use erpmax_store::mails::MailRow;
use erpmax_types::MailId;
use erpmax_types::mail::MailStatus;
use serde_json::{Value, json};

use crate::args::{MailCommand, MailListArgs, MailRetryArgs, MailTestArgs};
use crate::data::DataFolder;
use crate::failure::Failure;
use crate::printer::Printer;

/// How many mails are listed.
const MOST: i64 = 200;

pub(crate) fn run(command: &MailCommand, printer: &Printer) -> Result<(), Failure> {
    crate::runtime()?.block_on(async {
        match command {
            MailCommand::Test(args) => test(args, printer).await,
            MailCommand::List(args) => list(args, printer).await,
            MailCommand::Retry(args) => retry(args, printer).await,
        }
    })
}

/// Sends a mail at once, past the queue.
async fn test(args: &MailTestArgs, printer: &Printer) -> Result<(), Failure> {
    let configuration = args.place.load()?;
    let settings = configuration.settings(configuration.first_port(), &configuration.data)?;
    let postman = Postman::new(&settings).map_err(|error| Failure::wrong(format!("{error:#}")))?;
    let clock = Clock::System;
    let sent = postman.test(clock.id(), clock.now(), &args.address, &own_language()).await;
    let answer = sent.map_err(|failed| Failure::wrong(format!("{failed}.\n{}", advice(&failed, &settings))))?;
    printer.note(&match &settings.mail.transport {
        MailTransport::Smtp(server) => {
            format!("The mail server {} took the mail to {}: {answer}", server.host, args.address)
        }
        MailTransport::Folder(_) => format!("There is no mail server (mail.host), so nothing was sent: {answer}."),
    });
    Ok(())
}

/// What to change.
pub(crate) fn advice(failed: &Failed, settings: &Settings) -> String {
    let server = match &settings.mail.transport {
        MailTransport::Smtp(server) => format!("{}:{}", server.host, server.port),
        MailTransport::Folder(_) => String::new(),
    };
    match failed.stage {
        Stage::Connecting => {
            format!("Check mail.host and mail.port ({server}), mail.security, and that no firewall is in between.")
        }
        Stage::Securing => {
            "Check that mail.security fits mail.port (starttls with 587, tls with 465). A certificate that this \
                            machine does not trust goes into mail.ca_file; mail.host must be the name in it."
                .to_owned()
        }
        Stage::SigningIn => "Check mail.username and mail.password or mail.password_file.".to_owned(),
        Stage::Sender => {
            format!("Check mail.from ({}): the server must let this account send from it.", settings.mail.from)
        }
        Stage::Recipient => {
            "Check the address. If the server will not relay, it wants you to sign in: mail.username.".to_owned()
        }
        Stage::Message => {
            "The server says why. Often SPF, DKIM or DMARC of the sender's domain are missing.".to_owned()
        }
        Stage::Folder => "Make the folder writable, or choose another one by mail.folder.".to_owned(),
        Stage::Writing => "Check the address.".to_owned(),
    }
}

/// The language of whoever sits at the terminal.
fn own_language() -> Language {
    let tag = std::env::var("LANG").unwrap_or_default();
    Language::from_tag(tag.split(['_', '.']).next().unwrap_or_default())
}

async fn list(args: &MailListArgs, printer: &Printer) -> Result<(), Failure> {
    let configuration = args.place.load()?;
    let store = DataFolder::look(&configuration)?.open_store(&configuration).await?;
    let status = args.refused.then_some(MailStatus::Refused);
    let rows = mail::list(&store, status, MOST).await.map_err(Failure::unexpected)?;
    store.close().await;
    let document: Vec<Value> = rows.iter().map(as_json).collect();
    printer.result(&json!({"mails": document}), &as_text(&rows));
    Ok(())
}

fn as_json(row: &MailRow) -> Value {
    json!({
        "id": row.id, "address": row.address, "kind": row.kind, "language": row.language, "status": row.status,
        "attempts": row.attempts, "last_error": row.last_error, "user_id": row.user_id, "tenant_id": row.tenant_id,
        "created_at": row.created_at, "sent_at": row.sent_at,
    })
}

fn as_text(rows: &[MailRow]) -> String {
    if rows.is_empty() {
        return "There are none.".to_owned();
    }
    let mut text = String::new();
    for row in rows {
        let _ = writeln!(text, "{}  {}  {:7}  {:22}  {}", row.id, row.created_at, row.status, row.kind, row.address);
        if let Some(error) = &row.last_error {
            let _ = writeln!(text, "    {error}");
        }
    }
    text
}

async fn retry(args: &MailRetryArgs, printer: &Printer) -> Result<(), Failure> {
    let none = || {
        Failure::wrong("there is no refused mail of this id; `erpmax mail list --refused` shows those that there are")
    };
    let id: MailId = args.id.parse().map_err(|_| none())?;
    let configuration = args.place.load()?;
    let store = DataFolder::look(&configuration)?.open_store(&configuration).await?;
    let queued = mail::retry(&store, &Clock::System, id).await.map_err(Failure::unexpected)?;
    store.close().await;
    if !queued {
        return Err(none());
    }
    printer.note("The mail is queued again. `erpmax serve` sends it.");
    Ok(())
}
