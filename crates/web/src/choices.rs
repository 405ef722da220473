//! `/choices`: language and appearance, kept in cookies.

use axum::Form;
use axum::response::{IntoResponse, Redirect, Response};
use serde::Deserialize;

use crate::page::{Page, Theme, own_path, with_cookie};
use crate::words::Words;

/// What is chosen, and where the person goes on.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct Choices {
    language: String,
    theme: String,
    next: String,
}

/// `POST /choices`.
pub(crate) async fn keep(page: Page, Form(chosen): Form<Choices>) -> Response {
    let mut response = Redirect::to(own_path(&chosen.next)).into_response();
    if let Some(words) = Words::find(&chosen.language) {
        response = with_cookie(response, &page.web.cookies.cookie("language", words.tag()));
    }
    let theme = Theme::of(&chosen.theme);
    with_cookie(response, &page.web.cookies.cookie("theme", theme.name().to_owned()))
}
