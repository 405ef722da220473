//! The page where one pays the sandbox. Its forms are answered by a page that moves on by itself, because a policy on forms
//! also holds for where they redirect to.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use erpmax_core::Error;
use erpmax_core::billing::sandbox::{self, SandboxCheckout};
use erpmax_types::ErrorCode;

use crate::App;
use crate::pages::{Form, Next, Page, View};

/// `GET /sandbox/checkout/{id}`.
pub(crate) async fn show(State(app): State<App>, Path(id): Path<String>, page: Page) -> Response {
    match sandbox::page(&app.core, &id).await {
        Ok(checkout) => page.show(&view_of(&page, checkout, &id)),
        Err(problem) => refuse(&page, &problem),
    }
}

/// `POST /sandbox/checkout/{id}/pay`.
pub(crate) async fn pay(State(app): State<App>, Path(id): Path<String>, page: Page) -> Response {
    move_on(&page, sandbox::pay(&app.core, &id).await, "checkout_paid")
}

/// `POST /sandbox/checkout/{id}/cancel`.
pub(crate) async fn cancel(State(app): State<App>, Path(id): Path<String>, page: Page) -> Response {
    move_on(&page, sandbox::give_up(&app.core, &id).await, "checkout_cancelled")
}

fn view_of(page: &Page, checkout: SandboxCheckout, id: &str) -> View {
    match checkout.status.as_str() {
        "open" => open(page, checkout, id),
        "paid" => end(page, "checkout_paid", checkout.success_url),
        "cancelled" => end(page, "checkout_cancelled", checkout.cancel_url),
        _ => noticed(page, page.view("checkout_expired")),
    }
}

fn open(page: &Page, checkout: SandboxCheckout, id: &str) -> View {
    let form = |name: &str, verb: &str| page.form(name, format!("/sandbox/checkout/{id}/{verb}"));
    let arguments = [("plan", checkout.plan_name.into()), ("company", checkout.company.into())];
    let view = View {
        figure: Some(checkout.amount_text),
        forms: vec![form("checkout_pay", "pay"), Form { quiet: true, ..form("checkout_cancel", "cancel") }],
        ..page.view_with("checkout_open", &arguments)
    };
    noticed(page, view)
}

fn end(page: &Page, name: &str, address: String) -> View {
    let next = Next { address, label: page.say("checkout_continue"), at_once: true };
    noticed(page, View { next: Some(next), ..page.view(name) })
}

fn noticed(page: &Page, view: View) -> View {
    View { notice: Some(page.say("checkout_notice")), ..view }
}

fn move_on(page: &Page, next: Result<String, Error>, name: &str) -> Response {
    match next {
        Ok(address) => page.show(&end(page, name, address)),
        Err(problem) => refuse(page, &problem),
    }
}

fn refuse(page: &Page, problem: &Error) -> Response {
    match problem.code() {
        ErrorCode::Conflict => page.show_as(StatusCode::CONFLICT, &noticed(page, page.view("checkout_closed"))),
        _ => page.refuse(problem),
    }
}
