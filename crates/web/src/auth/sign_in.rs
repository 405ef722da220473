//! `/sign-in`.

use askama::Template;
use axum::Form;
use axum::extract::Query;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use serde::Deserialize;

use super::code;
use crate::page::{Failure, Field, Frame, Page, Problems, own_path};
use crate::words::key;

/// What is typed, and where the person wanted to go.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct SignIn {
    email: String,
    password: String,
    next: String,
}

#[derive(Template)]
#[template(path = "auth/sign_in.html")]
pub(crate) struct SignInPage {
    pub(crate) frame: Frame,
    pub(crate) problem: Option<String>,
    pub(crate) fields: Vec<Field>,
    pub(crate) next: String,
}

/// `GET /sign-in`.
pub(crate) async fn show(page: Page, Query(asked): Query<SignIn>) -> Response {
    if page.session_in_use().is_some() {
        return Redirect::to(own_path(&asked.next)).into_response();
    }
    page.show(&view(&page, &asked, &Problems::default()))
}

/// `POST /sign-in`.
pub(crate) async fn sign_in(page: Page, Form(typed): Form<SignIn>) -> Result<Response, Failure> {
    let (client, session) = page.stranger()?;
    match client.auth().login(&typed.email, &typed.password).await {
        Ok(_) => page.enter(session, &typed.next),
        Err(error) => {
            if let Some(challenge) = error.challenge() {
                return Ok(page.show(&code::ask(&page, challenge, &typed.next, &Problems::default())));
            }
            let problems = page.problems(error)?;
            Ok(page.show_as(StatusCode::UNPROCESSABLE_ENTITY, &view(&page, &typed, &problems)))
        }
    }
}

/// The form from the beginning, with a sentence why.
pub(super) fn again(page: &Page, next: &str, why: String) -> Response {
    let typed = SignIn { next: next.to_owned(), ..SignIn::default() };
    let view = SignInPage { problem: Some(why), ..view(page, &typed, &Problems::default()) };
    page.show_as(StatusCode::UNPROCESSABLE_ENTITY, &view)
}

fn view(page: &Page, typed: &SignIn, problems: &Problems) -> SignInPage {
    let fields = [
        page.field("email", key::FIELD_EMAIL, "email", "username").with(&typed.email),
        page.field("password", key::FIELD_PASSWORD, "password", "current-password"),
    ];
    SignInPage {
        frame: page.frame(page.words.say(key::SIGN_IN_TITLE)),
        problem: problems.message.clone(),
        fields: fields.map(|field| field.marked(problems)).into(),
        next: typed.next.clone(),
    }
}
