//! `/choices`: language and appearance, kept in cookies; the language of mails follows.

use axum::Form;
use axum::response::{IntoResponse, Redirect, Response};
use erpmax_client::types::proof::UpdateMe;
use serde::Deserialize;
use tracing::warn;

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
        tell_account(&page, &words).await;
        response = with_cookie(response, &page.web.cookies.cookie("language", words.tag()));
    }
    let theme = Theme::of(&chosen.theme);
    with_cookie(response, &page.web.cookies.cookie("theme", theme.name().to_owned()))
}

/// Mails and notifications come in the language that was chosen.
async fn tell_account(page: &Page, words: &Words) {
    let Some(session) = page.session_in_use() else { return };
    let update = UpdateMe { language: Some(words.tag()), ..UpdateMe::default() };
    let told = async { page.client_of(session)?.auth().update_me(&update).await };
    if let Err(error) = told.await {
        warn!(%error, "A language that was chosen is kept by the browser alone");
    }
}
