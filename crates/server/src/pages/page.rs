//! A request for a page, and the answers to it.

use std::convert::Infallible;

use askama::Template;
use axum::extract::FromRequestParts;
use axum::http::header::{CONTENT_LANGUAGE, CONTENT_SECURITY_POLICY, RETRY_AFTER, VARY};
use axum::http::request::Parts;
use axum::http::{HeaderValue, StatusCode};
use axum::response::{Html, IntoResponse, Response};
use erpmax_core::auth::Origin;
use erpmax_core::messages::Arguments;
use erpmax_core::{Error, Refusal};
use erpmax_types::ErrorCode;
use tracing::error;

use super::view::{Field, Form, Next, View};
use crate::App;
use crate::extract::RequestOrigin;
use crate::request_id::RequestId;

const POLICY: &str =
    "default-src 'none'; style-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'";

/// Somebody who looks at a page.
pub(crate) struct Page {
    pub(crate) app: App,
    pub(crate) origin: Origin,
    request_id: RequestId,
}

/// What is typed into a field, and whether it is shown again when something is wrong.
pub(crate) enum Typed<'a> {
    /// An e-mail address.
    Email(&'a str),
    /// A person's name.
    Name(&'a str),
    /// The password so far; never shown again.
    PresentPassword,
    /// A new password; never shown again.
    NewPassword,
}

impl FromRequestParts<App> for Page {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Infallible> {
        let request_id = parts.extensions.get().cloned().unwrap_or_default();
        let RequestOrigin(origin) = RequestOrigin::from_request_parts(parts, app).await?;
        Ok(Self { app: app.clone(), origin, request_id })
    }
}

impl Page {
    /// The message `page-{name}` of the catalogue.
    pub(crate) fn say(&self, name: &str) -> String {
        self.say_with(name, &[])
    }

    /// The message `page-{name}` with `arguments` in its places.
    pub(crate) fn say_with(&self, name: &str, arguments: &Arguments<'_>) -> String {
        self.origin.language.say(&format!("page-{name}"), arguments)
    }

    /// A page with the heading `page-{name}` and its `.text`.
    pub(crate) fn view(&self, name: &str) -> View {
        self.view_with(name, &[])
    }

    /// A page with the heading `page-{name}` and its `.text`, with `arguments` in their places.
    pub(crate) fn view_with(&self, name: &str, arguments: &Arguments<'_>) -> View {
        let text = self.say_with(&format!("{name}.text"), arguments);
        let paragraphs = text.split("\n\n").map(|one| one.split_whitespace().collect::<Vec<_>>().join(" "));
        View {
            language: self.origin.language.tag(),
            heading: self.say_with(name, arguments),
            paragraphs: paragraphs.collect(),
            ..View::default()
        }
    }

    /// A form that is sent to `action`, with the button `page-{name}.button`.
    pub(crate) fn form(&self, name: &str, action: impl Into<String>) -> Form {
        Form { action: action.into(), button: self.say(&format!("{name}.button")), ..Form::default() }
    }

    /// A field with the label `page-field_{name}`.
    pub(crate) fn field(&self, name: &'static str, typed: &Typed<'_>) -> Field {
        let (kind, autocomplete, value) = match *typed {
            Typed::Email(value) => ("email", "email", value),
            Typed::Name(value) => ("text", "name", value),
            Typed::PresentPassword => ("password", "current-password", ""),
            Typed::NewPassword => ("password", "new-password", ""),
        };
        let label = self.say(&format!("field_{name}"));
        Field { name, label, kind, autocomplete, value: value.to_owned(), problems: Vec::new() }
    }

    /// The answer to a form: the page `page-{done}` once it is carried out; `form` again where something can be put right; else
    /// why not.
    pub(crate) fn answer(&self, result: Result<(), Error>, done: &str, form: impl FnOnce() -> View) -> Response {
        match result {
            Ok(()) => self.show(&self.view(done)),
            Err(Error::Refused(refusal)) if can_be_put_right(refusal.code) => self.show_again(form(), &refusal),
            Err(error) => self.refuse(&error),
        }
    }

    fn show_again(&self, mut view: View, refusal: &Refusal) -> Response {
        let told = self.origin.language.error(refusal);
        view.problem = Some(told.message);
        view.put_problems(told.details.unwrap_or_default());
        self.render(status_of(refusal.code), &view, refusal)
    }

    /// A page that says why something was not done.
    pub(crate) fn refuse(&self, error: &Error) -> Response {
        self.refuse_towards(error, None)
    }

    /// A page that says why something was not done, and where it goes on.
    pub(crate) fn refuse_towards(&self, error: &Error, next: Option<Next>) -> Response {
        let refusal = match error {
            Error::Refused(refusal) => refusal.clone(),
            Error::Internal(cause) => {
                error!(request_id = self.request_id.as_str(), cause = format!("{cause:#}"), "A page failed");
                Refusal::of(error.code())
            }
        };
        let told = self.origin.language.error(&refusal);
        let view = View { paragraphs: vec![told.message], next, ..self.view("refused") };
        self.render(status_of(refusal.code), &view, &refusal)
    }

    /// Shows a page.
    pub(crate) fn show(&self, view: &View) -> Response {
        self.show_as(StatusCode::OK, view)
    }

    /// Shows a page with a status of its own.
    pub(crate) fn show_as(&self, status: StatusCode, view: &View) -> Response {
        let html = match view.render() {
            Ok(html) => html,
            Err(problem) => {
                error!(request_id = self.request_id.as_str(), error = %problem, "A page cannot be rendered");
                return StatusCode::INTERNAL_SERVER_ERROR.into_response();
            }
        };
        let mut response = (status, Html(html)).into_response();
        let headers = response.headers_mut();
        headers.insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
        headers.insert(VARY, HeaderValue::from_static("accept-language"));
        if let Ok(language) = HeaderValue::from_str(&view.language) {
            headers.insert(CONTENT_LANGUAGE, language);
        }
        response
    }

    fn render(&self, status: StatusCode, view: &View, refusal: &Refusal) -> Response {
        let mut response = self.show_as(status, view);
        if let Some(wait) = refusal.retry_after {
            response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(wait.as_secs().max(1)));
        }
        response
    }
}

/// Whether the same form may succeed with something else in it, or later.
const fn can_be_put_right(code: ErrorCode) -> bool {
    matches!(code, ErrorCode::ValidationFailed | ErrorCode::RateLimited)
}

fn status_of(code: ErrorCode) -> StatusCode {
    StatusCode::from_u16(code.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
}
