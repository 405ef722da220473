//! `/settings/account`: name, password and where the person is signed in.

use askama::Template;
use axum::Form;
use axum::extract::Query;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use erpmax_client::Error;
use erpmax_client::types::proof::UpdateMe;
use erpmax_client::types::users::Session;
use serde::Deserialize;

use crate::format::Moment;
use crate::page::{Failure, Field, Frame, Problems, SignedIn};
use crate::words::{Words, key};

/// Sessions that are listed.
const MOST: u32 = 20;

/// What is typed.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct Profile {
    full_name: String,
}

/// Both passwords.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct Passwords {
    current_password: String,
    new_password: String,
}

/// What another request did.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct Told {
    password: Option<String>,
}

#[derive(Template)]
#[template(path = "settings/account.html")]
pub(crate) struct AccountPage {
    frame: Frame,
    news: Option<String>,
    problem: Option<String>,
    email: String,
    name: Field,
    passwords: Vec<Field>,
    sessions: Vec<SessionLine>,
    has_others: bool,
}

/// A place where the person is signed in.
struct SessionLine {
    device: String,
    address: String,
    used: Moment,
    is_current: bool,
}

/// `GET /settings/account`.
pub(crate) async fn show(signed: SignedIn, Query(told): Query<Told>) -> Result<Response, Failure> {
    let mut view = view(&signed, &Problems::default()).await?;
    view.news = told.password.map(|_| signed.page.words.say(key::ACCOUNT_PASSWORD_CHANGED));
    Ok(signed.page.show(&view))
}

/// `POST /settings/account`.
pub(crate) async fn update(signed: SignedIn, Form(typed): Form<Profile>) -> Result<Response, Failure> {
    let update = UpdateMe { full_name: Some(typed.full_name.clone()), ..UpdateMe::default() };
    match signed.client.auth().update_me(&update).await {
        Ok(_) => Ok(Redirect::to("/settings/account").into_response()),
        Err(error) => show_again(&signed, error, |view| view.name.value = typed.full_name).await,
    }
}

/// `POST /settings/account/password`: every other session ends.
pub(crate) async fn change_password(signed: SignedIn, Form(typed): Form<Passwords>) -> Result<Response, Failure> {
    match signed.client.auth().change_password(&typed.current_password, &typed.new_password).await {
        Ok(_) => Ok(Redirect::to("/settings/account?password").into_response()),
        Err(error) => show_again(&signed, error, |_| {}).await,
    }
}

/// `POST /settings/account/sessions`: ends all others.
pub(crate) async fn end_sessions(signed: SignedIn) -> Result<Redirect, Failure> {
    signed.client.auth().end_sessions().await?;
    Ok(Redirect::to("/settings/account"))
}

async fn show_again(signed: &SignedIn, error: Error, keep: impl FnOnce(&mut AccountPage)) -> Result<Response, Failure> {
    let problems = signed.page.problems(error)?;
    let mut view = view(signed, &problems).await?;
    keep(&mut view);
    Ok(signed.page.show_as(StatusCode::UNPROCESSABLE_ENTITY, &view))
}

async fn view(signed: &SignedIn, problems: &Problems) -> Result<AccountPage, Failure> {
    let (page, user) = (&signed.page, &signed.me.user);
    let sessions = async { signed.client.auth().sessions().size(MOST).await }.await?;
    let passwords = [
        page.field("current_password", key::FIELD_CURRENT_PASSWORD, "password", "current-password"),
        page.field("new_password", key::FIELD_NEW_PASSWORD, "password", "new-password")
            .hinted(page.words.say(key::PASSWORD_HINT)),
    ];
    let name = page.field("full_name", key::FIELD_FULL_NAME, "text", "name").with(&user.full_name);
    Ok(AccountPage {
        frame: signed.frame(page.words.say(key::ACCOUNT_TITLE)),
        news: None,
        problem: problems.message.clone(),
        email: user.email.clone(),
        name: name.marked(problems),
        passwords: passwords.map(|field| field.marked(problems)).into(),
        has_others: sessions.total > 1,
        sessions: sessions.items.iter().map(|session| SessionLine::of(&page.words, session)).collect(),
    })
}

impl SessionLine {
    fn of(words: &Words, session: &Session) -> Self {
        Self {
            device: session.device.clone(),
            address: session.address.clone(),
            used: words.date_time(session.last_used_at),
            is_current: session.current,
        }
    }
}
