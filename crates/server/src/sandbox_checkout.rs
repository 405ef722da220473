//! The page where one pays the sandbox. Its forms are answered by a page that moves on by itself, because a policy on forms
//! also holds for where they redirect to.

use askama::Template;
use axum::extract::{Path, State};
use axum::http::header::{CONTENT_SECURITY_POLICY, CONTENT_TYPE};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{Html, IntoResponse, Response};
use erpmax_core::Error;
use erpmax_core::billing::sandbox::{self, SandboxCheckout};
use tracing::error;

use crate::App;

const POLICY: &str =
    "default-src 'none'; style-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'";

#[derive(Default, Template)]
#[template(path = "checkout.html")]
struct CheckoutPage {
    heading: String,
    text: String,
    amount: String,
    id: String,
    open: bool,
    next: Option<String>,
}

/// `GET /sandbox/checkout/{id}`.
pub(crate) async fn show(State(app): State<App>, Path(id): Path<String>) -> Response {
    match sandbox::page(&app.core, &id).await {
        Ok(checkout) => render(StatusCode::OK, &page_of(checkout, id)),
        Err(problem) => refuse(&problem),
    }
}

/// `POST /sandbox/checkout/{id}/pay`.
pub(crate) async fn pay(State(app): State<App>, Path(id): Path<String>) -> Response {
    move_on(sandbox::pay(&app.core, &id).await, "Paid", "Thank you. You are taken back.")
}

/// `POST /sandbox/checkout/{id}/cancel`.
pub(crate) async fn cancel(State(app): State<App>, Path(id): Path<String>) -> Response {
    move_on(sandbox::give_up(&app.core, &id).await, "Not paid", "Nothing was taken. You are taken back.")
}

/// The pages' style sheet.
pub(crate) async fn style() -> Response {
    ([(CONTENT_TYPE, "text/css; charset=utf-8")], include_str!("../templates/checkout.css")).into_response()
}

fn page_of(checkout: SandboxCheckout, id: String) -> CheckoutPage {
    let (heading, text, next) = match checkout.status.as_str() {
        "open" => (format!("Plan {}", checkout.plan_name), format!("for {}", checkout.company), None),
        "paid" => ("Paid".to_owned(), "This was paid. Thank you.".to_owned(), Some(checkout.success_url)),
        "cancelled" => ("Not paid".to_owned(), "This was cancelled.".to_owned(), Some(checkout.cancel_url)),
        _ => ("Too late".to_owned(), "This checkout has expired. Please begin again in the app.".to_owned(), None),
    };
    CheckoutPage { heading, text, amount: checkout.amount_text, id, open: checkout.status == "open", next }
}

fn move_on(next: Result<String, Error>, heading: &str, text: &str) -> Response {
    match next {
        Ok(next) => {
            let page = CheckoutPage {
                next: Some(next),
                heading: heading.into(),
                text: text.into(),
                ..CheckoutPage::default()
            };
            render(StatusCode::OK, &page)
        }
        Err(problem) => refuse(&problem),
    }
}

fn refuse(problem: &Error) -> Response {
    let status = StatusCode::from_u16(problem.code().status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    if let Error::Internal(cause) = problem {
        error!(cause = format!("{cause:#}"), "A sandbox payment failed");
    }
    let text = match status {
        StatusCode::NOT_FOUND => "There is no such checkout.",
        StatusCode::CONFLICT => "This checkout can no longer be paid. Please begin again in the app.",
        _ => "This did not work. Please try again.",
    };
    let page = CheckoutPage { heading: "Sandbox payment".into(), text: text.into(), ..CheckoutPage::default() };
    render(status, &page)
}

fn render(status: StatusCode, page: &CheckoutPage) -> Response {
    match page.render() {
        Ok(html) => {
            let policy = [(CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY))];
            (status, policy, Html(html)).into_response()
        }
        Err(problem) => {
            error!(error = %problem, "A page cannot be rendered");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}
