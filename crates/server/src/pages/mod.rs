//! Pages of the control plane that people reach by links: in mails, and to the sandbox's checkout.
//!
//! Each is a [`View`] in one template: no script, no style of its own, everything escaped, words from `pages.ftl` in the language of
//! `Accept-Language`. Programs open links in mails too, so a link shows a button, and only the form behind it changes something.

#![expect(dead_code, unused_imports, reason = "the first forms come with the pages behind links in mails")]

mod page;
mod view;

use axum::Router;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use axum::routing::get;

use crate::App;

pub(crate) use page::{Page, Typed};
pub(crate) use view::{Form, Next, View};

/// The pages, and their style sheet.
pub(crate) fn router() -> Router<App> {
    Router::new().route("/pages.css", get(style))
}

async fn style() -> Response {
    ([(CONTENT_TYPE, "text/css; charset=utf-8")], include_str!("../../templates/page.css")).into_response()
}
