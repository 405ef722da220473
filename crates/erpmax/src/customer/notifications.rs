//! `erpmax notification`: messages to the person.

use erpmax_client::Update;
use erpmax_client::types::NotificationId;
use erpmax_client::types::events::Event;
use futures_util::{StreamExt as _, TryStreamExt as _, future};
use serde_json::{Value, json};
use tokio::signal::ctrl_c;

use super::Desk;
use super::args::NotificationCommand;
use super::output::{document, minute, when};
use super::table::{Table, clean};
use crate::failure::Failure;

/// How many of the newest are listed.
const NEWEST: usize = 50;

pub(super) async fn run(command: &NotificationCommand, desk: &Desk<'_>) -> Result<(), Failure> {
    match command {
        NotificationCommand::List { unread } => list(*unread, desk).await,
        NotificationCommand::Read { id: Some(id), .. } => read(id, desk).await,
        NotificationCommand::Read { id: None, .. } => read_all(desk).await,
        NotificationCommand::Follow => follow(desk).await,
    }
}

async fn list(is_unread: bool, desk: &Desk<'_>) -> Result<(), Failure> {
    let all = desk.client.notifications().list().size(100).stream();
    let wanted = all.try_filter(|notification| future::ready(!is_unread || notification.read_at.is_none()));
    let notifications: Vec<_> = wanted.take(NEWEST).try_collect().await?;
    let mut table = Table::new().whole("New").whole("When (UTC)").text("Title").text("Message").whole("Id");
    for notification in &notifications {
        let mark = if notification.read_at.is_none() { "new" } else { "" };
        let (title, message) = (notification.title.clone(), notification.message.clone());
        table.row([mark.to_owned(), minute(notification.created_at), title, message, notification.id.to_string()]);
    }
    desk.table(&json!({"notifications": notifications}), &table, "There are none.");
    Ok(())
}

async fn read(id: &str, desk: &Desk<'_>) -> Result<(), Failure> {
    let wrong = |_| Failure::wrong(format!("`{id}` is no message's id; see which there are: erpmax notification list"));
    let id: NotificationId = id.parse().map_err(wrong)?;
    let notification = desk.client.notifications().read(id).await?;
    desk.printer.done(&document(&notification)?, &format!("Read: {}", clean(&notification.title)));
    Ok(())
}

async fn read_all(desk: &Desk<'_>) -> Result<(), Failure> {
    let marked = desk.client.notifications().read_all().await?;
    desk.printer.done(&document(&marked)?, &format!("{} marked as read.", marked.marked));
    Ok(())
}

/// Until Ctrl-C, which is how it is to end, or until nobody is signed in any more.
async fn follow(desk: &Desk<'_>) -> Result<(), Failure> {
    let mut events = desk.client.realtime().events();
    loop {
        let update = tokio::select! {
            interrupted = ctrl_c() => return interrupted.map_err(Failure::unexpected),
            update = events.try_next() => update?,
        };
        match update {
            Some(update) => tell(update, desk)?,
            None => return Ok(()),
        }
    }
}

fn tell(update: Update, desk: &Desk<'_>) -> Result<(), Failure> {
    match update {
        Update::Event { event: Event::NotificationNew(new), .. } => {
            let said: Value = document(&new)?;
            let text = format!("{}  {}: {}", when(new.created_at), clean(&new.title), clean(&new.message));
            desk.printer.result(&said, &text);
        }
        Update::Connected(_) => desk.printer.aside("Messages are shown as they come. Ctrl-C ends it."),
        Update::Interrupted { reason } => desk.printer.aside(&format!("No connection ({reason}); trying again …")),
        Update::Gap { .. } => {
            desk.printer.aside("Connected again. What may have been missed: erpmax notification list");
        }
        _ => {}
    }
    Ok(())
}
