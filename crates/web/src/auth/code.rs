//! `/sign-in/code`: the second step of a sign-in.

use askama::Template;
use axum::Form;
use axum::http::StatusCode;
use axum::response::Response;
use erpmax_client::Error;
use erpmax_client::types::ErrorCode;
use serde::Deserialize;

use super::sign_in::again;
use crate::page::{Failure, Field, Frame, Page, Problems};
use crate::words::key;

/// The code, and which sign-in it goes on with.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct Answer {
    challenge: String,
    code: String,
    next: String,
}

#[derive(Template)]
#[template(path = "auth/code.html")]
pub(crate) struct CodePage {
    pub(crate) frame: Frame,
    pub(crate) problem: Option<String>,
    pub(crate) field: Field,
    pub(crate) challenge: String,
    pub(crate) next: String,
}

/// `POST /sign-in/code`.
pub(crate) async fn answer(page: Page, Form(typed): Form<Answer>) -> Result<Response, Failure> {
    let (client, session) = page.stranger()?;
    match client.auth().login_second_factor(&typed.challenge, &typed.code).await {
        Ok(_) => page.enter(session, &typed.next),
        Err(Error::Refused(refusal)) if refusal.code == Some(ErrorCode::InvalidGrant) => {
            Ok(again(&page, &typed.next, page.words.say(key::CODE_TOO_LATE)))
        }
        Err(error) => {
            let problems = page.problems(error)?;
            Ok(page.show_as(StatusCode::UNPROCESSABLE_ENTITY, &ask(&page, &typed.challenge, &typed.next, &problems)))
        }
    }
}

/// The form that asks for the code.
pub(super) fn ask(page: &Page, challenge: &str, next: &str, problems: &Problems) -> CodePage {
    let field = page.field("code", key::FIELD_CODE, "text", "one-time-code");
    CodePage {
        frame: page.frame(page.words.say(key::CODE_TITLE)),
        problem: problems.message.clone(),
        field: field.hinted(page.words.say(key::CODE_HINT)).marked(problems),
        challenge: challenge.to_owned(),
        next: next.to_owned(),
    }
}
