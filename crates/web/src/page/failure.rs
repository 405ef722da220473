//! What went wrong with a request for a page: told where it happens, turned into words in one place.

use std::sync::Arc;

use askama::Template;
use axum::extract::Request;
use axum::http::StatusCode;
use axum::middleware::Next;
use axum::response::{IntoResponse, Redirect, Response};
use erpmax_client::Error;
use erpmax_client::types::ErrorCode;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use tracing::error;

use super::{Frame, Page, with_cookie};
use crate::words::key;

/// Why a page is not shown.
#[derive(Clone, Debug)]
pub(crate) enum Failure {
    /// Nobody is signed in.
    SignedOut,
    /// There is no such page, or not for this person.
    NotFound,
    /// A form of another site.
    ForeignForm,
    /// The server refused, or could not be asked.
    Client(Arc<Error>),
    /// Something that never happens.
    Broken,
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        match error {
            Error::Unauthorized(_) => Self::SignedOut,
            Error::NotFound(_) => Self::NotFound,
            other => Self::Client(Arc::new(other)),
        }
    }
}

/// A mark; [`render_failures`] writes the page.
impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let mut response = StatusCode::INTERNAL_SERVER_ERROR.into_response();
        response.extensions_mut().insert(self);
        response
    }
}

/// A page that says why another one is not shown.
#[derive(Template)]
#[template(path = "problem.html")]
pub(crate) struct ProblemPage {
    pub(crate) frame: Frame,
    pub(crate) heading: String,
    pub(crate) text: String,
    pub(crate) reference: Option<String>,
}

/// Writes pages for failures, and for what no route answers.
pub(crate) async fn render_failures(page: Page, request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    match response.extensions_mut().remove::<Failure>() {
        Some(failure) => page.refuse(&failure),
        None if response.status() == StatusCode::METHOD_NOT_ALLOWED => page.refuse(&Failure::NotFound),
        None => response,
    }
}

impl Page {
    fn refuse(&self, failure: &Failure) -> Response {
        let say = |heading, text| (self.words.say(heading), self.words.say(text));
        let (status, (heading, text), reference) = match failure {
            Failure::SignedOut => return self.ask_to_sign_in(),
            Failure::NotFound => {
                (StatusCode::NOT_FOUND, say(key::PROBLEM_NOT_FOUND, key::PROBLEM_NOT_FOUND_TEXT), None)
            }
            Failure::ForeignForm => {
                (StatusCode::FORBIDDEN, say(key::PROBLEM_HEADING, key::PROBLEM_FORBIDDEN_ORIGIN), None)
            }
            // A company may require it of its members.
            Failure::Client(error) if error.code() == Some(ErrorCode::SecondFactorRequired) => {
                return Redirect::to("/settings/two-factor").into_response();
            }
            Failure::Client(error) => self.refusal(error),
            Failure::Broken => {
                error!("A page broke");
                (StatusCode::INTERNAL_SERVER_ERROR, say(key::PROBLEM_HEADING, key::PROBLEM_UNEXPECTED), None)
            }
        };
        let frame = self.frame(heading.clone());
        let reference = reference.map(|id: String| self.words.say1(key::PROBLEM_REFERENCE, "id", id));
        self.show_as(status, &ProblemPage { frame, heading, text, reference })
    }

    /// What the server said; what it could not say is our fault, and goes into the log.
    fn refusal(&self, problem: &Error) -> (StatusCode, (String, String), Option<String>) {
        let heading = self.words.say(key::PROBLEM_HEADING);
        let refusal = problem.refusal();
        let told = refusal.filter(|refusal| refusal.status < 500);
        if let Some(refusal) = told {
            let status = StatusCode::from_u16(refusal.status).unwrap_or(StatusCode::BAD_REQUEST);
            return (status, (heading, refusal.message.clone()), None);
        }
        error!(error = %problem, "A page could not be made");
        let reference = refusal.and_then(|refusal| refusal.request_id.clone());
        (StatusCode::BAD_GATEWAY, (heading, self.words.say(key::PROBLEM_UNEXPECTED)), reference)
    }

    /// Afterwards people land where they wanted to go.
    fn ask_to_sign_in(&self) -> Response {
        let next = utf8_percent_encode(&self.path, NON_ALPHANUMERIC);
        let address =
            if self.path == "/" || !self.is_reading { "/sign-in".to_owned() } else { format!("/sign-in?next={next}") };
        let response = Redirect::to(&address).into_response();
        match &self.ticket {
            Some(ticket) => {
                self.web.sessions.forget(ticket.id);
                with_cookie(response, &self.web.cookies.end())
            }
            None => response,
        }
    }
}
