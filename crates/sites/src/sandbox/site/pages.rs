//! The pages. Templates escape everything they are given.

use askama::Template;
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse as _, Response};
use erpmax_types::sso::SsoUser;

use crate::sandbox::record::SiteRecord;

/// The site's one page.
#[derive(Template)]
#[template(path = "home.html")]
pub(super) struct Home<'a> {
    pub(super) site: &'a SiteRecord,
    /// Who is signed in.
    pub(super) visitor: Option<SsoUser>,
    pub(super) public_url: &'a str,
}

/// A page that says one thing.
#[derive(Template)]
#[template(path = "notice.html")]
pub(super) struct Notice<'a> {
    title: &'a str,
    text: &'a str,
    /// Address and words of the way on.
    link: Option<(&'a str, &'a str)>,
    looks_again: bool,
}

impl<'a> Notice<'a> {
    pub(super) const fn new(title: &'a str, text: &'a str) -> Self {
        Self { title, text, link: None, looks_again: false }
    }

    pub(super) const fn with_link(self, address: &'a str, words: &'a str) -> Self {
        Self { link: Some((address, words)), ..self }
    }

    pub(super) const fn that_looks_again(self) -> Self {
        Self { looks_again: true, ..self }
    }

    pub(super) fn show(&self, status: StatusCode) -> Response {
        show(status, self)
    }
}

pub(super) fn show(status: StatusCode, page: &impl Template) -> Response {
    match page.render() {
        Ok(page) => (status, Html(page)).into_response(),
        Err(error) => {
            tracing::error!(%error, "A page cannot be rendered");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}
