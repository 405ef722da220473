//! Pages of the control plane that people reach by links: in mails, and to the sandbox's checkout.
//!
//! Each is a [`View`] in one template: no script, no style of its own, everything escaped, words from `pages.ftl` in the language of
//! `Accept-Language`. Programs open links in mails too, so a link shows a button, and only the form behind it changes something.

mod invitation;
mod page;
mod reset_password;
mod verify_email;
mod view;

use axum::Router;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use serde::Deserialize;

use crate::App;

pub(crate) use page::{Page, Typed};
pub(crate) use view::{Form, Next, View};

/// The query of a link in a mail.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Link {
    token: String,
}

/// The pages, and their style sheet.
pub(crate) fn router() -> Router<App> {
    Router::new()
        .route("/pages.css", get(style))
        .route("/invitation", get(invitation::show).post(invitation::accept))
        .route("/verify-email", get(verify_email::show).post(verify_email::verify))
        .route("/change-email", get(verify_email::show_change).post(verify_email::verify_change))
        .route("/forgot-password", get(reset_password::ask).post(reset_password::forgot))
        .route("/reset-password", get(reset_password::show).post(reset_password::reset))
}

async fn style() -> Response {
    ([(CONTENT_TYPE, "text/css; charset=utf-8")], include_str!("../../templates/page.css")).into_response()
}
