//! `/notifications`: messages to the person.

use askama::Template;
use axum::extract::Query;
use axum::response::{Redirect, Response};
use erpmax_client::types::notifications::{Notification, NotificationType};
use serde::Deserialize;

use crate::format::Moment;
use crate::page::{Failure, Frame, SignedIn};
use crate::words::{Words, key};

/// Which page of a list.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct Asked {
    page: Option<u32>,
}

/// A message, in words.
pub(crate) struct Message {
    pub(crate) title: String,
    pub(crate) text: String,
    /// The class of its mark.
    pub(crate) class: &'static str,
    pub(crate) is_unread: bool,
    pub(crate) at: Moment,
}

#[derive(Template)]
#[template(path = "notifications.html")]
pub(crate) struct NotificationsPage {
    pub(crate) frame: Frame,
    pub(crate) messages: Vec<Message>,
    pub(crate) has_unread: bool,
    pub(crate) newer: Option<u32>,
    pub(crate) older: Option<u32>,
}

/// `GET /notifications`.
pub(crate) async fn list(signed: SignedIn, Query(asked): Query<Asked>) -> Result<Response, Failure> {
    let number = asked.page.unwrap_or(1).max(1);
    let notifications = signed.client.notifications();
    let (list, unread) = tokio::try_join!(async { notifications.list().page(number).await }, notifications.unread())?;
    let words = &signed.page.words;
    let view = NotificationsPage {
        frame: signed.frame(words.say(key::NOTIFICATIONS_TITLE)),
        messages: list.items.iter().map(|message| Message::of(words, message)).collect(),
        has_unread: unread > 0,
        newer: (number > 1).then(|| number - 1),
        older: list.has_more().then(|| number + 1),
    };
    Ok(signed.page.show(&view))
}

/// `POST /notifications`: all are read.
pub(crate) async fn read_all(signed: SignedIn) -> Result<Redirect, Failure> {
    signed.client.notifications().read_all().await?;
    Ok(Redirect::to("/notifications"))
}

impl Message {
    pub(crate) fn of(words: &Words, message: &Notification) -> Self {
        let class = match message.kind {
            NotificationType::Info => "quiet",
            NotificationType::Success => "good",
            NotificationType::Warning => "busy",
            NotificationType::Error => "bad",
        };
        Self {
            title: message.title.clone(),
            text: message.message.clone(),
            class,
            is_unread: message.read_at.is_none(),
            at: words.date_time(message.created_at),
        }
    }
}
